"""Files that stay the same while the service runs: answered with an ETag, and compressed once."""

import hashlib
import zlib

from flask import Response, request

# The container format of gzip: https://docs.python.org/3/library/zlib.html#zlib.compressobj
_GZIP = 31
_FINGERPRINT_CHARACTERS = 16
# Ask again each time: a 304 is short.
ASK_AGAIN = "no-cache"
# For a path with a fingerprint: https://www.rfc-editor.org/rfc/rfc8246
FOREVER = "public, max-age=31536000, immutable"


class Asset:
    """A file in memory, as it is and compressed; `fingerprint` is a part of its hash."""

    def __init__(self, body: bytes, media_type: str) -> None:
        self.media_type = media_type
        self.fingerprint = hashlib.sha256(body).hexdigest()[:_FINGERPRINT_CHARACTERS]
        self._plain = body
        # At once: this takes long, and the server answers in its loop what was fast before.
        self._compressed = zlib.compress(body, wbits=_GZIP)

    def answer(self, cache: str) -> Response:
        """Return the file, or a 304 if the caller has it; `cache` is its Cache-Control."""
        is_compressed = _takes_gzip()
        # A strong tag stands for the bytes: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3.3
        tag = f"{self.fingerprint}-gzip" if is_compressed else self.fingerprint
        headers = {"ETag": f'"{tag}"', "Cache-Control": cache, "Vary": "Accept-Encoding"}
        if request.if_none_match.contains_weak(tag):
            response = Response(status=304, headers=headers)
            del response.headers["Content-Type"]
            return response
        if is_compressed:
            headers["Content-Encoding"] = "gzip"
        body = self._compressed if is_compressed else self._plain
        return Response(body, headers=headers, mimetype=self.media_type)


def _takes_gzip() -> bool:
    """Return whether the caller takes gzip, and does not prefer the file as it is."""
    accepted = request.accept_encodings
    gzip = accepted.quality("gzip")
    plain = max((q for name, q in accepted if name.lower() == "identity"), default=0)
    return gzip > 0 and gzip >= plain
