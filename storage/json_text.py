"""Values as JSON text, for answers, for files and for columns that hold JSON."""

import json
from typing import Any

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode_plainly(value: Any) -> bytes:
    """Return what `encode` returns, with only the standard library."""
    return f"{_encoder.encode(value)}\n".encode()


try:
    import orjson
except ImportError:
    # It has compiled code, which does not exist for every platform.
    encode, decode = encode_plainly, json.loads
else:

    def decode(text: str) -> Any:  # type: ignore[misc]  # json.loads has options that we do not use
        """Return the value of a JSON text that `encode` has written."""
        return orjson.loads(text)

    def encode(value: Any) -> bytes:
        """Return `value` as one line of JSON, with its line break.

        orjson gives the same bytes as the standard library in a tenth of the time.
        """
        return orjson.dumps(value, None, orjson.OPT_APPEND_NEWLINE)
