"""One connection: its requests one after the other, each with a time limit."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from leadbook.access.fronting import UnreadableError
from leadbook.server.calls import Environ, ends_of
from leadbook.server.exchange import Exchange
from leadbook.server.incoming import Request
from leadbook.server.reader import Reader
from leadbook.server.sending import WRITE_BUFFER
from leadbook.server.service import Service

# The limit for unread data, and for one read of asyncio, which would read 256 KiB.
_MOST_WAITING = 16 * 1024
# How much of an unwanted body to read, and for how long, so that the sender sees the answer.
_READ_AWAY_BYTES = 64 * 1024
_READ_AWAY_SECONDS = 1
# The server itself ends within a second.
_LAST_READ_AWAY_SECONDS = 0.5
IDLE_SECONDS = 60
_HEAD_SECONDS, _BODY_SECONDS, _WRITE_SECONDS = 10, 30, 30
# A body must come at least at this rate, in bytes per second.
_SLOWEST_RATE = 64 * 1024


class Connection(asyncio.Protocol):
    """A connection of `peer`, and how long it has kept us waiting."""

    transport: asyncio.Transport
    # The part of the environ that all its requests have in common.
    environ: Environ
    _reader: Reader

    def __init__(self, service: Service, peer: str) -> None:
        self._service = service
        self.peer = peer
        self._is_begun = self.has_ended = self._is_body_read = self.has_file = False
        # Bytes of an unwanted body that may still be read.
        self._left = 0
        self._unsent = 0
        self._drained: asyncio.Future[None] | None = None
        self.when_ended: Callable[[], None] | None = None
        self.waits_since = service.loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Set the connection up."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.max_size = _MOST_WAITING  # type: ignore[attr-defined]  # it has one
        self.transport.set_write_buffer_limits(WRITE_BUFFER)
        self._reader = Reader(self.transport)
        self.environ = ends_of(self.transport)
        self._service.crowd.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # of the protocol
        """End the connection; the work on its request gets an error."""
        self._service.crowd.discard(self)
        self._end()
        if self._request and not self._request.is_whole:
            self._request.end(ConnectionAbortedError("The client has gone."))
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Take received data, and read requests from it."""
        if self._reader.is_last and not self._reader.takes_body:
            self._left -= len(data)
            if self._left < 0:
                self.transport.pause_reading()
            return
        if not self.has_begun:
            self.waits_since = self._service.loop.time()
        self._reader.add(data)
        self.read_on()

    def eof_received(self) -> bool:
        """Keep the connection open if a request still needs its answer."""
        self._end()
        return self.is_at_work

    def pause_writing(self) -> None:
        """Let `drain` wait, since the client reads too slowly."""
        self._drained = self._service.loop.create_future()

    def resume_writing(self) -> None:
        """Let `drain` continue."""
        if self._drained and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None

    def read_on(self) -> None:
        """Read the next request, as far as it was received, and answer it."""
        while not self.transport.is_closing():
            self._reader.read()
            if self._request is None or self._is_begun:
                break
            self._is_begun, self._is_body_read = True, False
            Exchange(self._service, self, self._request).begin()
        if self._request is None and self.has_ended:
            self.transport.close()
        if self.is_at_work and self._reader.unread >= _MOST_WAITING:
            self.transport.pause_reading()

    def begin_body(self) -> None:
        """Start the time limit for the body; until now, the client may have waited for us."""
        self.waits_since, self._is_body_read = self._service.loop.time(), True

    @property
    def is_behind(self) -> bool:
        """Whether the client has not read enough of what was sent."""
        return self._drained is not None

    async def drain(self) -> None:
        """Wait until the client has read most of what was sent, or is gone."""
        if self._drained:
            # Who gives up waiting must not cancel the future, which others may wait for.
            await asyncio.wait((self._drained,))

    def complete(self, *, keeps: bool) -> None:
        """Go on to the next request, if the answer `keeps` the connection; otherwise end."""
        self._is_begun = self.has_file = False
        self._reader.turn()
        self.waits_since = self._service.loop.time()
        if keeps and not self._service.is_stopping:
            self.transport.resume_reading()
        else:
            self._linger()

    def finish(self) -> None:
        """Close, unless a request has begun; then its answer says that it is the last one."""
        if self._request is None:
            self.transport.close()

    def give_up(self) -> None:
        """End the connection because of a time limit; send an answer if possible."""
        if self._unsent or not self.has_begun:
            self.transport.abort()
        else:
            self._reader.refuse(UnreadableError(*_TOO_SLOW))
            self.read_on()

    @property
    def is_at_work(self) -> bool:
        """Whether the client has sent a whole request that is not answered yet."""
        return self._request is not None and self._request.is_whole

    @property
    def has_more(self) -> bool:
        """Whether more was received than the current request."""
        return self._request is not None and self._reader.unread > 0

    @property
    def has_begun(self) -> bool:
        """Whether at least a part of a request was received."""
        return self._request is not None or self._reader.unread > 0

    @property
    def keeps_us_waiting(self) -> bool:
        """Whether we wait for the client."""
        return not self.is_at_work or self.is_behind

    def is_overdue(self, now: float) -> bool:
        """Return whether the client has kept us waiting for too long."""
        has_unsent = self._unsent_grows_less(now)
        waited = now - self.waits_since
        if has_unsent:
            return waited > _WRITE_SECONDS
        if self._request is None:
            return waited > (_HEAD_SECONDS if self._reader.unread else IDLE_SECONDS)
        if self._request.is_whole or not self._is_body_read:
            return False
        return waited > _BODY_SECONDS + self._request.received / _SLOWEST_RATE

    def unsent(self) -> int:
        """Return how many bytes of answers the client has not read yet."""
        return self.transport.get_write_buffer_size()

    @property
    def _request(self) -> Request | None:
        return self._reader.request

    def _end(self) -> None:
        self.has_ended = True
        if self.when_ended:
            self.when_ended()

    def _unsent_grows_less(self, now: float) -> bool:
        """Return whether bytes are unsent; restart the time limit if some were sent since."""
        before, self._unsent = self._unsent, self.unsent()
        if self._unsent and self._unsent != before:
            self.waits_since = now
        return bool(self._unsent)

    def _linger(self) -> None:
        """Close after reading some more data; otherwise its sender would not see the answer."""
        self._reader.end()
        if self.has_ended:
            self.transport.close()
            return
        self._left = _READ_AWAY_BYTES
        with suppress(OSError):
            self.transport.write_eof()
        self.transport.resume_reading()
        is_stopping = self._service.is_stopping
        seconds = _LAST_READ_AWAY_SECONDS if is_stopping else _READ_AWAY_SECONDS
        self._service.loop.call_later(seconds, self.transport.close)


_TOO_SLOW = (408, "REQUEST_TIMEOUT", "The request took too long to come in.")
