"""The real files for the start and the end of a server, while a test uses those of pyfakefs."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    # Suites that do not use Leadbook import this file too.
    from flask import Flask

_Entered = TypeVar("_Entered")


@contextmanager
def real_files() -> Iterator[None]:
    """Pause pyfakefs during the block, if it is active.

    Libraries that Leadbook starts with read files too: their modules, their versions, scripts.
    """
    # Not imported here: most suites do not use it.
    pyfakefs: Any = sys.modules.get("pyfakefs.fake_filesystem_unittest")
    patcher = pyfakefs and pyfakefs.Patcher.PATCHER
    with pyfakefs.Pause(patcher) if patcher and patcher.is_patching else nullcontext():
        yield


def load_late_modules(app: "Flask") -> None:
    """Load what only some answers of `app` need, if tests may use pyfakefs.

    It gives its fakes to each module that is loaded meanwhile, and these stay in the module.
    """
    # Other suites would wait a third longer for the first import.
    if "pyfakefs" in sys.modules:
        from leadbook.web import exports, imports  # noqa: F401, PLC0415  # see above

        # The first client reads the version of Werkzeug from a file.
        app.test_client()


@contextmanager
def on_real_files(manager: AbstractContextManager[_Entered]) -> Iterator[_Entered]:
    """Enter and leave `manager` with the real files; the block keeps those of the test."""
    with ExitStack() as stack:
        with real_files():
            entered = stack.enter_context(manager)
        try:
            yield entered
        finally:
            with real_files():
                stack.close()
