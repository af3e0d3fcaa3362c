"""Memory that forked processes share, and a lock for it."""

import fcntl
import mmap
import os
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

_CELL_BYTES = 8


class ForkedLock:
    """A lock between threads, and between processes forked from the same one."""

    def __init__(self) -> None:
        self._threads = Lock()
        # If a process dies, the system releases its lock. The file is empty and has no name.
        self._file, name = tempfile.mkstemp()
        Path(name).unlink()
        weakref.finalize(self, os.close, self._file)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock during the block."""
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


def shared_cells(count: int) -> "memoryview[int]":
    """Return `count` unsigned numbers of 64 bits, all 0, which processes forked later share."""
    # Pages that were never written take no memory.
    return memoryview(mmap.mmap(-1, count * _CELL_BYTES)).cast("Q")
