"""The files and the clock of the system, which the patches of a test do not reach.

A server of test mode may run in the process of a test that fakes files or time. Tools such as
pyfakefs, freezegun and `unittest.mock` replace functions in modules, even in ours. They do not look
into a `partial`. So what runs while the service answers takes files and time from here.
"""

import os
import time
from collections.abc import Callable
from functools import partial
from io import BufferedRandom, FileIO
from secrets import token_hex

stat: Callable[[str], os.stat_result] = partial(os.stat)
statvfs: Callable[[str], os.statvfs_result] = partial(os.statvfs)
sleep: Callable[[float], None] = partial(time.sleep)
# Not time.monotonic: freezegun replaces it at its source, also for what is imported later.
monotonic: Callable[[], float] = partial(time.clock_gettime, time.CLOCK_MONOTONIC)

_open, _unlink, _may_use = partial(os.open), partial(os.unlink), partial(os.access)
_environ = os.environ
_USABLE = os.W_OK | os.X_OK
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def read_file(path: str) -> bytes:
    """Return the contents of a file. Raises OSError."""
    with FileIO(path) as file:
        return file.readall()


def temporary_file() -> BufferedRandom:
    """Return a new private file without a name, in the system's temporary folder.

    Raises OSError.
    """
    name = f"{_temporary_folder()}/leadbook-{token_hex(8)}"
    descriptor = _open(name, _NEW, 0o600)
    _unlink(name)
    return BufferedRandom(FileIO(descriptor, "r+"))


def _temporary_folder() -> str:
    # The places that `tempfile` looks at. Its own answer may be a folder of a fake file system.
    given = [_environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")]
    folders = [folder for folder in (*given, "/tmp", "/var/tmp", "/usr/tmp", ".") if folder]  # noqa: S108  # no name in it can be guessed
    return next((each for each in folders if _may_use(each, _USABLE)), folders[0])
