"""A request in the form of WSGI (https://peps.python.org/pep-3333/), and its answer."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from leadbook.access.forwarded import parse_address
from leadbook.access.fronting import LATER, Later
from leadbook.server.incoming import Request

# A longer answer is sent part by part, others as a whole.
LARGEST_WHOLE = 256 * 1024

_BODILESS = ("204", "304")

Wsgi = Callable[..., Iterable[bytes]]
Environ = dict[str, Any]


def ends_of(transport: asyncio.Transport) -> Environ:
    """Return the part of the environ with the addresses of the connection."""
    host, port = (transport.get_extra_info("sockname") or ("", 0))[:2]
    client, client_port = (transport.get_extra_info("peername") or ("", 0))[:2]
    return {
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        # A socket for IPv4 and IPv6 shows IPv4 addresses in the form of IPv6.
        "REMOTE_ADDR": str(parse_address(client) or client),
        "REMOTE_PORT": str(client_port),
    }


def environ_of(request: Request) -> Environ:
    """Return the rest of the environ of a request, without its body."""
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query.decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for name, value in request.headers:
        if b"_" in name:
            # In the environ it would look like the header with a hyphen.
            continue
        key, text = _key_of(name), value.decode("latin-1").strip()
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    # HTTP/1.0 needs no Host. Werkzeug would say our own address, which may be a trusted one.
    environ.setdefault("HTTP_HOST", "")
    return environ


@lru_cache(maxsize=256)
def _key_of(name: bytes) -> str:
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


@dataclass
class Answer:
    """An application's answer; `rest` yields the parts of its body after `body`.

    If it `is_cut`, the answer ends there, and the connection is closed. A better one may come
    `later`.
    """

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    rest: Iterator[bytes] | None
    close: Callable[[], None]
    is_cut: bool = False
    later: Later | None = None

    def is_chunked(self, request: Request) -> bool:
        """Return whether the body is sent in chunks, since its length is not known."""
        has_body = request.method != "HEAD" and self.status[:3] not in _BODILESS
        return has_body and request.version == "1.1" and not _has(self.headers, "content-length")

    def with_body(self, body: bytes) -> "Answer":
        """Return the same answer with another body."""
        answer = self.without_length()
        answer.body = body
        answer.headers.append(("Content-Length", str(len(body))))
        return answer

    def without_length(self) -> "Answer":
        """Return the same answer, but more parts may follow its body."""
        headers = [each for each in self.headers if each[0].lower() != "content-length"]
        return replace(self, headers=headers)

    def end(self) -> None:
        """Release the application's answer."""
        self.rest, self.close = None, _nothing

    def next_part(self) -> bytes:
        """Return the next non-empty part of the body, or b"" after the last."""
        return next(filter(None, self.rest or ()), b"")


def call_app(app: Wsgi, environ: Environ) -> Answer:
    """Return the answer of `app`, a short one with its whole body. Raises what the app raises."""
    started: list[Any] = []

    def start_response(status: str, headers: Any, _: Any = None) -> None:
        started[:] = [status, headers]

    parts = app(environ, start_response)
    close = getattr(parts, "close", _nothing)
    rest, body, is_cut, is_whole, length = iter(parts), [], False, True, 0
    try:
        for part in rest:
            # A single part is the whole body, however large it is.
            is_whole = length < LARGEST_WHOLE
            body.append(part)
            length += len(part)
            if not is_whole:
                break
    except ConnectionError:
        is_cut = True
    except BaseException:
        close()
        raise
    if is_whole := is_whole or is_cut:
        close()
    status, headers = started
    return Answer(
        status,
        headers,
        b"".join(body),
        None if is_whole else rest,
        # `close` would keep the whole answer in memory while it is being sent.
        _nothing if is_whole else close,
        is_cut,
        # Taken out of this call's environ: an earlier call for the same request had a copy.
        environ.pop(LATER, None),
    )


def head_of(answer: Answer, request: Request, date: str, *, keeps: bool) -> bytes:
    """Return the head of an answer, with `Connection: close` unless it `keeps` the connection."""
    lines = [f"HTTP/1.1 {answer.status}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in answer.headers]
    if not _has(answer.headers, "date"):
        lines.append(f"Date: {date}\r\n")
    if answer.is_chunked(request):
        lines.append("Transfer-Encoding: chunked\r\n")
    if not keeps:
        lines.append("Connection: close\r\n")
    lines.append("\r\n")
    return "".join(lines).encode("latin-1")


def _has(headers: list[tuple[str, str]], wanted: str) -> bool:
    return any(name.lower() == wanted for name, _ in headers)


def _nothing() -> None:
    return
