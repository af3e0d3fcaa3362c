"""Addresses of a target: looked up once, within a time limit, and each one checked."""

import socket
import threading
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from leadbook.storage.system import monotonic
from leadbook.webhooks.networks import Address
from leadbook.webhooks.targets import Policy, Target

# getaddrinfo has no time limit, and a thread in it cannot be ended. So no more than these wait for
# name servers that do not answer; glibc gives up after half a minute or so.
_MOST_LOOKUPS = 32
_free = threading.BoundedSemaphore(_MOST_LOOKUPS)


class ForbiddenAddressError(OSError):
    """One of the addresses of a target is not allowed."""


class UnknownNameError(OSError):
    """The name of a target has no address."""


@dataclass(frozen=True)
class Place:
    """An address to connect to, as `socket` takes it."""

    family: int
    address: tuple[Any, ...]

    @property
    def ip(self) -> Address:
        """The address alone, with its zone if it has one."""
        text, _, *rest = self.address
        zone = rest[1] if rest else 0
        return ip_address(f"{text}%{zone}" if zone and "%" not in text else text)


def look_up(target: Target, policy: Policy, deadline: float) -> list[Place]:
    """Return all addresses of a target, in the order in which the system would try them.

    `deadline` is in seconds of the monotonic clock. Raises ForbiddenAddressError, UnknownNameError
    or TimeoutError.
    """
    places = [
        Place(family, address)
        for family, _, _, _, address in _resolve(target.host, target.port, deadline)
        if family in (socket.AF_INET, socket.AF_INET6)
    ]
    if not places:
        raise UnknownNameError(target.host)
    # One is enough: who controls the name could make the connections to the others fail.
    if not all(policy.allows(target, each.ip) for each in places):
        raise ForbiddenAddressError(target.host)
    return places


def _resolve(host: str, port: int, deadline: float) -> list[Any]:
    """Call getaddrinfo in a thread, and wait for its result until the deadline."""
    if not _free.acquire(timeout=max(0.0, deadline - monotonic())):
        raise TimeoutError
    found: list[Any] = []
    is_done = threading.Event()

    def resolve() -> None:
        try:
            # As bytes, since Python would encode text by its codec `idna`, which refuses some.
            found.extend(socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM))
        except OSError:
            pass  # as if it had no address
        finally:
            _free.release()
            is_done.set()

    try:
        threading.Thread(target=resolve, name="webhook-lookup", daemon=True).start()
    except RuntimeError as error:
        # No more threads, or the process ends.
        _free.release()
        raise UnknownNameError(host) from error
    if not is_done.wait(max(0.0, deadline - monotonic())):
        raise TimeoutError
    return found
