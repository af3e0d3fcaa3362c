"""The answers that are kept for a repeated Idempotency-Key."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import peewee

from leadbook.storage.database import current

KEPT_FOR = timedelta(hours=24)
MOST_ANSWERS = 100_000
_SWEPT_AT_ONCE = 100
GONE = 410
# Of an import that has not come to its end; its line stands in the place of an ETag.
IN_PROGRESS = 202
# In the place of a record's id: a report may hold words of any record.
_REPORT = "report"
# Nothing that was said of a record or by it; a hash of a request could be guessed.
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
    """The record that the key stands for has been erased."""


class KeyInUseError(Exception):
    """Another request with this Idempotency-Key is being carried out."""


class StoredAnswer(peewee.Model):
    """The answer to a request, in the words in which it was given.

    Status GONE stands for a record that was erased. An empty body stands for the record as it is
    now.
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
    """One request with an Idempotency-Key: the hash of whose key it is, and of what it asks.

    `sealed` is a hash of the request and the key, which is not kept: else guesses could tell what
    a batch or a file has said of a person who is erased since.
    """

    key: str
    request: str
    sealed: str

    @classmethod
    def of(cls, caller: str, key: str, *request: bytes) -> "Attempt":
        """Return the attempt of `caller` at `request`: its method, path, query and body."""
        asked = _hash(*request)
        return cls(_hash(caller.encode(), key.encode()), asked, _hash(key.encode(), asked.encode()))

    def stored_answer(self) -> StoredAnswer | None:
        """Return the answer that it got before. Raises KeyReusedError or RecordGoneError."""
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
        """Keep the report of an import that is done up to `to_line`, or to the end.

        Raises KeyInUseError where it is not up to `line` that it was done before: another request
        with the same key goes on with it.
        """
        current.require_write()
        answer = self.stored_answer()
        if answer and (answer.status != IN_PROGRESS or answer.etag != str(line)):
            raise KeyInUseError("Another request with this Idempotency-Key is being carried out.")
        if not answer and line:
            raise KeyInUseError("Another request with this Idempotency-Key is being carried out.")
        # A record may have been erased meanwhile.
        is_wordless = answer is not None and answer.record_id is None
        self.store(
            status=200 if to_line is None else IN_PROGRESS,
            body=_encoded(_without_words(report) if is_wordless else report),
            content_type="application/json",
            etag=None if to_line is None else str(to_line),
            record_id=None if is_wordless else _REPORT,
        )

    def store(self, **answer: object) -> None:
        """Keep `answer`, the columns of a StoredAnswer, within the write that it tells of."""
        current.require_write()
        _sweep()
        # The answer about one record forgets the request when that record is erased.
        is_of_record = answer.get("record_id") not in (None, _REPORT)
        request = self.request if is_of_record else self.sealed
        StoredAnswer.replace(
            key=self.key, request=request, created_at=current.now, **answer
        ).execute()


def forget_answers(record_id: str) -> None:
    """Keep of the answers that show a record only that it is gone."""
    # Most often there is none. A write, even of nothing, would have FTS5 flush what is erased, each
    # time in a batch.
    any_sql = "SELECT 1 FROM stored_answers WHERE record_id IN (?, ?) LIMIT 1"
    if not current.execute_sql(any_sql, (record_id, _REPORT)).fetchone():
        return
    StoredAnswer.update(_GONE).where(StoredAnswer.record_id == record_id).execute()
    for answer in StoredAnswer.select().where(StoredAnswer.record_id == _REPORT):
        answer.body = _encoded(_without_words(json.loads(answer.body)))
        answer.record_id = None
        answer.save()


def _without_words(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the counts of a report of an import."""
    nothing = {name: type(kept)() for name, kept in report.items() if isinstance(kept, dict | list)}
    return {**report, **nothing, "notUnderstood": {"status": {}, "createdAt": {}}}


def _encoded(report: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(report, separators=(',', ':'))}\n".encode()


def forget_words(record_id: str) -> None:
    """Have the answers that show a record show it as it is when they are asked for again.

    A client shows what the lead said that it was made from, until that lead is erased.
    """
    StoredAnswer.update(_WORDLESS).where(StoredAnswer.record_id == record_id).execute()


def _sweep() -> None:
    """Remove what is too old or too many, a little with each answer that comes."""
    newest = StoredAnswer.select(peewee.fn.MAX(StoredAnswer.id)).scalar() or 0
    is_over = (StoredAnswer.created_at <= current.clock.after(-KEPT_FOR)) | (
        StoredAnswer.id <= newest - MOST_ANSWERS
    )
    old = StoredAnswer.select(StoredAnswer.id).where(is_over).limit(_SWEPT_AT_ONCE)
    StoredAnswer.delete().where(StoredAnswer.id.in_(old)).execute()


def _hash(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        # With its length, or two different requests could be written alike.
        digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()
