"""One request, while it is being received."""

import asyncio
from collections import deque

Headers = list[tuple[bytes, bytes]]

# Unread bytes of a body, before its sender must wait.
_MOST_UNREAD = 64 * 1024


class Request:
    """A request: its head, and its body as far as it was received.

    The names of `headers` are in lower case. `method` and `path` are empty if they are not known.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._parts: deque[bytes] = deque()
        self._unread = 0
        # Why the body ended too soon.
        self.error: Exception | None = None
        self._waiting: asyncio.Future[None] | None = None
        self.method, self.path, self.query, self.version = "", b"", b"", "1.1"
        self.headers: Headers = []
        # Bytes of the body so far.
        self.received = 0
        self.is_whole = False
        self.keeps_connection = False
        # The sender waits for `100 Continue`.
        self.expects_leave = False

    def feed(self, part: bytes) -> None:
        """Add a part of the body."""
        self.received += len(part)
        self._unread += len(part)
        self._parts.append(part)
        self.expects_leave = False
        if self._unread > _MOST_UNREAD:
            self._transport.pause_reading()
        self._wake()

    def end(self, error: Exception | None = None) -> None:
        """Mark the end of the body; with an `error`, `next_part` raises it."""
        self.error = self.error or error
        self.is_whole = True
        self._wake()

    async def next_part(self) -> bytes:
        """Wait for the next part of the body and return it, or b"" at its end.

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
        """Whether the whole request was received without an error."""
        return self.is_whole and self.error is None

    def take(self) -> bytes:
        """Return the received part of the body that was not returned yet."""
        part = b"".join(self._parts)
        self._parts.clear()
        if self._unread > _MOST_UNREAD:
            self._transport.resume_reading()
        self._unread = 0
        return part

    def _wake(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)
