"""A file into the database: its rows are read, checked and stored, and what became of them told."""

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from leadbook.database import Database
from leadbook.database_file import open_database
from leadbook.transfer.cleaning import Cleaner, Record
from leadbook.transfer.kinds import Kind
from leadbook.transfer.mapping import Columns, Overrides
from leadbook.transfer.reading import Row, read_rows
from leadbook.transfer.refused import FileRefusedError, RowRefusedError
from leadbook.transfer.source import Source
from leadbook.transfer.storing import CREATED, OUTCOMES, OnDuplicate, put
from leadbook.upgrade import copy

# So many in one transaction, for half a second: others who write wait for no longer than that.
BATCH = 10_000
_MOST_SHOWN = 5
# What source.py puts for bytes that are not in the encoding.
_SURROGATE = re.compile("[\udc80-\udcff]")

Reject = Callable[[Row, str], None]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Job:
    """What is to be imported, and how."""

    kind: Kind
    source: Source
    on_duplicate: OnDuplicate
    is_strict: bool = False
    overrides: Overrides = field(default_factory=Overrides)


@dataclass
class Report:
    """What became of the rows, and what their columns were taken for.

    `shown` are the first records as they are stored.
    """

    columns: Columns
    outcomes: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    # Right in themselves, and not stored since others were not.
    withheld: int = 0
    shown: list[Record] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows the file has, as far as it has been read."""
        return self.outcomes.total() + self.rejected + self.withheld


class _NotAllError(Exception):
    """All or nothing was asked for, and it cannot be all."""


def run(job: Job, database: Database, reject: Reject, progress: Progress) -> Report:
    """Import a file and report; `reject` is told each row that could not be, and why.

    `progress` is told the bytes and the rows that are done. Whatever was stored when an error is
    raised, such as KeyboardInterrupt, stays: whole batches, in the order of the file. Raises
    FileRefusedError.
    """
    report = _Import(job, database, reject, progress)
    with database.use():
        return report.run()


@contextmanager
def rehearsal(database: Database) -> Iterator[Database]:
    """Yield a copy of `database` that goes away with the block: a dry run is the very same run."""
    with tempfile.TemporaryDirectory(prefix="leadbook-") as folder:
        path = Path(folder) / "rehearsal.db"
        copy(database.path, path)
        application_id = database.pragma("application_id")
        options = {"application_id": application_id, "synchronous": "off"}
        with closing(open_database(path, database.clock, **options)) as copied:
            yield copied


class _Import:
    """One run."""

    def __init__(self, job: Job, database: Database, reject: Reject, progress: Progress) -> None:
        self._job = job
        self._database = database
        self._reject = reject
        self._progress = progress
        self._cleaner = Cleaner(job.kind)
        self._report = self._new_report()

    def run(self) -> Report:
        if not self._job.is_strict:
            self._store_all(self._database.write)
            return self._require_rows()
        # Most of what is wrong is found without keeping others from writing.
        self._report.withheld = sum(1 for _ in self._records())
        if self._report.rejected:
            return self._require_rows()
        self._report = self._new_report()
        try:
            with self._database.write():
                self._store_all(nullcontext)
                if self._report.rejected:
                    raise _NotAllError
        except _NotAllError:
            self._report.withheld = self._report.outcomes.total()
            self._report.outcomes.clear()
            self._report.shown.clear()
        return self._require_rows()

    def _new_report(self) -> Report:
        unescape = self._job.source.format == "csv"
        return Report(Columns(self._job.kind, self._job.overrides, unescape=unescape))

    def _require_rows(self) -> Report:
        if not self._report.rows:
            raise FileRefusedError(f"{self._job.source.name} has no rows.")
        return self._report

    def _store_all(self, transaction: Callable[[], AbstractContextManager[Any]]) -> None:
        records = self._records()
        while batch := list(islice(records, BATCH)):
            with transaction():
                stored = [record for _, record in batch]
                outcomes = put(self._job.kind, self._job.on_duplicate, stored)
            # Only now is it true.
            for (row, record), outcome in zip(batch, outcomes, strict=True):
                self._count(row, record, outcome)
            self._progress(self._job.source.position, self._report.rows)

    def _count(self, row: Row, record: Record, outcome: str) -> None:
        if outcome not in OUTCOMES:
            self._refuse(row, outcome)
            return
        self._report.outcomes[outcome] += 1
        if outcome == CREATED and len(self._report.shown) < _MOST_SHOWN:
            self._report.shown.append(record)

    def _records(self) -> Iterator[tuple[Row, Record]]:
        """Yield the rows that are right in themselves, with their records."""
        columns = self._report.columns
        for row in read_rows(self._job.source):
            if row.problem:
                self._refuse(row, row.problem)
                continue
            try:
                clean = self._cleaner.own if columns.is_own(row) else self._cleaner.foreign
                yield row, clean(columns.values(row))
            except RowRefusedError as error:
                is_garbled = any(_SURROGATE.search(cell) for cell in row.cells)
                garbled = f"Some of it is not in {self._job.source.encoding}, as the rest is."
                self._refuse(row, garbled if is_garbled else str(error))

    def _refuse(self, row: Row, reason: str) -> None:
        self._report.rejected += 1
        self._reject(row, reason)
