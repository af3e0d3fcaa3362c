"""The floor: the cost of Flask itself, with SQL by hand and nothing that Leadbook adds.

No validation, no ETag, no request id, no log. Run it with `python -m leadbook.bench.peers.floor
FILE PORT SYNCHRONOUS`. It runs on Leadbook's own server, so only the app differs.
"""

import json
import sqlite3
import sys
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request

from leadbook.bench.rows import FIELDS
from leadbook.server.front import Front
from leadbook.server.listener import listen

_COLUMNS = ", ".join(FIELDS)
_LIST = f"SELECT {_COLUMNS} FROM leads ORDER BY createdAt DESC, id DESC LIMIT ? OFFSET ?"
_ONE = f"SELECT {_COLUMNS} FROM leads WHERE id = ?"
_INSERT = f"INSERT INTO leads ({_COLUMNS}) VALUES ({', '.join('?' * len(FIELDS))})"
_UPDATE = "UPDATE leads SET {} = ?, version = version + 1, updatedAt = ? WHERE id = ?"
_SENT = FIELDS[1:9]

app = Flask(__name__)
_of_thread = threading.local()


def _connection() -> sqlite3.Connection:
    connection: sqlite3.Connection | None = getattr(_of_thread, "connection", None)
    if connection is None:
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute(f"PRAGMA synchronous = {sys.argv[3]}")
        connection.execute("PRAGMA busy_timeout = 5000")
        _of_thread.connection = connection
    return connection


def _answer(data: Any, status: int = 200) -> Response:
    text = json.dumps(data, ensure_ascii=False)
    return Response(text, status, content_type="application/json")


def _record(row: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(FIELDS, row, strict=True))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@app.get("/leads")
def list_leads() -> Response:
    """Return a page."""
    page, limit = int(request.args.get("page", 1)), int(request.args.get("limit", 20))
    connection = _connection()
    total = connection.execute("SELECT count(*) FROM leads").fetchone()[0]
    found = connection.execute(_LIST, (limit, (page - 1) * limit)).fetchall()
    pagination = {"total": total, "page": page, "limit": limit}
    return _answer({"data": [_record(row) for row in found], "pagination": pagination})


@app.get("/leads/<id>")
def get_lead(id: str) -> Response:
    """Return a lead."""
    row = _connection().execute(_ONE, (id,)).fetchone()
    return _answer(_record(row)) if row else _answer({"error": "not found"}, 404)


@app.post("/leads")
def create_lead() -> Response:
    """Create a lead."""
    body = json.loads(request.get_data())
    now = _now()
    new_id = str(uuid.UUID(int=time.time_ns() // 1_000_000 << 80 | uuid.uuid4().int >> 48))
    lead = {"status": "new", "score": 0, "version": 1} | body
    lead |= {"id": new_id, "createdAt": now, "updatedAt": now}
    row = tuple(lead.get(name) for name in FIELDS)
    _connection().execute(_INSERT, row)
    return _answer(_record(row), 201)


@app.put("/leads/<id>")
def update_lead(id: str) -> Response:
    """Change a lead."""
    body = json.loads(request.get_data())
    names = [name for name in _SENT if name in body]
    statement = _UPDATE.format(" = ?, ".join(names))
    _connection().execute(statement, (*(body[name] for name in names), _now(), id))
    return get_lead(id)


class _NoDatabase:
    """A stand-in for the database object that Leadbook's server expects."""

    has_work = False

    def hurry(self, seconds: float) -> None:
        """Do nothing, since there is no work to hurry."""

    def execute_sql(self, sql: str) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


if __name__ == "__main__":
    app.config["PROXY_HOPS"] = 0
    app.extensions["leadbook"] = _NoDatabase()
    Front(app, listen("127.0.0.1", int(sys.argv[2])), 4).run()
