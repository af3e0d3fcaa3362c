"""One client: its requests one after the other, none of them waited for too long."""

import asyncio
from contextlib import suppress
from typing import cast

from leadbook.access.fronting import UnreadableError
from leadbook.server.calls import Environ, ends_of
from leadbook.server.exchange import Exchange
from leadbook.server.incoming import Request
from leadbook.server.reader import Reader
from leadbook.server.service import Service

# Of what comes in before its turn, and of what asyncio reads at once, 256 KiB else.
_MOST_WAITING = 16 * 1024
_WRITE_BUFFER = 16 * 1024
# Of a body that nobody wants: so much, and for so long, so that its sender sees the answer.
_READ_AWAY_BYTES = 64 * 1024
_READ_AWAY_SECONDS = 1
IDLE_SECONDS = 60
_HEAD_SECONDS, _BODY_SECONDS, _WRITE_SECONDS = 10, 30, 30
# Of a body that is sent, in bytes a second.
_SLOWEST_RATE = 64 * 1024


class Connection(asyncio.Protocol):
    """A connection of `peer`, and how long it has kept us waiting."""

    transport: asyncio.Transport
    # What the environ of each of its requests says.
    environ: Environ
    _reader: Reader

    def __init__(self, service: Service, peer: str) -> None:
        self._service = service
        self.peer = peer
        self._is_begun = self._has_ended = self._is_body_read = self.has_file = False
        # Of what is read away, in bytes.
        self._left = 0
        self._unsent = 0
        self._drained: asyncio.Future[None] | None = None
        self.waits_since = service.loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.max_size = _MOST_WAITING  # type: ignore[attr-defined]  # it has one
        self.transport.set_write_buffer_limits(_WRITE_BUFFER)
        self._reader = Reader(self.transport)
        self.environ = ends_of(self.transport)
        self._service.crowd.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # of the protocol
        """End; whoever works on its request finds out."""
        self._service.crowd.discard(self)
        if self._request and not self._request.is_whole:
            self._request.end(ConnectionAbortedError("The client has gone."))
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Take in what has come, as far as it is its turn."""
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
        """Answer what came before, if its client still listens."""
        self._has_ended = True
        return self.is_at_work

    def pause_writing(self) -> None:
        """Have `drain` wait: its client does not take what is sent."""
        self._drained = self._service.loop.create_future()

    def resume_writing(self) -> None:
        """Have `drain` go on."""
        if self._drained and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None

    def read_on(self) -> None:
        """Read the next request, as far as it is there, and answer it."""
        while not self.transport.is_closing():
            self._reader.read()
            if self._request is None or self._is_begun:
                break
            self._is_begun, self._is_body_read = True, False
            Exchange(self._service, self, self._request).begin()
        if self._request is None and self._has_ended:
            self.transport.close()
        if self.is_at_work and self._reader.unread >= _MOST_WAITING:
            self.transport.pause_reading()

    def begin_body(self) -> None:
        """Have its client's time for the body begin: until now, it may have waited for us."""
        self.waits_since, self._is_body_read = self._service.loop.time(), True

    @property
    def is_behind(self) -> bool:
        """Whether its client has not taken enough of what was sent."""
        return self._drained is not None

    async def drain(self) -> None:
        """Wait until its client has taken most of what was sent, or has gone."""
        if self._drained:
            await self._drained

    def complete(self, *, keeps: bool) -> None:
        """Turn to the next request, if the answer to this one has said that there may be one."""
        self._is_begun = self.has_file = False
        self._reader.turn()
        self.waits_since = self._service.loop.time()
        if keeps and not self._service.is_stopping:
            self.transport.resume_reading()
        else:
            self._linger()

    def finish(self) -> None:
        """End, unless a request has begun, whose answer then says that it is the last one."""
        if self._request is None:
            self.transport.close()

    def give_up(self) -> None:
        """End it for keeping us waiting: with an answer where that is possible."""
        if self._unsent or not self.has_begun:
            self.transport.abort()
        else:
            self._reader.refuse(UnreadableError(*_TOO_SLOW))
            self.read_on()

    @property
    def is_at_work(self) -> bool:
        """Whether we owe it something: it has sent a whole request, whose answer is not ready."""
        return self._request is not None and self._request.is_whole

    @property
    def has_more(self) -> bool:
        """Whether more has come in than the request at hand."""
        return self._request is not None and self._reader.unread > 0

    @property
    def has_begun(self) -> bool:
        """Whether some of a request is there."""
        return self._request is not None or self._reader.unread > 0

    @property
    def keeps_us_waiting(self) -> bool:
        """Whether it is its client's turn to do something."""
        return not self.is_at_work or self.is_behind

    def is_overdue(self, now: float) -> bool:
        """Return whether it has kept us waiting for too long."""
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
        """Return how many bytes of its answers its client has not taken yet."""
        return self.transport.get_write_buffer_size()

    @property
    def _request(self) -> Request | None:
        return self._reader.request

    def _unsent_grows_less(self, now: float) -> bool:
        """Return whether some of an answer is unsent; the wait begins anew where some went out."""
        before, self._unsent = self._unsent, self.unsent()
        if self._unsent and self._unsent != before:
            self.waits_since = now
        return bool(self._unsent)

    def _linger(self) -> None:
        """Close, but read away some of what is sent: else its sender would not see the answer."""
        self._reader.end()
        if self._has_ended:
            self.transport.close()
            return
        self._left = _READ_AWAY_BYTES
        with suppress(OSError):
            self.transport.write_eof()
        self.transport.resume_reading()
        self._service.loop.call_later(_READ_AWAY_SECONDS, self.transport.close)


_TOO_SLOW = (408, "REQUEST_TIMEOUT", "The request took too long to come in.")
