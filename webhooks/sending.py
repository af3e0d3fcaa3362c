"""One try to send a webhook, to exactly an address that was checked, and within a time limit."""

import re
import socket
import ssl
from collections.abc import Mapping
from functools import cache

from leadbook.storage.system import monotonic
from leadbook.webhooks.answers import Answer, NotHttpError
from leadbook.webhooks.outcomes import Outcome
from leadbook.webhooks.resolving import ForbiddenAddressError, Place, UnknownNameError, look_up
from leadbook.webhooks.targets import PUBLIC, Policy, Target

SECONDS = 10.0
MOST_BYTES_READ = 64 * 1024
_PIECE = 16 * 1024
_FIELD = re.compile(r"[A-Za-z0-9-]+: [\x20-\x7e]*")


class HeadersTooLargeError(OSError):
    """The headers of the answer do not fit in what we read."""


_WORDS = {
    TimeoutError: "timeout",
    ForbiddenAddressError: "forbidden address",
    UnknownNameError: "unknown name",
    ConnectionRefusedError: "refused",
    ConnectionError: "connection lost",
    NotHttpError: "not HTTP",
    HeadersTooLargeError: "headers too large",
}


def send(
    target: Target,
    headers: Mapping[str, str],
    body: bytes,
    policy: Policy = PUBLIC,
    seconds: float = SECONDS,
) -> Outcome:
    """Send a POST, and return what became of it, whatever the receiver does.

    It follows no redirect, uses no proxy, and is over after `seconds`, name and answer included.
    Raises ValueError for headers that are not ASCII or have line breaks.
    """
    request = _request(target, headers, body)
    start = monotonic()
    deadline, answer, error = start + seconds, Answer(), None
    try:
        with _connect(look_up(target, policy, deadline), deadline) as connection:
            if target.scheme == "http":
                _exchange(connection, request, answer, deadline)
            else:
                with _encrypted(connection, target.host, deadline) as encrypted:
                    _exchange(encrypted, request, answer, deadline)
    except OSError as caught:
        error = _word_for(caught)
    milliseconds = round((monotonic() - start) * 1000)
    return Outcome(answer.status, error, milliseconds, answer.text, answer.retry_after)


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    fields = {
        "Host": target.host_header,
        "User-Agent": "Leadbook",
        "Accept": "*/*",
        # Otherwise the beginning of an answer could not be shown.
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Content-Length": str(len(body)),
        **headers,
    }
    lines = [f"{name}: {value}" for name, value in fields.items()]
    if not all(map(_FIELD.fullmatch, lines)):
        raise ValueError("A header must be ASCII, without line breaks.")
    head = "\r\n".join([f"POST {target.path} HTTP/1.1", *lines, "", ""])
    return head.encode() + body


def _connect(places: list[Place], deadline: float) -> socket.socket:
    """Connect to the first address that can be reached. Raises the OSError of the first."""
    errors: list[OSError] = []
    for left, place in zip(range(len(places), 0, -1), places, strict=True):
        try:
            # An address that does not answer leaves time for the others.
            return _connect_to(place, _remaining(deadline) / left)
        except OSError as error:
            errors.append(error)
    raise errors[0]


def _connect_to(place: Place, seconds: float) -> socket.socket:
    connection = socket.socket(place.family, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.connect(place.address)
    except OSError:
        connection.close()
        raise
    return connection


def _encrypted(connection: socket.socket, host: str, deadline: float) -> ssl.SSLSocket:
    """Shake hands, and verify the certificate for the host of the URL."""
    connection.settimeout(_remaining(deadline))
    return tls_context().wrap_socket(connection, server_hostname=host)


@cache
def tls_context() -> ssl.SSLContext:
    """Return the context with the certificates that the system trusts; reading them takes 10 ms."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _exchange(connection: socket.socket, request: bytes, answer: Answer, deadline: float) -> None:
    """Send the request, and read the answer or its first 64 KiB."""
    try:
        unsent = memoryview(request)
        while unsent:
            connection.settimeout(_remaining(deadline))
            unsent = unsent[connection.send(unsent) :]
    except ConnectionError:
        pass  # a receiver may answer before it has read all; without an answer, reading fails too
    left = MOST_BYTES_READ
    while left and not answer.is_complete:
        connection.settimeout(_remaining(deadline))
        data = connection.recv(min(left, _PIECE))
        left -= len(data)
        if data:
            answer.feed(data)
        else:
            answer.end()
    if answer.status is None:
        raise HeadersTooLargeError


def _remaining(deadline: float) -> float:
    """Return the seconds until the deadline. Raises TimeoutError after it."""
    remaining = deadline - monotonic()
    if remaining <= 0:
        raise TimeoutError
    return remaining


def _word_for(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {(error.reason or 'failed').replace('_', ' ').lower()}"
    # The rest says what is wrong by itself, such as "network is unreachable".
    described = (error.strerror or "failed").lower()
    return next((word for kind, word in _WORDS.items() if isinstance(error, kind)), described)
