"""From a request to its answer: check the head, read the body, call the app."""

import asyncio
import logging
from collections.abc import Coroutine
from functools import partial
from io import BytesIO
from typing import Any, Protocol

from leadbook.access.fronting import HEAD, LARGEST, PASSED, PAUSE, REFUSED, UnreadableError
from leadbook.server.bodies import Body
from leadbook.server.calls import Answer, Environ, call_app, environ_of
from leadbook.server.incoming import Request
from leadbook.server.lanes import LaneFullError
from leadbook.server.sending import Receiver, Sending
from leadbook.server.service import Service
from leadbook.server.threads import Call

_READING = ("GET", "HEAD", "OPTIONS")

_log = logging.getLogger("leadbook.server")


class Client(Receiver, Protocol):
    """The connection of the client that has sent the request."""

    environ: Environ

    @property
    def has_more(self) -> bool:
        """Whether more was received than the current request."""

    def begin_body(self) -> None:
        """Start its time limit for the body."""

    def complete(self, *, keeps: bool) -> None:
        """Go on to its next request, if the answer `keeps` the connection."""

    def read_on(self) -> None:
        """Read its next request, as far as it was received, and answer it."""


class Exchange:
    """One request of a client, and the answer to it."""

    def __init__(self, service: Service, client: Client, request: Request) -> None:
        self._service = service
        self._client = client
        self._request = request
        self._sending = Sending(service, client, request)
        self._environ = client.environ | environ_of(request)

    def begin(self) -> None:
        """Answer at once if the app does; otherwise start a task."""
        service, request = self._service, self._request
        is_short = not service.is_long(self._environ["PATH_INFO"])
        if not (request.is_whole and is_short and service.is_immediate):
            self._start(self._run())
            return
        self._put_body(request.take())
        try:
            answer = self._answer_at_once()
        except Exception:
            self._fail()
        else:
            if answer:
                self._send_at_once(answer)

    def _answer_at_once(self) -> Answer | None:
        """Return an answer that is ready in a moment, or None if a task will send it.

        Raises what the app raises.
        """
        short, quick = self._service.short, self._service.quick
        may_pass = quick.may_take(self._environ) and short.may_be_passed()
        if may_pass and (answer := quick.call(self._environ)):
            return answer
        call = self._call_of(self._environ)
        is_begun = short.begin(call)
        if not call.is_over:
            self._start(self._wait(call, is_begun=is_begun))
            return None
        found: Answer = call.result()
        quick.learn(self._environ, found.status, call.seconds)
        return found

    def _put_body(self, body: bytes) -> None:
        """Put a body that came with the head into the environ."""
        if error := self._request.error:
            self._environ[REFUSED] = error
        elif body:
            self._environ["wsgi.input"] = BytesIO(body)
            self._environ["CONTENT_LENGTH"] = str(len(body))

    def _send_at_once(self, answer: Answer) -> None:
        """Send an answer at once if possible; otherwise start a task."""
        if not self._sending.send_at_once(answer):
            self._start(self._send(answer))
            return
        self._tell_of_write()
        if self._client.is_behind:
            self._start(self._client.drain())
        else:
            self._client.complete(keeps=self._sending.keeps)

    async def _send(self, answer: Answer) -> None:
        self._tell_of_write()
        await self._sending.send(answer)

    def _tell_of_write(self) -> None:
        """Let others look for what this request has written."""
        if self._request.method not in _READING:
            self._service.waiting.look_soon()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._service.keep(self._service.loop.create_task(self._guard(work)))

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work; then go on with the connection, or close it if the answer broke off."""
        transport = self._client.transport
        try:
            await work
        except (ConnectionError, asyncio.CancelledError):
            transport.close()
        except Exception:
            self._fail()
        else:
            self._client.complete(keeps=self._sending.keeps)
            self._client.read_on()

    def _fail(self) -> None:
        """Abort the connection: the app has failed without an error answer."""
        _log.exception("A request could not be answered.")
        self._client.transport.abort()

    async def _wait(self, call: Call, *, is_begun: bool) -> None:
        """Send the answer of a call that has begun, or that must wait for its turn."""
        if is_begun:
            answer = await self._service.short.result_of(call)
        else:
            answer = await self._call(self._environ)
        await self._send(answer)

    async def _run(self) -> None:
        """Send the answer to a request that is incomplete or takes long."""
        with self._service.budget.body() as body:
            answer = await self._answer(body)
            if not answer.later:
                await self._send(answer)
                return
        # While it waits, the budget of the bodies is for others.
        await self._send(answer)

    async def _answer(self, body: Body) -> Answer:
        environ, request = self._environ, self._request
        await self._service.arrive(environ)
        try:
            # A caller whom the gate refuses must not wait behind long calls.
            if not request.is_whole or self._service.is_long(environ["PATH_INFO"]):
                head: Environ = {}
                answer = await self._call(environ | {HEAD: head})
                if PASSED not in head:
                    return answer
                environ[PASSED] = head[PASSED]
                await self._read(body, head[LARGEST])
            else:
                body.add(await request.next_part())
            environ["wsgi.input"] = body.file
            if body.length or "CONTENT_LENGTH" in environ:
                environ["CONTENT_LENGTH"] = str(body.length)
            return await self._call(environ)
        except UnreadableError as error:
            return await self._call(environ | {REFUSED: error})

    async def _read(self, body: Body, largest: int) -> None:
        """Read the whole body, but at most one byte more than is allowed."""
        self._client.begin_body()
        while body.length <= largest and (part := await self._request.next_part()):
            body.add(part[: largest + 1 - body.length])

    def _call_of(self, environ: Environ) -> Call:
        call = Call(
            partial(call_app, self._service.app, environ),
            # A check of the head writes nothing, nor does a refusal.
            writes=self._request.method not in _READING and not {HEAD, REFUSED} & environ.keys(),
            has_more=self._client.has_more,
        )
        if call.writes:
            environ[PAUSE] = call.pause
        return call

    async def _call(self, environ: Environ) -> Answer:
        service = self._service
        # A check of the head or a refusal is never long.
        is_short = bool({HEAD, REFUSED} & environ.keys())
        is_long = not is_short and service.is_long(environ["PATH_INFO"])
        lane = service.long if is_long else service.short
        answer: Answer
        try:
            answer = await lane.run(self._call_of(environ))
        except LaneFullError:
            message = "Too many of these calls are running; try again in a moment."
            error = UnreadableError(503, "TOO_BUSY", message)
            answer = await service.short.run(self._call_of(environ | {REFUSED: error}))
        return answer
