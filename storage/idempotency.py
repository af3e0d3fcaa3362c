"""The stored answers for repeated Idempotency-Keys."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import peewee

from leadbook.storage.database import current
from leadbook.storage.json_text import texts_in

KEPT_FOR = timedelta(hours=24)
MOST_ANSWERS = 100_000
_SWEPT_AT_ONCE = 100
GONE = 410
# The status of an unfinished import; the column `etag` has its line.
IN_PROGRESS = 202
# The record id of a report, which may contain words of any record.
_REPORT = "report"
# Without a record's words; _GONE also drops the request's hash, which guesses could match.
_WORDLESS = {"body": b"", "etag": None}
_GONE = _WORDLESS | {
    "status": GONE,
    "request": "",
    "content_type": "",
    "location": None,
    "record_id": None,
}


class KeyReusedError(Exception):
    """The Idempotency-Key has been used for another request."""


class RecordGoneError(Exception):
    """The record of the answer has been erased."""


class KeyInUseError(Exception):
    """Another request with this Idempotency-Key is running."""


class StoredAnswer(peewee.Model):
    """The answer to a request, exactly as it was given.

    Status GONE means that the record was erased. If the body is empty, the answer is the record as
    it is now.
    """

    id = peewee.AutoField()
    key = peewee.TextField(unique=True)
    request = peewee.TextField()
    status = peewee.IntegerField()
    body = peewee.BlobField()
    content_type = peewee.TextField()
    etag = peewee.TextField(null=True)
    location = peewee.TextField(null=True)
    record_id = peewee.TextField(null=True, index=True)
    created_at = peewee.TextField(index=True)

    class Meta:
        database = current
        table_name = "stored_answers"


@dataclass(frozen=True)
class Attempt:
    """One request with an Idempotency-Key: a hash of the key and its caller, and of the request.

    `sealed` is a hash of the request and the key, which is not stored. Without the key, guesses
    could confirm what a request said about a person who was erased later. Earlier versions stored
    `request`.
    """

    key: str
    request: str
    sealed: str

    @classmethod
    def of(cls, caller: str, key: str, *request: bytes) -> "Attempt":
        """Return the attempt of `caller`; `request` is its method, path, query and body."""
        asked = _hash(*request)
        return cls(_hash(caller.encode(), key.encode()), asked, _hash(key.encode(), asked.encode()))

    def stored_answer(self) -> StoredAnswer | None:
        """Return the earlier answer, or None. Raises KeyReusedError or RecordGoneError."""
        oldest = current.clock.after(-KEPT_FOR)
        answer: StoredAnswer | None = StoredAnswer.get_or_none(
            StoredAnswer.key == self.key, StoredAnswer.created_at > oldest
        )
        if answer and answer.status == GONE:
            raise RecordGoneError("The record that this Idempotency-Key stands for was erased.")
        if answer and answer.request not in (self.request, self.sealed):
            raise KeyReusedError("This Idempotency-Key was used for another request.")
        return answer

    def advance(self, line: int, to_line: int | None, report: Mapping[str, Any]) -> None:
        """Store the report of an import up to `to_line`, or up to the end if that is None.

        Raises KeyInUseError if the stored report does not end at `line`: then another request with
        the same key has continued the import.
        """
        current.require_write()
        answer = self.stored_answer()
        if answer and (answer.status != IN_PROGRESS or answer.etag != str(line)):
            raise KeyInUseError("Another request with this Idempotency-Key is being carried out.")
        if not answer and line:
            raise KeyInUseError("Another request with this Idempotency-Key is being carried out.")
        # An erasure in the meantime has removed the words; they must not come back.
        is_wordless = answer is not None and answer.record_id is None
        self.store(
            status=200 if to_line is None else IN_PROGRESS,
            body=_encoded(_without_words(report) if is_wordless else report),
            content_type="application/json",
            etag=None if to_line is None else str(to_line),
            record_id=None if is_wordless else _REPORT,
        )

    def store(self, **answer: object) -> None:
        """Store `answer`, the columns of a StoredAnswer, in the write that it reports."""
        current.require_write()
        _sweep()
        # The request may be about other people than the answer, and outlives them.
        StoredAnswer.replace(
            key=self.key, request=self.sealed, created_at=current.now, **answer
        ).execute()


def forget_answers(record_id: str) -> None:
    """Replace the answers that show a record by GONE, and remove the words of all reports."""
    # Usually there is none. Any write, even an empty one, would make FTS5 flush its erased entries,
    # for each record of a batch.
    any_sql = "SELECT 1 FROM stored_answers WHERE record_id IN (?, ?) LIMIT 1"
    if not current.execute_sql(any_sql, (record_id, _REPORT)).fetchone():
        return
    StoredAnswer.update(_GONE).where(StoredAnswer.record_id == record_id).execute()
    for answer in StoredAnswer.select().where(StoredAnswer.record_id == _REPORT):
        answer.body = _encoded(_without_words(json.loads(answer.body)))
        answer.record_id = None
        answer.save()


def answered_about(record_id: str) -> Iterator[str]:
    """Yield the texts in the stored answers that show a record."""
    for answer in StoredAnswer.select().where(StoredAnswer.record_id == record_id):
        if answer.body:
            yield from texts_in(json.loads(answer.body))


def _without_words(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return an import report with only its counts."""
    nothing = {name: type(kept)() for name, kept in report.items() if isinstance(kept, dict | list)}
    return {**report, **nothing, "notUnderstood": {"status": {}, "createdAt": {}}}


def _encoded(report: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(report, separators=(',', ':'))}\n".encode()


def forget_words(record_id: str) -> None:
    """Make the stored answers for a record show its current state when they are repeated.

    The first answer of a client has data of its lead, which must not outlive the lead.
    """
    StoredAnswer.update(_WORDLESS).where(StoredAnswer.record_id == record_id).execute()


def _sweep() -> None:
    """Remove old and surplus answers, a few with each new one."""
    newest = StoredAnswer.select(peewee.fn.MAX(StoredAnswer.id)).scalar() or 0
    is_over = (StoredAnswer.created_at <= current.clock.after(-KEPT_FOR)) | (
        StoredAnswer.id <= newest - MOST_ANSWERS
    )
    old = StoredAnswer.select(StoredAnswer.id).where(is_over).limit(_SWEPT_AT_ONCE)
    StoredAnswer.delete().where(StoredAnswer.id.in_(old)).execute()


def _hash(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        # With its length: otherwise two different requests could give the same bytes.
        digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()
