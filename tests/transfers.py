"""Exports and imports of any kind of record; comments have no import over HTTP."""

import io
import json

from leadbook.transfer import summary
from leadbook.transfer.columns.kinds import kinds
from leadbook.transfer.exporting import export
from leadbook.transfer.files.source import Source
from leadbook.transfer.importing import Job, run

# In the order in which a database is moved.
KINDS = ("leads", "clients", "follow-ups", "tickets", "comments")


def exported_by(leadbook, kind, format_):
    """Return an export of all records, as bytes."""
    return b"".join(export(leadbook.app.extensions["leadbook"], kinds()[kind], format_))


def records_of(leadbook, kind):
    """Return all records by their ids."""
    rows = map(json.loads, exported_by(leadbook, kind, "jsonl").splitlines())
    return {each["id"]: each for each in rows}


def import_into(leadbook, kind, data, format_="csv"):
    """Import a file and return the report."""
    if kind == "comments":
        job = Job(kinds()[kind], Source(io.BytesIO(data), "comments", format_), "reject")
        report = run(job, leadbook.app.extensions["leadbook"], lambda *_: None, lambda *_: None)
        return summary.as_json(report, dry_run=False)
    media_type = "text/csv" if format_ == "csv" else "application/x-ndjson"
    answer = leadbook.client.post(f"/{kind}/import", data=data, content_type=media_type)
    assert answer.status_code == 200, answer.json
    return answer.json
