"""Leadbook for test suites: test mode, the pytest plugin, a server in a thread, demo records."""

from typing import TYPE_CHECKING, Any

from leadbook.testing.fake_files import real_files

if TYPE_CHECKING:
    from leadbook.testing.server import Leadbook, running_server

__all__ = ["Leadbook", "running_server"]


def __getattr__(name: str) -> Any:
    """Import the server only on demand, because pytest imports this package at every start."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with real_files():
        from leadbook.testing import server  # noqa: PLC0415  # see above

    return getattr(server, name)
