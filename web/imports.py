"""An import over HTTP, and the report that its Idempotency-Key stores."""

import hashlib
import json
from typing import Any, BinaryIO

from flask import Response, current_app, jsonify, request
from marshmallow import ValidationError

from leadbook.storage.database import Database, current
from leadbook.storage.idempotency import IN_PROGRESS, Attempt, KeyInUseError, StoredAnswer
from leadbook.storage.record import Record
from leadbook.transfer.columns.kinds import kind_of
from leadbook.transfer.columns.plans import Overrides
from leadbook.transfer.errors import FileRefusedError, ImportStoppedError, temporary_storage
from leadbook.transfer.files.encodings import claimed
from leadbook.transfer.files.formats import Format
from leadbook.transfer.files.source import Source
from leadbook.transfer.importing import Job, Steps, run
from leadbook.transfer.rehearsal import rehearsal
from leadbook.transfer.reports import Report
from leadbook.transfer.summary import as_json, merged
from leadbook.web.writing import attempt_at, replay


def import_file(
    model: type[Record],
    upload: BinaryIO,
    format: Format,
    on_duplicate: Any,
    dry_run: bool,
    strict: bool,
    from_line: int,
    **reading: Any,
) -> Response:
    """Import the file and return the report; `reading` has the other parameters of ImportQuery.

    With an Idempotency-Key, a repeated request continues after the last batch that was stored. If
    the import is complete, it gets the same answer again.
    """
    attempt = attempt_at(lambda: _fingerprint(upload))
    answer = attempt.stored_answer() if attempt else None
    if answer and answer.status != IN_PROGRESS:
        return replay(answer)
    kept = _Kept(attempt, answer)
    database: Database = current_app.extensions["leadbook"]
    # A batch of rows takes half a second, and a file may have many more.
    database.time_limit.lift()
    try:
        charset = reading["encoding"] or claimed(_charset())
        source = Source(upload, "The body", format, charset, sheet=reading["sheet"])
        first = max(from_line, kept.line + 1)
        keeps = reading.get("custom", True)
        overrides = Overrides(keeps_columns=keeps, date_order=reading.get("date_order"))
        job = Job(kind_of(model), source, on_duplicate, strict, first, overrides)
        report = _rehearse(job, database) if dry_run else _run(job, database, kept)
        if strict and report.rejected and not dry_run:
            raise ValidationError({f"line {line}": [reason] for line, reason in report.rejects})
        return kept.finish(report, dry_run=dry_run)
    except FileRefusedError as error:
        raise ValidationError(str(error), "body") from None
    except (ImportStoppedError, KeyInUseError) as error:
        is_behind = KeyInUseError in (type(error), type(getattr(error, "cause", None)))
        done = attempt.stored_answer() if attempt and is_behind else None
        if done is None or done.status == IN_PROGRESS:
            raise
        return replay(done)


def _run(job: Job, database: Database, kept: "_Kept") -> Report:
    return run(job, database, _say_nothing, _say_nothing, Steps(keep=kept.keep))


def _rehearse(job: Job, database: Database) -> Report:
    with temporary_storage(), rehearsal(database, job) as (empty, prepare):
        steps = Steps(prepare=prepare, is_rehearsal=True)
        return run(job, empty, _say_nothing, _say_nothing, steps)


class _Kept:
    """The report so far, stored in the transaction of each batch."""

    def __init__(self, attempt: Attempt | None, earlier: StoredAnswer | None) -> None:
        self._attempt = attempt
        self._earlier = json.loads(earlier.body) if earlier else {}
        self.line = int(str(earlier.etag)) if earlier else 0

    def keep(self, report: Report, line: int) -> None:
        """Store the report up to `line`. Raises KeyInUseError."""
        if self._attempt:
            self._attempt.advance(self.line, line, self._whole(report, dry_run=False))
            self.line = line

    def finish(self, report: Report, *, dry_run: bool) -> Response:
        """Return the answer, and store it. Raises ImportStoppedError, with all rows imported."""
        whole = self._whole(report, dry_run=dry_run)
        if not self._attempt:
            return jsonify(whole)
        try:
            with current.write():
                self._attempt.advance(self.line, None, whole)
            answer = self._attempt.stored_answer()
        except Exception as error:
            rows = 0 if dry_run else whole["rows"] - whole["rejected"]
            raise ImportStoppedError(error, rows, self.line) from error
        return jsonify(whole) if answer is None else _first(replay(answer))

    def _whole(self, report: Report, *, dry_run: bool) -> dict[str, Any]:
        return merged(self._earlier, as_json(report, dry_run=dry_run))


def _first(response: Response) -> Response:
    del response.headers["Idempotency-Replayed"]
    return response


def _fingerprint(upload: Any) -> bytes:
    """Return a hash of the file, read in pieces, with its media type and charset."""
    upload.seek(0)
    hashed = hashlib.file_digest(upload, "sha256").digest()
    return hashed + f"{request.mimetype}{_charset()}".encode()


def _charset() -> str:
    """Return the charset that the caller names, or an empty text."""
    return request.mimetype_params.get("charset", "")


def _say_nothing(*_: object) -> None:
    """Report no progress: HTTP has no place for it."""
