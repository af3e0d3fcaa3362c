"""Rules of records that forbid a request. web/errors.py says which answer each gets."""

from leadbook.storage.custom_values import TOO_MANY


class Refusal(Exception):  # noqa: N818  # what the errors below have in common, and none itself
    """A rule forbids the request."""


class NotFoundError(Refusal, LookupError):
    """No record has this id."""


class VersionMismatchError(Refusal):
    """The record has changed since the caller read it, and has `version` now."""

    def __init__(self, message: str, version: int) -> None:
        super().__init__(message)
        self.version = version


class WrongFieldError(Refusal):
    """The value of `field`, a name in JSON, does not fit the record."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class TooManyEntriesError(WrongFieldError):
    """The column `field` would have more entries than a record may have."""

    def __init__(self, field: str) -> None:
        super().__init__(TOO_MANY, field)
