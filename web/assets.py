"""Files that stay the same while the service runs: answered with an ETag, and compressed once."""

import hashlib

from flask import Response, request

from leadbook.web.compression import compressed, compressed_tag, takes_gzip

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
        self._compressed = compressed(body)

    def answer(self, cache: str) -> Response:
        """Return the file, or a 304 if the caller has it; `cache` is its Cache-Control."""
        is_compressed = takes_gzip()
        tag = compressed_tag(self.fingerprint) if is_compressed else self.fingerprint
        headers = {"ETag": f'"{tag}"', "Cache-Control": cache, "Vary": "Accept-Encoding"}
        if request.if_none_match.contains_weak(tag):
            response = Response(status=304, headers=headers)
            del response.headers["Content-Type"]
            return response
        if is_compressed:
            headers["Content-Encoding"] = "gzip"
        body = self._compressed if is_compressed else self._plain
        return Response(body, headers=headers, mimetype=self.media_type)
