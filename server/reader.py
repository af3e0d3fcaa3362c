"""Finds the requests in received data strictly; httptools parses them, one at a time."""

import asyncio
from contextlib import suppress

import httptools

from leadbook.access.fronting import UnreadableError
from leadbook.server.heads import (
    Chunks,
    Line,
    find_end,
    for_parser,
    length_of_body,
    line_of,
    malformed,
    parts_of,
    require_known,
)
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
        self._has_skipped = False
        self._line: Line | None = None
        self._head, self._host = Request(transport), b""
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
        line = self._line or line_of(self._unread)
        self.end()
        if self.request is None:
            self.request = self._without_headers(line)
        # The code that reads the body gets the error.
        self.request.end(error)

    def end(self) -> None:
        """Read no more requests."""
        self.is_last = True
        self._unread.clear()

    def turn(self) -> None:
        """Go on to the next request."""
        self.request = self._line = None
        self._has_skipped = False

    def _advance(self) -> bool:
        """Read the next part; return whether there was one."""
        if self.takes_body:
            size = self._chunks.advance(self._unread) if self._chunks else self._missing
        elif self.request or self.is_last:
            return False
        else:
            self._skip_empty_line()
            size = find_end(self._unread, self._seen)
            self._seen = 0 if size else len(self._unread)
        if size:
            self._feed(size)
        return bool(size)

    def _skip_empty_line(self) -> None:
        """Ignore one empty line before a request, as old clients send it behind a body.

        https://www.rfc-editor.org/rfc/rfc9112#section-2.2
        """
        if self._unread.startswith(b"\r\n") and not self._has_skipped:
            del self._unread[:2]
            self._seen, self._has_skipped = 0, True

    def _feed(self, size: int) -> None:
        part = bytes(self._unread[:size])
        del self._unread[:size]
        if self.request is None:
            part = self._begin(part)
        self._parser.feed_data(part)
        if self._error:
            raise self._error

    def _begin(self, head: bytes) -> bytes:
        """Begin a request by its first line; return what the parser gets of its head."""
        line = self._line = line_of(head)
        if line is None:
            raise malformed("The request line is not what RFC 9112 allows.")
        require_known(line)
        self._head = begun = Request(self._transport)
        begun.method, begun.version = line.method, line.version
        self._host, begun.path, begun.query = parts_of(line.target)
        return for_parser(line, head)

    def _without_headers(self, line: Line | None) -> Request:
        """Return a request that is refused, with what its `line` says."""
        request = Request(self._transport)
        if line:
            request.method = line.method
            with suppress(UnreadableError):
                _, request.path, request.query = parts_of(line.target)
        return request

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header; ignore those after a body."""
        if self.request is None:
            self._head.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Begin the body, unless its end is not clear."""
        head = self._head
        try:
            length = length_of_body(head.version, head.headers)
        except UnreadableError as error:
            # The parser does not pass exceptions through.
            self._error = error
            return
        if self._host:
            # The host in the target counts: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
            others = [each for each in head.headers if each[0] != b"host"]
            head.headers = [(b"host", self._host), *others]
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
