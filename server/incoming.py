"""The request that comes in over a connection."""

import asyncio
from collections import deque

Headers = list[tuple[bytes, bytes]]

# Of a body, in bytes, before whoever sends it has to wait for who reads it.
_MOST_UNREAD = 64 * 1024


class Request:
    """A request: its head, and its body as far as it has come in.

    The names of `headers` are in lower case.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._parts: deque[bytes] = deque()
        self._unread = 0
        # Why the body has ended too soon.
        self.error: Exception | None = None
        self._waiting: asyncio.Future[None] | None = None
        self.method, self.path, self.query, self.version = "GET", b"/", b"", "1.1"
        self.headers: Headers = []
        # Of its body, in bytes.
        self.received = 0
        self.is_whole = False
        self.keeps_connection = False
        # Who sends it waits for `100 Continue`.
        self.expects_leave = False

    def feed(self, part: bytes) -> None:
        """Take in some of the body."""
        self.received += len(part)
        self._unread += len(part)
        self._parts.append(part)
        self.expects_leave = False
        if self._unread > _MOST_UNREAD:
            self._transport.pause_reading()
        self._wake()

    def end(self, error: Exception | None = None) -> None:
        """Take in the end of the body, or why there is none, for whoever reads it."""
        self.error = self.error or error
        self.is_whole = True
        self._wake()

    async def next_part(self) -> bytes:
        """Return some of the body; nothing at its end.

        Raises UnreadableError or ConnectionError.
        """
        if self.expects_leave:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.expects_leave = False
        while not (self._parts or self.is_whole):
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        if self.error:
            raise self.error
        return self.take()

    @property
    def has_come_well(self) -> bool:
        """Whether all of it is there."""
        return self.is_whole and self.error is None

    def take(self) -> bytes:
        """Return what has come in of the body."""
        part = b"".join(self._parts)
        self._parts.clear()
        if self._unread > _MOST_UNREAD:
            self._transport.resume_reading()
        self._unread = 0
        return part

    def _wake(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)
