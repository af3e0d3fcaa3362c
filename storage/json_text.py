"""Values as JSON text, for answers, for files and for columns that hold JSON."""

import json
import re
from collections.abc import Iterator
from typing import Any

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
# A string, which stays as it is, or a small number, which Python writes in another way than orjson.
_SMALL = re.compile(r'"(?:[^"\\]++|\\.)*+"|([0-9])(?:\.([0-9]+))?e-0([0-9])')
_LARGEST_FIXED = 5


def encode_plainly(value: Any) -> bytes:
    """Return what `encode` returns, with only the standard library."""
    text = _encoder.encode(value)
    return f"{_SMALL.sub(_as_orjson, text) if 'e-0' in text else text}\n".encode()


def _as_orjson(found: re.Match[str]) -> str:
    digit, more, exponent = found.groups()
    if digit is None:
        return found[0]
    if int(exponent) == _LARGEST_FIXED:
        return f"0.0000{digit}{more or ''}"
    return f"{digit}{f'.{more}' if more else ''}e-{exponent}"


def as_text(value: Any) -> str:
    """Return `value` as JSON without a line break, as a column or a cell has it."""
    return encode(value)[:-1].decode()


def texts_in(value: Any) -> Iterator[str]:
    """Yield the texts in a value of JSON, without the names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for each in value.values() for text in texts_in(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in texts_in(each))


try:
    import orjson
except ImportError:
    # It has compiled code, which does not exist for every platform.
    encode, decode = encode_plainly, json.loads
else:

    def decode(text: str) -> Any:  # type: ignore[misc]  # json.loads has options that we do not use
        """Return the value of a JSON text that `encode` has written. Raises ValueError."""
        return orjson.loads(text)

    def encode(value: Any) -> bytes:
        """Return `value` as one line of JSON, with its line break.

        orjson gives the same bytes as the standard library in a tenth of the time.
        """
        return orjson.dumps(value, None, orjson.OPT_APPEND_NEWLINE)
