"""How the file stores ids and times, and columns that are derived from another one.

Ids and times are stored in as few bytes as possible, since every index repeats them.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import peewee

from leadbook.storage.custom_values import Entries, UnreadableEntries
from leadbook.storage.json_text import as_text, decode
from leadbook.storage.text import address_key, fold_for_search
from leadbook.storage.times import milliseconds_of, text_of


class Packed(peewee.Field):
    """A value that the file stores in another form, with fewer bytes."""

    @staticmethod
    def unpack(value: Any) -> Any:
        """Return the Python value of a value in the file."""
        raise NotImplementedError

    def python_value(self, value: Any) -> Any:
        """Return the Python value, or None."""
        return None if value is None else self.unpack(value)

    def unpack_all(self, column: Sequence[Any]) -> list[Any]:
        """Return the Python values of many rows."""
        unpack = self.unpack
        return [each if each is None else unpack(each) for each in column]


class UuidText(Packed):
    """A UUID: text in Python, 16 bytes in the file; both sort in the same order.

    The bytes have no capitals: every text becomes an id here, whether of a path, a body or a file.
    """

    field_type = "BLOB"

    def db_value(self, value: str | None) -> bytes | None:
        """Return its bytes. A text that is not a valid id becomes b"", which finds nothing."""
        if value is None:
            return None
        try:
            stored = bytes.fromhex(value.replace("-", ""))
        except ValueError:
            return b""
        # Dashes in other places are not valid.
        return stored if self.python_value(stored) == value.lower() else b""

    @staticmethod
    def unpack(value: bytes) -> str:
        """Return its text."""
        return f"{value[:4].hex()}-{value[4:10].hex('-', 2)}-{value[10:].hex()}"


def one_spelling(id: str) -> str:
    """Return an id as answers show it, in small letters; any other text stays as it is."""
    stored = _ANY_ID.db_value(id)
    return UuidText.unpack(stored) if stored else id


_ANY_ID = UuidText()


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


class Ranked(Packed):
    """One of some words, which sort in their order: its place in the file."""

    field_type = "INTEGER"

    def __init__(self, words: Sequence[str], default: str) -> None:
        super().__init__(default=default)
        self._words = tuple(words)

    def db_value(self, value: str | None) -> int | None:
        """Return the place of a word."""
        return None if value is None else self._words.index(value)

    def python_value(self, value: Any) -> Any:
        """Return the word; of a damaged place, the first one."""
        return self._words[value] if value in range(len(self._words)) else self._words[0]

    def unpack_all(self, column: Sequence[Any]) -> list[Any]:
        """Return the words of many rows."""
        return list(map(self.python_value, column))


class Flag(Packed):
    """True or false: 1 or 0 in the file."""

    field_type = "INTEGER"

    def db_value(self, value: bool | None) -> int | None:
        """Return 1 or 0."""
        return None if value is None else int(value)

    @staticmethod
    def unpack(value: int) -> bool:
        """Return whether it is 1."""
        return bool(value)


class TextList(Packed):
    """Some texts: a list in Python, JSON text in the file."""

    field_type = "TEXT"

    def __init__(self) -> None:
        super().__init__(default=list)

    def db_value(self, value: list[str] | None) -> str | None:
        """Return its JSON."""
        return None if value is None else as_text(value)

    @staticmethod
    def unpack(value: Any) -> list[str]:
        """Return its texts; none of a damaged value, since the rest of the row is readable."""
        try:
            found = decode(value)
        except (TypeError, ValueError, RecursionError):
            return []
        return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


class JsonEntries(Packed):
    """Names and values: a dict in Python, JSON text in the file. A change merges its entries."""

    field_type = "TEXT"

    def __init__(self) -> None:
        # The same default as in an upgraded file.
        super().__init__(default=Entries, constraints=[peewee.SQL("DEFAULT '{}'")])

    def db_value(self, value: dict[str, Any] | None) -> str | None:
        """Return its JSON."""
        return None if value is None else as_text(value)

    @staticmethod
    def unpack(value: Any) -> Entries:
        """Return its entries; none of a damaged text, since the rest of the row is readable."""
        if value == "{}":
            return Entries()
        try:
            found = decode(value)
        except (TypeError, ValueError, RecursionError):
            return UnreadableEntries()
        return Entries(found) if isinstance(found, dict) else UnreadableEntries()

    def unpack_all(self, column: Sequence[Any]) -> list[Any]:
        """Return the entries of many rows, whose texts are one list for the decoder."""
        if column.count("{}") == len(column):
            return [{}] * len(column)
        try:
            found: list[Any] = decode(f"[{','.join(column)}]")
        except (TypeError, ValueError, RecursionError):
            found = []
        is_whole = len(found) == len(column) and set(map(type, found)) == {dict}
        return found if is_whole else super().unpack_all(column)


class DerivedText(peewee.TextField):
    """A text derived from the column `source`. Import and check derive it too."""

    def __init__(self, source: str, **options: Any) -> None:
        super().__init__(**options)
        self.source = source

    def derive(self, text: str | None) -> str | None:
        """Return the value to store for `text`; without a text there is none."""
        return None if text is None else self._derived(text)

    def _derived(self, text: str) -> str | None:
        raise NotImplementedError


class AddressKey(DerivedText):
    """The form in which an e-mail address is compared. None if it is the address itself."""

    def __init__(self, source: str) -> None:
        super().__init__(source, null=True)

    def _derived(self, text: str) -> str | None:
        key = address_key(text)
        return None if key == text else key


class SortKey(DerivedText):
    """The sort key of a text."""

    def _derived(self, text: str) -> str:
        return fold_for_search(text)


def compared(column: peewee.Field) -> str:
    """Return the SQL to compare a column by. An index has exactly this expression."""
    if isinstance(column, AddressKey):
        return f"coalesce({column.name}, {column.source})"
    return str(column.name)


def comparable(column: peewee.Field, value: Any) -> Any:
    """Return `value` in the form to compare with `compared(column)`."""
    return address_key(value) if isinstance(column, AddressKey) else column.db_value(value)


@cache
def columns_of_entries(model: Any) -> tuple[str, ...]:
    """Return the names of the columns of a model that have entries."""
    return tuple(each.name for each in model._meta.sorted_fields if isinstance(each, JsonEntries))
