"""The two kinds of records that files contain."""

from dataclasses import dataclass
from typing import Any

from leadbook import schemas
from leadbook.models import Client, Lead


# Compared by identity: the fields hold dicts, which cannot be hashed.
@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of record: the fields of a new one, and the columns of our own export."""

    name: str
    model: type[Lead] | type[Client]
    # By their names in JSON, which are also those of the header.
    inputs: dict[str, Any]
    header: tuple[str, ...]

    @property
    def mappable(self) -> tuple[str, ...]:
        """The fields that a column of another tool can be imported as."""
        return (*self.inputs, "createdAt")


def _kind(model: type[Lead] | type[Client], inputs: type[schemas.NewContact]) -> Kind:
    named = {str(field.data_key): field for field in inputs().fields.values()}
    header = tuple(str(field.data_key) for field in model.schema().fields.values())
    return Kind(str(model._meta.table_name), model, named, header)


LEADS = _kind(Lead, schemas.NewLead)
CLIENTS = _kind(Client, schemas.NewClient)
KINDS = {kind.name: kind for kind in (LEADS, CLIENTS)}
