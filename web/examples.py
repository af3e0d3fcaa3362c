"""The records that the OpenAPI document shows as examples."""

from typing import Any

REQUEST_ID = "019b76da-a800-7000-8000-0000000000ff"

_CONTACT: dict[str, Any] = {
    "name": "Ada Byron",
    "email": "ada@analytical.example",
    "phone": "+44 20 7946 0000",
    "company": "Analytical Engines",
    "source": "Trade fair",
    "notes": "Wants a demonstration.",
}
_CREATED = {"version": 1, "createdAt": "2026-01-01T09:00:00.000Z"}

NEW_LEAD = _CONTACT | {"status": "new", "score": 40}
LEAD = (
    {"id": "019b76da-a800-7000-8000-000000000001"}
    | NEW_LEAD
    | {"clientId": None, "convertedAt": None}
    | _CREATED
    | {"updatedAt": "2026-01-01T09:00:00.000Z"}
)
CLIENT = (
    {"id": "019b76da-a800-7000-8000-000000000002"}
    | _CONTACT
    | {"status": "active", "leadId": LEAD["id"], "archivedAt": None}
    | _CREATED
    | {"updatedAt": "2026-01-01T09:00:00.000Z"}
)
_FAULT: dict[str, Any] = {
    "method": "POST",
    "path": "/leads",
    "times": 1,
    "status": 503,
    "code": None,
    "delayMs": 0,
    "drop": None,
    "truncate": False,
    "headers": {},
}
_JOURNAL_ENTRY: dict[str, Any] = {
    "method": "POST",
    "path": "/leads",
    "query": "",
    "headers": {"content-type": "application/json"},
    "body": '{"name": "Ada Byron", "email": "ada@analytical.example"}',
    "isCut": False,
    "status": 201,
}
_LIVE = {"status": "ok", "version": "0.1.0"}
_DATABASE = {"database": {"ok": True, "message": "The database can be read and written."}}
_PAGINATION = {"total": 1, "page": 1, "limit": 20, "next": None}

_CHANGED = {"version": 2, "updatedAt": "2026-01-02T10:30:00.000Z"}

# What an operation answers differs from the record as it was made.
BY_OPERATION: dict[str, dict[str, Any]] = {
    "updateLead": LEAD | {"status": "contacted", "score": 60} | _CHANGED,
    "convertLead": CLIENT | {"company": "Analytical Engines Ltd"},
    "createClient": CLIENT | {"leadId": None},
    "updateClient": CLIENT | {"phone": "+44 20 7946 0001"} | _CHANGED,
    "archiveClient": CLIENT
    | {"status": "archived", "archivedAt": _CHANGED["updatedAt"]}
    | _CHANGED,
    "restoreClient": CLIENT | _CHANGED | {"version": 3},
    "changeLeads": {
        "created": ["019b76da-a800-7000-8000-000000000003"],
        "updated": [LEAD["id"]],
        "deleted": [],
    },
    "getClock": {"at": "2026-01-01T00:00:00.000Z", "running": False},
    "getOpenApi": {"openapi": "3.1.0", "info": {"title": "Leadbook"}, "paths": {}},
}
DETAILS: dict[str, dict[str, Any]] = {
    "VALIDATION_ERROR": {"field": "email", "message": "Missing data for required field."},
    "DUPLICATE_EMAIL": {
        "field": "email",
        "message": "An active client has this e-mail address.",
        "existingId": CLIENT["id"],
    },
}
TEXT = {
    "text/csv": "name,email\r\nAda Byron,ada@analytical.example\r\n",
    "application/x-ndjson": '{"name": "Ada Byron", "email": "ada@analytical.example"}\n',
    "text/html": "<!DOCTYPE html>",
    "text/javascript": "SwaggerUIBundle({});",
    "text/css": "body { margin: 0; }",
}

BY_SCHEMA: dict[str, dict[str, Any]] = {
    "NewLead": NEW_LEAD,
    "LeadChanges": {"status": "contacted", "score": 60},
    "Lead": LEAD,
    "LeadPage": {"data": [LEAD], "pagination": _PAGINATION},
    "NewClient": _CONTACT,
    "ClientChanges": {"phone": "+44 20 7946 0001"},
    "ClientOverrides": {"company": "Analytical Engines Ltd"},
    "Client": CLIENT,
    "ClientPage": {"data": [CLIENT], "pagination": _PAGINATION},
    "Seed": {"leads": 50, "clients": 10, "seed": 42},
    "Seeded": {"leads": 50, "clients": 10},
    "ClockSetting": {"advance": "36h"},
    "ClockReading": {"at": "2026-01-02T12:00:00.000Z", "running": False},
    "FaultInput": {"method": "POST", "path": "/leads", "status": 503},
    "FaultOutput": _FAULT,
    "FaultList": {"data": [_FAULT]},
    "JournalPage": {"data": [_JOURNAL_ENTRY]},
    "LeadBatch": {
        "create": [NEW_LEAD],
        "update": [{"id": LEAD["id"], "version": 1, "score": 60}],
        "delete": [],
    },
    "ClientBatch": {
        "create": [],
        "update": [{"id": CLIENT["id"], "phone": "+44 20 7946 0001"}],
        "delete": [],
    },
    "BatchResult": {"created": [], "updated": [CLIENT["id"]], "deleted": []},
    "ImportReport": {
        "dryRun": False,
        "rows": 3,
        "created": 2,
        "updated": 0,
        "skipped": 0,
        "rejected": 1,
        "columns": {"name": ["First Name", "Last Name"], "email": ["Email 1"]},
        "leftOut": ["Website"],
        "notUnderstood": {"status": {"On Hold": 1}, "createdAt": {}},
        "shown": [{"name": "Ada Byron", "email": "ada@analytical.example"}],
        "rejects": [{"line": 4, "reason": "email: Must not be empty."}],
    },
    "Live": _LIVE,
    "Health": _LIVE | _DATABASE,
    "Ready": _LIVE
    | _DATABASE
    | {
        "searchIndex": {"ok": True, "message": "The search index can be used."},
        "disk": {"ok": True, "message": "51,200 MiB are free on the disk of the database."},
    },
}
