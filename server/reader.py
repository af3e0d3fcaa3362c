"""Finds the requests in received data strictly; httptools parses them, one at a time."""

import asyncio

import httptools

from leadbook.access.fronting import UnreadableError
from leadbook.server.heads import Chunks, find_end, length_of_body, malformed, parts_of
from leadbook.server.incoming import Request


class Reader:
    """Reads the requests from `transport`; `request` is the current one.

    `turn` allows the next one. If the current one `is_last`, no other follows.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._parser = httptools.HttpRequestParser(self)
        self._unread = bytearray()
        self._seen = 0
        self.request: Request | None = None
        self.is_last = False
        self._head, self._target = Request(transport), b""
        # Missing bytes of the body, unless it comes in chunks.
        self._missing = 0
        self._chunks: Chunks | None = None
        self._error: UnreadableError | None = None

    @property
    def unread(self) -> int:
        """How many received bytes are not read yet."""
        return len(self._unread)

    @property
    def takes_body(self) -> bool:
        """Whether the body of the current request is incomplete."""
        return self.request is not None and not self.request.is_whole

    def add(self, data: bytes) -> None:
        """Add received data."""
        self._unread += data

    def read(self) -> None:
        """Continue the current request, or begin one; refuse it if it is not valid."""
        try:
            while self._unread and self._advance():
                pass
        except UnreadableError as error:
            self.refuse(error)
        except httptools.HttpParserError:
            self.refuse(malformed("The request cannot be read."))

    def refuse(self, error: UnreadableError) -> None:
        """End the current or incomplete request with `error`; it is the last one."""
        self.end()
        if self.request is None:
            self.request = Request(self._transport)
        # The code that reads the body gets the error.
        self.request.end(error)

    def end(self) -> None:
        """Read no more requests."""
        self.is_last = True
        self._unread.clear()

    def turn(self) -> None:
        """Go on to the next request."""
        self.request = None

    def _advance(self) -> bool:
        """Read the next part; return whether there was one."""
        if self.takes_body:
            size = self._chunks.advance(self._unread) if self._chunks else self._missing
        elif self.request or self.is_last:
            return False
        else:
            size = find_end(self._unread, self._seen)
            self._seen = 0 if size else len(self._unread)
        if size:
            self._feed(size)
        return bool(size)

    def _feed(self, size: int) -> None:
        part = bytes(self._unread[:size])
        del self._unread[:size]
        try:
            self._parser.feed_data(part)
        except httptools.HttpParserUpgrade:
            # We support no other protocol: treat it as a normal request, and as the last one.
            self.is_last = True
            if self.request:
                self.request.keeps_connection = False
        if self._error:
            raise self._error

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._head, self._target = Request(self._transport), b""

    def on_url(self, url: bytes) -> None:
        """Add a part of the target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header; ignore those after a body."""
        if self.request is None:
            self._head.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Begin the body, unless its end is not clear."""
        head = self._head
        head.method = self._parser.get_method().decode()
        head.version = self._parser.get_http_version()
        try:
            length = length_of_body(head.version, head.headers)
            host, head.path, head.query = parts_of(self._target)
        except UnreadableError as error:
            # The parser does not pass exceptions through.
            self._error = error
            return
        if host:
            # The host in the target counts: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
            others = [each for each in head.headers if each[0] != b"host"]
            head.headers = [(b"host", host), *others]
        expected = [value.lower() for name, value in head.headers if name == b"expect"]
        head.expects_leave = b"100-continue" in expected and head.version == "1.1"
        self._missing, self._chunks = length or 0, Chunks() if length is None else None
        is_kept = head.version == "1.1" and self._parser.should_keep_alive()
        # A proxy may see another end of a chunked body, so nothing may follow it.
        # https://www.rfc-editor.org/rfc/rfc9112#section-6.1
        self.is_last = self._chunks is not None or not is_kept
        head.keeps_connection = not self.is_last
        self.request = head

    def on_body(self, body: bytes) -> None:
        """Add a part of the body."""
        if self.request:
            self._missing -= 0 if self._chunks else len(body)
            self.request.feed(body)

    def on_message_complete(self) -> None:
        """End the request."""
        if self.request:
            self.request.end()
