"""The search index of a table: the trigrams of its texts, in FTS5, without erased records.

Triggers update the index when the texts change, as the manual shows:
https://www.sqlite.org/fts5.html#external_content_tables
"""

import re
from collections.abc import Iterator
from functools import reduce
from itertools import count
from operator import mul
from typing import Any

import peewee

from leadbook.storage.database import Database
from leadbook.storage.sqlite.driver import sqlite3

# Before this version, FTS5 only marks the entries of an erased record as deleted.
# https://www.sqlite.org/fts5.html#the_secure_delete_configuration_option
ERASES_ENTRIES = sqlite3.sqlite_version_info >= (3, 42, 0)
# The format of an index in which entries were erased. An older SQLite cannot read it.
_FORMAT_WITH_ERASURES = 5
# The row of FTS5's data table with the numbers of texts and trigrams.
_TOTALS = 1
_VARINT = re.compile(rb"[\x80-\xff]*[\0-\x7f]")
_SHADOW_TABLES = ("data", "idx", "docsize", "config", "content")
# Texts to index in one write: half a second, in which no one else can write.
_TEXTS_AT_ONCE = 10_000

_INDEX = """
CREATE VIRTUAL TABLE {index} USING fts5 (text, content = '{texts}', content_rowid = 'number', tokenize = 'trigram case_sensitive 1', columnsize = 0)
"""
_TRIGGERS = """
CREATE TRIGGER {trigger}_new AFTER INSERT ON {texts}{of_new} BEGIN
 INSERT INTO {index} (rowid, text) VALUES (new.number, new.text);
END

CREATE TRIGGER {trigger}_changed AFTER UPDATE OF text ON {texts}{of_old} BEGIN
 INSERT INTO {index} ({index}, rowid, text) VALUES ('delete', old.number, old.text);
 INSERT INTO {index} (rowid, text) VALUES (new.number, new.text);
END

CREATE TRIGGER {trigger}_gone AFTER DELETE ON {texts}{of_old} BEGIN
 INSERT INTO {index} ({index}, rowid, text) VALUES ('delete', old.number, old.text);
END
"""


