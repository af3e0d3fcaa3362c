"""Sending the answer to one request: at once, part by part, or when there is a better one."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from leadbook.access.fronting import Later
from leadbook.server.calls import Answer, head_of
from leadbook.server.incoming import Request
from leadbook.server.lanes import Lane
from leadbook.server.service import Service
from leadbook.server.threads import Call
from leadbook.server.waiting import Place

# How many bytes may be unsent before the client is behind.
WRITE_BUFFER = 16 * 1024
# A stream without parts sends a comment, so that proxies do not take it for dead.
HEARTBEAT_SECONDS = 15
_HEARTBEAT = b":\n\n"
_LAST_CHUNK = b"0\r\n\r\n"
# In bytes; smaller answers fit into the system's buffers.
_LARGE = 32 * 1024


class Receiver(Protocol):
    """The part of a client's connection that its answers use."""

    peer: str
    transport: asyncio.Transport
    # Whether a part of its answer is in a file.
    has_file: bool
    # Whether it sends nothing more, and may be gone.
    has_ended: bool
    # Called when that becomes so.
    when_ended: Callable[[], None] | None

    @property
    def is_behind(self) -> bool:
        """Whether it has not read enough of what was sent."""

    async def drain(self) -> None:
        """Wait until it has read most of what was sent, or is gone."""


class Sending:
    """The answer to `request`, on its way to the client that has sent it."""

    def __init__(self, service: Service, client: Receiver, request: Request) -> None:
        self._service = service
        self._client = client
        self._request = request
        # Whether the connection is kept after the answer.
        self.keeps = False

    def send_at_once(self, answer: Answer) -> bool:
        """Send an answer in one write if it is small and final; return whether it was."""
        is_final = not (answer.rest or answer.is_cut or answer.later)
        if not is_final or answer.is_chunked(self._request) or len(answer.body) > _LARGE:
            return False
        self._client.transport.write(self._head(answer) + self._shown(answer.body))
        return True

    async def send(self, answer: Answer) -> None:
        """Send the answer, or wait for a better one. Raises ConnectionError if it breaks off."""
        later = answer.later
        if not later or not (place := self._place_for(answer, later)):
            await self._send(answer)
        elif later.streams:
            await self._stream(answer.without_length(), place)
        else:
            with suppress(TimeoutError), self._waiting_at(place):
                async with place.limit:
                    await place.wait()
            body = place.take()
            await self._send(answer if body is None else answer.with_body(body))

    def _place_for(self, answer: Answer, later: Later) -> Place | None:
        """Return a place to wait at, if the answer may wait and there is room."""
        is_whole = not (answer.rest or answer.is_cut)
        is_page = self._request.method != "HEAD" and answer.status.startswith("200")
        # A client that has ended may only have closed its half of the connection.
        if not (is_whole and is_page) or self._client.has_ended:
            return None
        return self._service.waiting.place_for(self._client.peer, later)

    @contextmanager
    def _waiting_at(self, place: Place) -> Iterator[None]:
        """End the wait of the block if the client ends; after it, the place is free."""
        self._client.when_ended = place.end
        try:
            yield
        finally:
            self._client.when_ended = None
            self._service.waiting.leave(place)

    async def _stream(self, answer: Answer, place: Place) -> None:
        """Send the answer and each part that follows, until the time of the place is over."""
        client, transport = self._client, self._client.transport
        is_chunked = answer.is_chunked(self._request)
        # Nothing more is sent, not even a heartbeat, while anything is unsent: the time limit of
        # slow readers begins again when the number of unsent bytes changes.
        transport.set_write_buffer_limits(0)
        self._write_first(answer, is_chunked=is_chunked)
        with suppress(TimeoutError), self._waiting_at(place):
            async with place.limit:
                while True:
                    await client.drain()
                    await place.wait(HEARTBEAT_SECONDS)
                    self._write_part(place.take() or _HEARTBEAT, is_chunked=is_chunked)
        if client.is_behind and self._service.is_stopping:
            # It can ask again; the end of the server does not wait for it.
            transport.abort()
            raise ConnectionAbortedError("The server ends.")
        transport.set_write_buffer_limits(WRITE_BUFFER)
        if is_chunked:
            transport.write(_LAST_CHUNK)
        await client.drain()

    def _write_part(self, part: bytes, *, is_chunked: bool) -> None:
        if len(part) > _LARGE:
            self._service.crowd.limit_unsent()
        self._client.transport.write(_framed(part, is_chunked=is_chunked))

    async def _send(self, answer: Answer) -> None:
        client, transport = self._client, self._client.transport
        is_chunked = answer.is_chunked(self._request)
        client.has_file = answer.rest is not None
        self._write_first(answer, is_chunked=is_chunked)
        run = _runner(self._service.short)
        try:
            while answer.rest and self._request.method != "HEAD" and not transport.is_closing():
                await client.drain()
                # Reading from a file is short, so it need not wait behind new exports.
                if not (part := await run(answer.next_part)):
                    break
                transport.write(_framed(part, is_chunked=is_chunked))
        finally:
            if answer.rest:
                await run(answer.close)
                answer.end()
        if answer.is_cut:
            raise ConnectionAbortedError("The answer ends here.")
        if is_chunked:
            transport.write(_LAST_CHUNK)
        await client.drain()

    def _write_first(self, answer: Answer, *, is_chunked: bool) -> None:
        """Write the head of the answer, and the part of its body that is in memory."""
        if len(answer.body) > _LARGE:
            self._service.crowd.limit_unsent()
        head = self._head(answer)
        part = _framed(self._shown(answer.body), is_chunked=is_chunked)
        self._client.transport.write(head + part)
        # For a slow reader, memory would hold it twice.
        answer.body = b""

    def _head(self, answer: Answer) -> bytes:
        """Return the head of the answer, and decide whether the connection is kept."""
        request = self._request
        is_wanted = request.has_come_well and request.keeps_connection
        self.keeps = is_wanted and not self._service.is_stopping
        return head_of(answer, request, self._service.date(), keeps=self.keeps)

    def _shown(self, body: bytes) -> bytes:
        return b"" if self._request.method == "HEAD" else body


def _runner(lane: Lane) -> Callable[[Callable[[], Any]], Awaitable[Any]]:
    return lambda function: lane.run(Call(function))


def _framed(part: bytes, *, is_chunked: bool) -> bytes:
    return b"%x\r\n%b\r\n" % (len(part), part) if part and is_chunked else part
