"""The database's file, recognised when it is removed or replaced: writes to it would be lost."""

import os
from pathlib import Path

import peewee


class WatchedFile:
    """A file as it is now."""

    def __init__(self, path: Path) -> None:
        # Path.stat() takes twice as long, and every request asks.
        self._name = str(path)
        status = path.stat()
        self._identity = (status.st_dev, status.st_ino)

    def has(self, status: os.stat_result) -> bool:
        """Return whether it is the file of that status."""
        return (status.st_dev, status.st_ino) == self._identity

    def require(self) -> None:
        """Raise peewee.OperationalError where another, or none, is in its place."""
        try:
            status = os.stat(self._name)  # noqa: PTH116  # a Path is made for each request else
        except OSError:
            raise peewee.OperationalError("the file has been removed") from None
        if not self.has(status):
            raise peewee.OperationalError("the file has been replaced")