class SearchIndex:
    """The search index `name`, such as "lead_search"; `of` says what it finds, such as "leads"."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name
        one = name.removesuffix("_search")
        self.of = f"{one}s"
        self._texts = f"{one}_texts"
        # The new index of a rebuild; it replaces the old one when it is complete.
        self._next = f"{name}_next"

    def create(self) -> None:
        """Create the empty index of a new file."""
        self._run(_INDEX, index=self.name)
        self._follow(self.name, self._texts)
        self._erase_entries(self.name)

    def look_up(self) -> None:
        """Search for the first and the last text. Raises peewee.DatabaseError if that fails.

        A damaged index may still answer, as if it were empty.
        """
        any_text = f"SELECT 1 FROM {self.name} WHERE {self.name} MATCH '\"any\"' LIMIT 1"
        self._database.execute_sql(any_text).fetchone()
        trigram = f"'\"' || replace(substr({self._texts}.text, 1, 3), '\"', '\"\"') || '\"'"
        found = f"SELECT 1 FROM {self.name} WHERE {self.name} MATCH {trigram} AND rowid = number"
        ends = (f"(SELECT {end}(number) FROM {self._texts})" for end in ("min", "max"))
        missing = (
            f"SELECT 1 FROM {self._texts} WHERE number IN ({', '.join(ends)})"
            f" AND length(text) > 2 AND NOT EXISTS ({found})"
        )
        if self._database.execute_sql(missing).fetchall():
            raise peewee.DatabaseError("records are missing from it")
        # Searches work without the totals; writes do not.
        if self.totals() is None:
            raise peewee.DatabaseError("its totals are missing")

    def prepare(self) -> None:
        """Prepare the index for this SQLite, since another version may have written it.

        Raises peewee.DatabaseError if the index cannot be used.
        """
        settings = dict(self._database.execute_sql(f"SELECT k, v FROM {self.name}_config"))
        if ERASES_ENTRIES and not settings.get("secure-delete"):
            with self._database.write():
                self._erase_entries(self.name)
        if not ERASES_ENTRIES and settings.get("version") == _FORMAT_WITH_ERASURES:
            for _ in self.rebuild():
                pass
        self.look_up()

    def is_in_step(self) -> bool:
        """Return whether the index has exactly the trigrams of the texts.

        FTS5's own command for this needs to write. So this compares checksums, which include the
        places of each trigram. Raises peewee.DatabaseError.
        """
        self.look_up()
        [(verdict,), *_] = self._database.execute_sql(f"PRAGMA integrity_check({self.name})")
        if verdict != "ok" or self.is_unfinished():
            return False
        [(texts,)] = self._database.execute_sql(f"SELECT count(*) FROM {self._texts}")
        wanted = self._checksum_of_texts()
        return self._checksum() == wanted and (self.totals() or [0, 0]) == [texts, wanted[0]]

    def totals(self) -> list[int] | None:
        """Return the index's numbers of texts and trigrams, or None if they are lost."""
        # Varints: https://www.sqlite.org/fileformat2.html
        sql = f"SELECT block FROM {self.name}_data WHERE id = {_TOTALS}"
        row = self._database.execute_sql(sql).fetchone()
        return row and [_number(each) for each in _VARINT.findall(row[0])]

    def _checksum(self) -> tuple[int, int]:
        """Return how many trigrams are in the index, and their checksum."""
        terms = f"{self.name}_terms"
        made = f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{terms} USING fts5vocab (main, {self.name}, instance)"
        self._database.execute_sql(made)
        sums = f"SELECT term, count(*), sum(doc), sum(doc * offset) FROM {terms} GROUP BY term"
        occurrences = checksum = 0
        for term, times, texts, places in self._database.execute_sql(sums):
            occurrences += times
            # The three numbers do not overlap.
            checksum += hash(term) * (times + (texts << 64) + (places << 128))
        return occurrences, checksum

    def _checksum_of_texts(self) -> tuple[int, int]:
        """Return the same numbers for the texts, with one text in memory at a time."""
        occurrences = checksum = 0
        for number, text in self._database.execute_sql(f"SELECT number, text FROM {self._texts}"):
            hashes = [hash(text[place : place + 3]) for place in range(len(text) - 2)]
            occurrences += len(hashes)
            checksum += sum(hashes) * (1 + (number << 64))
            checksum += sum(map(mul, hashes, count())) * (number << 128)
        return occurrences, checksum

    def purge(self) -> None:
        """Write the index again without deleted entries: seconds for each million records."""
        self._database.time_limit.lift()
        self._database.execute_sql(f"INSERT INTO {self.name} ({self.name}) VALUES ('optimize')")
        self._erase_entries(self.name)

    def keep_entries(self) -> None:
        """Let the entries of erased records stay until `purge`, in the same write."""
        self._erase_entries(self.name, 0)

    def rebuild(self) -> Iterator[tuple[int, int]]:
        """Rebuild the index in several writes; yield how many texts are done, and the total.

        The old index answers searches until the new one is complete. Until then, triggers update
        the texts that are already in the new one.
        """
        with self._database.write():
            self.drop_unfinished()
            self._run(_INDEX, index=self._next)
            self._erase_entries(self._next)
        [(total,)] = self._database.execute_sql(f"SELECT count(*) FROM {self._texts}")
        last, done = -1, 0
        while True:
            with self._database.write():
                last, count = self._index_more(last)
                done += count
                if count < _TEXTS_AT_ONCE:
                    self._replace()
                    break
            yield done, max(done, total)
            self._database.let_others_write()
        yield done, done

    def _index_more(self, last: int) -> tuple[int, int]:
        """Index more texts after number `last`; return the new last number, and how many."""
        some = f"SELECT number FROM {self._texts} WHERE number > ? ORDER BY number LIMIT ?"
        limits = f"SELECT ifnull(max(number), ?), count(*) FROM ({some})"
        given = (last, last, _TEXTS_AT_ONCE)
        [(newest, count)] = self._database.execute_sql(limits, given)
        self._database.execute_sql(
            f"INSERT INTO {self._next} (rowid, text)"
            f" SELECT number, text FROM {self._texts} WHERE number > ? AND number <= ?",
            (last, newest),
        )
        self._unfollow(self._next)
        self._follow(self._next, self._next, up_to=newest)
        return newest, count

    def _replace(self) -> None:
        """Replace the old index by the complete new one."""
        self._unfollow(self._next)
        self.remove()
        self._database.execute_sql(f"ALTER TABLE {self._next} RENAME TO {self.name}")
        self._follow(self.name, self._texts)

    def drop_unfinished(self) -> None:
        """Remove the leftovers of an interrupted rebuild."""
        self._unfollow(self._next)
        self._drop(self._next)

    def is_unfinished(self) -> bool:
        """Return whether a rebuild was interrupted."""
        sql = "SELECT 1 FROM sqlite_master WHERE name = ?"
        return bool(self._database.execute_sql(sql, (self._next,)).fetchone())

    def remove(self) -> None:
        """Remove the index and its triggers, even if it is damaged."""
        self._unfollow(self._texts)
        self._drop(self.name)

    def _drop(self, index: str) -> None:
        # DROP TABLE opens the index first, and fails if the index is damaged.
        self._database.execute_sql("PRAGMA writable_schema = ON")
        self._database.execute_sql("DELETE FROM sqlite_master WHERE name = ?", (index,))
        self._database.execute_sql("PRAGMA writable_schema = RESET")
        for each in _SHADOW_TABLES:
            self._database.execute_sql(f"DROP TABLE IF EXISTS {index}_{each}")

    def _follow(self, index: str, trigger: str, up_to: int | None = None) -> None:
        """Create the triggers that update `index`, for all texts or those up to a number."""
        of = {"new": "", "old": ""}
        if up_to is not None:
            of = {each: f" WHEN {each}.number <= {up_to}" for each in of}
        self._run(_TRIGGERS, index=index, trigger=trigger, of_new=of["new"], of_old=of["old"])

    def _unfollow(self, trigger: str) -> None:
        for each in ("new", "changed", "gone"):
            self._database.execute_sql(f"DROP TRIGGER IF EXISTS {trigger}_{each}")

    def _erase_entries(self, index: str, at_once: int = 1) -> None:
        if ERASES_ENTRIES:
            sql = f"INSERT INTO {index} ({index}, rank) VALUES ('secure-delete', {at_once})"
            self._database.execute_sql(sql)

    def _run(self, statements: str, **names: Any) -> None:
        for each in statements.format(texts=self._texts, **names).strip().split("\n\n"):
            self._database.execute_sql(each)


def _number(varint: bytes) -> int:
    return reduce(lambda number, byte: number << 7 | byte & 0x7F, varint, 0)
