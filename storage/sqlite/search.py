"""Finding the rows whose text contains every word of a search."""

from dataclasses import dataclass
from typing import Any

from leadbook.storage.database import current
from leadbook.storage.record import Record
from leadbook.storage.sqlite.schema import table_of
from leadbook.storage.text import fold_for_search

# The index consists of trigrams, so it cannot find a shorter word.
_TRIGRAM = 3
# Up to this many hits are fetched at once, then counted and sorted without the index.
FEW = 10_000
# The numbers of Known rows, whose value is one text.
_NUMBERS = "SELECT value AS hit FROM json_each(?)"


@dataclass(frozen=True)
class Candidates:
    """Rows to choose from: the SQL after FROM, its values, and the number of rows if known."""

    sql: str
    values: tuple[Any, ...] = ()
    count: int | None = None


@dataclass(frozen=True)
class Known(Candidates):
    """Rows whose numbers are fetched."""

    count: int = 0


def is_known(number: str) -> str:
    """Return the condition that a row is one of the Known, whose values follow."""
    return f"{number} IN ({_NUMBERS})"


class Search:
    """The words of a search, in one table."""

    def __init__(self, model: type[Record], search: str | None) -> None:
        # A search of marks alone finds nothing: no folded text has them.
        words = set(fold_for_search(search or "").split()) or set((search or "").split())
        # A text with a longer word also contains the shorter words in it.
        is_within = {each for each in words if any(each in other for other in words - {each})}
        self.words = sorted(words - is_within)
        self._model = model
        self._texts = table_of(model, "texts")
        self._long = [word for word in self.words if len(word) >= _TRIGRAM]
        self._short = [word for word in self.words if len(word) < _TRIGRAM]

    def hits(self) -> Candidates:
        """Return the rows that match; if they are few, they are fetched and counted already."""
        numbers, values = self.numbers()
        return self.fetched(numbers, values) or Candidates(self.joined(numbers), values)

    def fetched(self, numbers: str, values: tuple[Any, ...]) -> Candidates | None:
        """Fetch and count the rows of `numbers`, a SELECT of `hit`, or return None if many."""
        found = self.scanned(f"{numbers} LIMIT {FEW + 1}", values)
        return found if found.count <= FEW else None

    def scanned(self, numbers: str, values: tuple[Any, ...]) -> "Known":
        """Fetch and count all rows of `numbers`: eight bytes each, for a condition that is slow."""
        # As one text: fetching 10,000 separate rows took 6 ms more.
        sql = f"SELECT count(*), group_concat(hit) FROM ({numbers})"
        [(count, hits)] = current.execute_sql(sql, values)
        known = self.joined(_NUMBERS)
        return Known(known, (f"[{hits or ''}]",), count)

    def count(self) -> int:
        """Return how many rows match, without reading the rows."""
        numbers, values = self.numbers()
        [(count,)] = current.execute_sql(f"SELECT count(*) FROM ({numbers})", values)
        return int(count)

    def among(self, rows: Candidates) -> Candidates:
        """Return those of `rows`, which have a `hit`, that match; SQLite tests each text."""
        if not self.words:
            return Candidates(self.joined(f"SELECT hit FROM {rows.sql}"), rows.values)
        walked = f"{rows.sql} CROSS JOIN {self._texts} ON {self._texts}.number = hit"
        matching = f"SELECT hit FROM {walked} WHERE {self._holds(self.words)}"
        return Candidates(self.joined(matching), (*rows.values, *self.words))

    def numbers(self) -> tuple[str, tuple[str, ...]]:
        """Return the SELECT of the numbers of matching rows, and its values."""
        if not self._long:
            sql = f"SELECT number AS hit FROM {self._texts} WHERE {self._holds(self._short)}"
            return sql, tuple(self._short)
        index = table_of(self._model, "search")
        phrases = ('"{}"'.format(word.replace('"', '""')) for word in self._long)
        sql = f"SELECT rowid AS hit FROM {index} WHERE {index} MATCH ?"
        if self._short:
            sql = f"SELECT hit FROM ({sql}) CROSS JOIN {self._texts} ON number = hit"
            sql += f" WHERE {self._holds(self._short)}"
        return sql, (" AND ".join(phrases), *self._short)

    def joined(self, hits: str) -> str:
        """Return the rows of `hits`, a SELECT of `hit`, joined with the table."""
        table = self._model._meta.table_name
        return f"({hits}) CROSS JOIN {table} ON {table}.number = hit"

    def _holds(self, words: list[str]) -> str:
        # INSTR has no wildcards: % and _ are plain characters.
        return " AND ".join(f"instr({self._texts}.text, ?) > 0" for _ in words)
