"""Which callers take gzip, and the bodies and ETags of compressed answers."""

import zlib

from flask import request

# The container format of gzip: https://docs.python.org/3/library/zlib.html#zlib.compressobj
_GZIP = 31


def takes_gzip() -> bool:
    """Return whether the caller takes gzip, and does not prefer the answer as it is."""
    accepted = request.accept_encodings
    gzip = accepted.quality("gzip")
    plain = max((q for name, q in accepted if name.lower() == "identity"), default=0)
    return gzip > 0 and gzip >= plain


def compressed(body: bytes) -> bytes:
    """Return a body in the encoding gzip; the same bytes for the same body."""
    return zlib.compress(body, wbits=_GZIP)


def compressed_tag(tag: str) -> str:
    """Return the tag of an answer that is compressed.

    A strong tag stands for the bytes: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3.3
    """
    return f"{tag}-gzip"
