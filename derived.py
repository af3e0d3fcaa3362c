"""What SQLite keeps in step with the rows by itself: addresses, links, counts, texts.

All of it changes in the transaction that changes the rows. Without the counts, a total would visit
every row. search_index.py adds the index, without which a search would.
"""

_STATEMENTS = """
CREATE INDEX {one}_email ON {many} (coalesce(email_key, email))

CREATE INDEX {one}_{link} ON {many} ({link}_id) WHERE {link}_id IS NOT NULL

CREATE TABLE {one}_counts (status TEXT NOT NULL PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID

CREATE TRIGGER {many}_count_new AFTER INSERT ON {many} BEGIN
 INSERT INTO {one}_counts VALUES (new.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END

CREATE TRIGGER {many}_count_changed AFTER UPDATE OF status ON {many} WHEN old.status <> new.status BEGIN
 UPDATE {one}_counts SET count = count - 1 WHERE status = old.status;
 INSERT INTO {one}_counts VALUES (new.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END

CREATE TRIGGER {many}_forget AFTER DELETE ON {many} BEGIN
 UPDATE {one}_counts SET count = count - 1 WHERE status = old.status;
 DELETE FROM {one}_texts WHERE number = old.number;
END

CREATE TABLE {one}_texts (number INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT
"""

# The rule of the model, kept by SQLite as well; and the number and time of the last write.
_OF_BOTH = """
CREATE UNIQUE INDEX client_active_email ON clients (coalesce(email_key, email)) WHERE status = 'active'

CREATE TABLE changes (number INTEGER NOT NULL, time INTEGER NOT NULL) STRICT

INSERT INTO changes VALUES (0, 0)
"""


def table_of(model: type, what: str) -> str:
    """Return the name of what is made here for a model: its "texts", "search" or "counts"."""
    return f"{model.__name__.lower()}_{what}"


def statements() -> list[str]:
    """Return what makes them in a new file, after the tables of the models."""
    made = _OF_BOTH
    for names in (("lead", "leads", "client"), ("client", "clients", "lead")):
        made += _STATEMENTS.format(**dict(zip(("one", "many", "link"), names, strict=True)))
    return made.strip().split("\n\n")
