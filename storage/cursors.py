"""The position in a list, as a token that the caller sends back to get the next page."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

_CHECK_BYTES = 6
_LARGEST = 2**63


@dataclass(frozen=True)
class Cursor:
    """A list, and the position after which the next page begins.

    `value` and `id` are the sort value and the id of the last record on the page before. `newest`
    is the newest id at the first page: later records are left out, so that a walk always ends. Ids
    are in hexadecimal digits.
    """

    kind: str
    sort: str
    order: str
    filters: dict[str, Any]
    value: int | str
    id: str
    newest: str

    def token(self) -> str:
        """Return the token; its characters need no quoting in a URL."""
        return token_of(list(vars(self).values()))


def read_token(token: str) -> Cursor:
    """Return the cursor of a token.

    Raises ValueError, TypeError or RecursionError for a token that is not ours.
    """
    cursor = Cursor(*values_of(token))
    # The check finds mistakes, not attacks: a reader of this code can make a token.
    for each in (cursor.id, cursor.newest):
        bytes.fromhex(each)
    if not is_kept(cursor.value):
        raise ValueError("a token that was made by hand")
    return cursor


def token_of(values: list[Any]) -> str:
    """Return the token of some values, which JSON can have."""
    content = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_check(content) + content).rstrip(b"=").decode()


def values_of(token: str) -> Any:
    """Return the values of a token, which a caller may have made by hand. Raises as read_token."""
    padded = token.encode("ascii") + b"=" * (-len(token) % 4)
    decoded = base64.b64decode(padded, altchars=b"-_", validate=True)
    content = decoded[_CHECK_BYTES:]
    if decoded[:_CHECK_BYTES] != _check(content):
        raise ValueError("a token that has been altered")
    return json.loads(content)


def is_kept(value: Any) -> bool:
    """Return whether SQLite can compare the value with a column."""
    if isinstance(value, str):
        value.encode()
        return True
    return type(value) is int and -_LARGEST <= value < _LARGEST


def _check(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_CHECK_BYTES, person=b"leadbook").digest()
