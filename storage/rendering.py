"""Records as JSON, written by SQLite in the words of the schemas."""

from dataclasses import dataclass
from functools import cache

import peewee

from leadbook.storage.current_database import current
from leadbook.storage.record import Contact, NotFoundError


@dataclass(frozen=True)
class Shown:
    """A record as an answer needs it."""

    model: type[Contact]
    id: str
    version: int
    json: str


def show(model: type[Contact], id: str) -> Shown:
    """Return the record as it is now. Raises NotFoundError."""
    row = current.execute_sql(
        f"SELECT version, {record_json(model)} FROM {model._meta.table_name} WHERE id = ?",
        (model.id.db_value(id),),
    ).fetchone()
    if row is None:
        raise NotFoundError(f"No {model.__name__.lower()} has this id.")
    return Shown(model, id, *row)


@cache
def record_json(model: type[Contact]) -> str:
    """Return the SQL expression for a record as its schema would dump it.

    With a model, marshmallow's dump and json for each row, a page of 20 took 3.5 ms and not 1.0.
    """
    shown = (
        f"'{field.data_key}', {_as_text(model._meta.fields[name])}"
        for name, field in model.schema().fields.items()
    )
    return f"json_object({', '.join(shown)})"


def _as_text(field: peewee.Field) -> str:
    return getattr(field, "as_text", "{}").format(f"{field.model._meta.table_name}.{field.name}")
