"""Import a file: read, check and store its rows, and report the result."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from leadbook.storage.database import Database
from leadbook.storage.system import monotonic
from leadbook.transfer.cleaning import Cleaned, Cleaner
from leadbook.transfer.columns.kinds import Kind
from leadbook.transfer.columns.mapping import Columns
from leadbook.transfer.columns.plans import Overrides
from leadbook.transfer.columns.survey import Survey, rows_again
from leadbook.transfer.errors import FileRefusedError, ImportStoppedError, RowRefusedError
from leadbook.transfer.files.formats import TABLES
from leadbook.transfer.files.reading import read_rows
from leadbook.transfer.files.row import Row
from leadbook.transfer.files.source import Source
from leadbook.transfer.reasons import reason_of, shortened, text_of_remark
from leadbook.transfer.remarks import LoneRows
from leadbook.transfer.reports import NOT_REJECTED, REMARK, Fate, Report
from leadbook.transfer.storing import put

# The most rows in one transaction, which ends after a part of them if that takes long: others wait
# to write, and beside other requests of its process, an import takes several times as long.
BATCH, PARTS = 8_000, 8
_LONGEST_SECONDS = 0.5
# Changing a record takes as long as inserting this many.
_ROWS_OF_A_CHANGE = 10
# A row takes up to twenty times as much in memory, and has up to 256 KiB.
_BYTES_OF_A_BATCH, _ROWS_AT_ONCE = 4 * 1024 * 1024, 50

Reject = Callable[[Row, str], None]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Job:
    """What to import, and how. Rows that begin before `from_line` are skipped."""

    kind: Kind
    source: Source
    on_duplicate: str
    is_strict: bool = False
    from_line: int = 1
    overrides: Overrides = field(default_factory=Overrides)


def _nothing(*_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Steps:
    """Functions that an import calls.

    `look` is called before each row and may raise to stop the import. `prepare` gets the records of
    a batch before they are stored. `keep` gets the report and the line of the last row after that.
    Both run in the transaction of the batch.
    """

    look: Callable[[], None] = _nothing
    prepare: Callable[[list[Cleaned]], None] = _nothing
    keep: Callable[[Report, int], None] = _nothing
    is_rehearsal: bool = False


class _NotAllError(Exception):
    """A strict import found a row that cannot be stored."""


def run(
    job: Job, database: Database, reject: Reject, progress: Progress, steps: Steps | None = None
) -> Report:
    """Import a file and return the report.

    `reject` gets rejected rows and the reasons; `progress` the numbers of bytes and rows done.
    Raises FileRefusedError, and ImportStoppedError for other errors, which some rows may precede.
    """
    one = _Import(job, database, reject, progress, steps or Steps())
    with database.use():
        return one.run()


def require_rows(job: Job) -> None:
    """Read the file up to its first record. Raises FileRefusedError if there is none."""
    columns = _columns(job, Survey(lambda: rows_again(job.source, _nothing)))
    lone, remark = LoneRows(job.kind), None
    for row in columns.own.look_at(read_rows(job.source)):
        if row.problem:
            return
        # Without a plan for its columns, the file is refused here.
        plan = columns.read(row).plan
        if not row.is_lone:
            return
        remark = remark or (row.line, text_of_remark(row))
        if _has_records(lone.add(row, plan, "")):
            return
    if not _has_records(lone.end_table()):
        raise FileRefusedError.without_records(job.source.name, remark)


def _has_records(fates: Iterable[Fate]) -> bool:
    return any(outcome != REMARK for _, _, outcome in fates)


def _columns(job: Job, survey: Survey) -> Columns:
    job.source.prepare(job.kind.lists, is_of_people=job.kind.is_of_people)
    is_table = job.source.format in TABLES
    return Columns(job.kind, job.overrides, survey, unescape=is_table, is_table=is_table)


class _Import:
    """One run of an import."""

    def __init__(
        self, job: Job, database: Database, reject: Reject, progress: Progress, steps: Steps
    ) -> None:
        self._job = job
        self._database = database
        self._reject = reject
        self._progress = progress
        self._steps = steps
        self._survey = Survey(lambda: rows_again(job.source, steps.look))
        self._report = self._new_report()
        self._rows_done = self._last_line = 0

    def run(self) -> Report:
        try:
            if self._job.is_strict:
                self._store_all_or_nothing()
            else:
                self._store_all(self._database.write)
        except Exception as error:
            is_nothing = self._job.is_strict or self._steps.is_rehearsal
            rows = 0 if is_nothing else self._rows_done
            if isinstance(error, FileRefusedError) and not rows:
                raise
            raise ImportStoppedError(error, rows, self._last_line if rows else 0) from error
        # An import that continues may find that all rows are already stored.
        if not self._report.rows and self._job.from_line == 1:
            raise FileRefusedError.without_records(self._job.source.name, self._report.first_remark)
        return self._report

    def _store_all_or_nothing(self) -> None:
        # Most errors are found here, without blocking other writers.
        for row, _, outcome in self._checked():
            if outcome:
                fates: list[Fate] = [(row, None, outcome)]
                self._report.count(fates)
                self._hand_out(fates)
            else:
                self._report.withhold()
        if self._report.rejected:
            return
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

    def _new_report(self) -> Report:
        columns = _columns(self._job, self._survey)
        self._cleaner = Cleaner(self._job.kind, columns, self._database.clock.milliseconds())
        return Report(columns, self._job.source)

    def _store_all(self, transaction: Callable[[], AbstractContextManager[Any]]) -> None:
        rows = self._checked()
        is_changing = self._job.on_duplicate == "update"
        at_once = max(1, BATCH // _ROWS_OF_A_CHANGE) if is_changing else BATCH
        batch: list[Fate] = []
        while batch := batch or self._batch(rows, at_once):
            with transaction():
                fates = self._store_in_time(batch, max(1, at_once // PARTS))
                line = fates[-1][0].line
                self._report.count(fates)
                self._steps.keep(self._report, line)
            batch = batch[len(fates) :]
            # Counted only now, since the transaction is committed.
            self._rows_done, self._last_line = self._report.outcomes.total(), line
            self._hand_out(fates)
            self._progress(self._job.source.position, self._report.rows)

    def _store_in_time(self, batch: list[Fate], at_once: int) -> list[Fate]:
        """Store `at_once` rows after the other until the time is over; return those rows."""
        fates: list[Fate] = []
        end = monotonic() + _LONGEST_SECONDS
        while len(fates) < len(batch) and (not fates or monotonic() < end):
            fates += self._store(batch[len(fates) : len(fates) + at_once])
        return fates

    def _batch(self, rows: Iterator[Fate], most: int) -> list[Fate]:
        """Return the next rows; fewer than `most` if they are long."""
        batch: list[Fate] = []
        end = self._job.source.position + _BYTES_OF_A_BATCH
        # Asking for the position of each row would take longer than reading it.
        while len(batch) < most and self._job.source.position < end:
            some = list(islice(rows, min(_ROWS_AT_ONCE, most - len(batch))))
            batch += some
            if not some:
                break
        return batch

    def _store(self, batch: list[Fate]) -> list[Fate]:
        records = [record for _, record, _ in batch if record is not None]
        self._steps.prepare(records)
        adjustments = self._report.columns.adjustments
        outcomes = iter(put(self._job.kind, self._job.on_duplicate, records, adjustments))
        return [
            (row, record, reason if record is None else next(outcomes))
            for row, record, reason in batch
        ]

    def _hand_out(self, fates: list[Fate]) -> None:
        for row, _, outcome in fates:
            if outcome not in NOT_REJECTED:
                self._reject(row, outcome)

    def _checked(self) -> Iterator[Fate]:
        """Yield each row with its record, or with the reason why the row itself is not valid."""
        columns = self._report.columns
        encoding = self._job.source.encoding
        lone = LoneRows(self._job.kind)
        for row in columns.own.look_at(read_rows(self._job.source)):
            self._steps.look()
            if row.line < self._job.from_line:
                continue
            record: Cleaned | None = None
            if row.problem:
                reason = shortened(row.problem)
            else:
                reason = ""
                mapped = columns.read(row)
                try:
                    record = self._cleaner.clean(mapped)
                except RowRefusedError as error:
                    reason = reason_of(row, error, encoding)
                    if row.is_lone:
                        yield from lone.add(row, mapped.plan, reason)
                        continue
            yield from lone.end_run()
            yield row, record, reason
        yield from lone.end_table()
