"""Where a walk through a list stands, as a token that whoever walks hands back."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

_CHECK_BYTES = 6
_LARGEST = 2**63


@dataclass(frozen=True)
class Cursor:
    """The list that is walked, and the place after which it goes on.

    `value` and `id` are those of the last record that was seen, in the order of the list.
    `newest` is the newest id there was at the start: a walk ends, however many come after it.
    Ids are in hexadecimal digits.
    """

    kind: str
    sort: str
    order: str
    filters: dict[str, str]
    value: int | str
    id: str
    newest: str

    def token(self) -> str:
        """Return the token, in characters that need no quoting in a URL."""
        fields = list(vars(self).values())
        content = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(_check(content) + content).rstrip(b"=").decode()


def read_token(token: str) -> Cursor:
    """Return the cursor of a token.

    Raises ValueError, TypeError or RecursionError for one that is not ours.
    """
    padded = token.encode("ascii") + b"=" * (-len(token) % 4)
    decoded = base64.b64decode(padded, altchars=b"-_", validate=True)
    content = decoded[_CHECK_BYTES:]
    if decoded[:_CHECK_BYTES] != _check(content):
        raise ValueError("a token that has been altered")
    cursor = Cursor(*json.loads(content))
    # The check finds mistakes, not malice: whoever reads this code can make a token.
    for each in (cursor.id, cursor.newest):
        bytes.fromhex(each)
    if not _is_kept(cursor.value):
        raise ValueError("a token that was made by hand")
    return cursor


def _is_kept(value: Any) -> bool:
    """Return whether SQLite can compare the value with those of a column."""
    if isinstance(value, str):
        value.encode()
        return True
    return type(value) is int and -_LARGEST <= value < _LARGEST


def _check(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_CHECK_BYTES, person=b"leadbook").digest()
