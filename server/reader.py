"""The requests in what a connection sends: found strictly, parsed by httptools, one at a time."""

import asyncio

import httptools

from leadbook.access.fronting import UnreadableError
from leadbook.server.heads import Chunks, find_end, length_of_body, malformed, parts_of
from leadbook.server.incoming import Request


class Reader:
    """Reads the requests that come in over `transport`; `request` is the one at hand.

    The next is read when `turn` is called. None follows one that `is_last`.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._parser = httptools.HttpRequestParser(self)
        self._unread = bytearray()
        self._seen = 0
        self.request: Request | None = None
        self.is_last = False
        self._head, self._target = Request(transport), b""
        # Of the body: what is missing, unless it comes in chunks.
        self._missing = 0
        self._chunks: Chunks | None = None
        self._error: UnreadableError | None = None

    @property
    def unread(self) -> int:
        """How many bytes have come in that are not read yet."""
        return len(self._unread)

    @property
    def takes_body(self) -> bool:
        """Whether the body of the request at hand is coming in."""
        return self.request is not None and not self.request.is_whole

    def add(self, data: bytes) -> None:
        """Take in what has come."""
        self._unread += data

    def read(self) -> None:
        """Read on in the request at hand, or begin one; a refusal ends it."""
        try:
            while self._unread and self._advance():
                pass
        except UnreadableError as error:
            self.refuse(error)
        except httptools.HttpParserError:
            self.refuse(malformed("The request cannot be read."))

    def refuse(self, error: UnreadableError) -> None:
        """End the request at hand for `error`, or one that is not there in full; it is the last."""
        self.end()
        if self.request is None:
            self.request = Request(self._transport)
        # Whoever reads the body finds out.
        self.request.end(error)

    def end(self) -> None:
        """Take in no more requests."""
        self.is_last = True
        self._unread.clear()

    def turn(self) -> None:
        """Go on to the next request."""
        self.request = None

    def _advance(self) -> bool:
        """Take a step; return whether there was one to take."""
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
            # We speak nothing else: it is a request like any other, and the last one.
            self.is_last = True
            if self.request:
                self.request.keeps_connection = False
        if self._error:
            raise self._error

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._head, self._target = Request(self._transport), b""

    def on_url(self, url: bytes) -> None:
        """Take in some of the target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header; those behind a body are of no use."""
        if self.request is None:
            self._head.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Begin to take in the body, unless it is not clear where it ends."""
        head = self._head
        head.method = self._parser.get_method().decode()
        head.version = self._parser.get_http_version()
        try:
            length = length_of_body(head.version, head.headers)
            host, head.path, head.query = parts_of(self._target)
        except UnreadableError as error:
            # The parser lets none through.
            self._error = error
            return
        if host:
            # What the target says counts: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
            others = [each for each in head.headers if each[0] != b"host"]
            head.headers = [(b"host", host), *others]
        expected = [value.lower() for name, value in head.headers if name == b"expect"]
        head.expects_leave = b"100-continue" in expected and head.version == "1.1"
        self._missing, self._chunks = length or 0, Chunks() if length is None else None
        is_kept = head.version == "1.1" and self._parser.should_keep_alive()
        # The end of a body in chunks may be seen elsewhere by others: nothing may follow it.
        # https://www.rfc-editor.org/rfc/rfc9112#section-6.1
        self.is_last = self._chunks is not None or not is_kept
        head.keeps_connection = not self.is_last
        self.request = head

    def on_body(self, body: bytes) -> None:
        """Take in some of the body."""
        if self.request:
            self._missing -= 0 if self._chunks else len(body)
            self.request.feed(body)

    def on_message_complete(self) -> None:
        """Take in the end of the request."""
        if self.request:
            self.request.end()
