"""Which answers are compressed with gzip, and the ETags of those."""

import zlib

from flask import Flask, Response, current_app, request

from leadbook.access.fronting import LATER

# The container format of gzip: https://docs.python.org/3/library/zlib.html#zlib.compressobj
_GZIP = 31
# In bytes. A shorter answer fits into one packet, and hardly gets smaller.
_LARGEST_PLAIN = 1024
# Level 6 takes two to four times as long, and makes a page only a tenth smaller.
_QUICK = 1


def register_compression(app: Flask) -> None:
    """Compress JSON answers of `app`, if the setting is on."""
    if app.config["COMPRESS"]:
        app.after_request(_compress)


def takes_gzip() -> bool:
    """Return whether the caller takes gzip, and does not prefer the answer as it is."""
    accepted = request.accept_encodings
    gzip = accepted.quality("gzip")
    plain = max((q for name, q in accepted if name.lower() == "identity"), default=0)
    return gzip > 0 and gzip >= plain


def is_compressed(length: int) -> bool:
    """Return whether a JSON answer of `length` bytes to this request is compressed."""
    is_large = length > _LARGEST_PLAIN
    return is_large and bool(current_app.config["COMPRESS"]) and takes_gzip()


def compressed(body: bytes, level: int = zlib.Z_DEFAULT_COMPRESSION) -> bytes:
    """Return a body in the encoding gzip; the same bytes for the same body."""
    return zlib.compress(body, level, wbits=_GZIP)


def compressed_tag(tag: str) -> str:
    """Return the tag of an answer that is compressed.

    A strong tag stands for the bytes: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3.3
    """
    return f"{tag}-gzip"


def _compress(response: Response) -> Response:
    if not (response.is_json or response.status_code == 304):
        return response
    response.vary.add("Accept-Encoding")
    is_whole = response.is_sequence and "Content-Encoding" not in response.headers
    # The server may later replace the body of an answer that waits, but not its headers.
    is_final = LATER not in request.environ
    if is_whole and is_final and is_compressed(len(body := response.get_data())):
        response.set_data(compressed(body, _QUICK))
        response.content_encoding = "gzip"
        tag, is_weak = response.get_etag()
        if tag and not is_weak:
            response.set_etag(compressed_tag(tag))
    return response
