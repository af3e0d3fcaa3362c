"""How ids and times are kept: in as few bytes as they hold, since every index repeats them."""

from typing import Any

import peewee

from leadbook.storage.times import milliseconds_of, text_of


class Packed(peewee.Field):
    """A text in Python that the file has in fewer bytes."""

    @staticmethod
    def unpack(value: Any) -> str:
        """Return the text of what is in the file."""
        raise NotImplementedError

    def python_value(self, value: Any) -> str | None:
        """Return the text, if there is one."""
        return None if value is None else self.unpack(value)


class UuidText(Packed):
    """A UUID: text in Python, 16 bytes in the file, which sort as the text does."""

    field_type = "BLOB"

    def db_value(self, value: str | None) -> bytes | None:
        """Return its bytes; none for a text that is no id of ours, so that it finds nothing."""
        if value is None:
            return None
        try:
            stored = bytes.fromhex(value.replace("-", ""))
        except ValueError:
            return b""
        # Neither other dashes nor capitals: an id has one spelling.
        return stored if self.python_value(stored) == value else b""

    @staticmethod
    def unpack(value: bytes) -> str:
        """Return its text."""
        return f"{value[:4].hex()}-{value[4:10].hex('-', 2)}-{value[10:].hex()}"


class ChangeNumber(peewee.IntegerField):
    """The number of the write that changed a row last; later writes have higher ones."""

    def __init__(self) -> None:
        # As a file that was upgraded has it.
        super().__init__(default=0, constraints=[peewee.SQL("DEFAULT 0")])


class TimeText(Packed):
    """A time: RFC 3339 in UTC with milliseconds in Python, milliseconds since 1970 in the file."""

    field_type = "INTEGER"

    def db_value(self, value: str | None) -> int | None:
        """Return its milliseconds."""
        return None if value is None else milliseconds_of(value)

    @staticmethod
    def unpack(value: int) -> str:
        """Return its text."""
        return text_of(value)
