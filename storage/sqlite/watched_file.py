"""Notices if the database file is removed or replaced, since later writes would be lost."""

import os
from pathlib import Path

import peewee

from leadbook.storage.system import stat


class WatchedFile:
    """The identity of a file at the time of creation of this object."""

    def __init__(self, path: Path) -> None:
        # Path.stat() takes twice as long, and every request needs it.
        self._name = str(path)
        status = stat(self._name)
        self._identity = (status.st_dev, status.st_ino)

    def has(self, status: os.stat_result) -> bool:
        """Return whether `status` is that of this file."""
        return (status.st_dev, status.st_ino) == self._identity

    def require(self) -> None:
        """Raise peewee.OperationalError if the file was removed or replaced."""
        try:
            status = stat(self._name)
        except OSError:
            raise peewee.OperationalError("the file has been removed") from None
        if not self.has(status):
            raise peewee.OperationalError("the file has been replaced")
