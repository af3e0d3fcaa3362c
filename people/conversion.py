"""How a lead becomes a client."""

from typing import Any

from leadbook import schemas
from leadbook.storage import rows
from leadbook.storage.custom_values import merged
from leadbook.storage.database import current
from leadbook.storage.record import Fields
from leadbook.storage.summaries import once, owned_by


def convert(lead: Any, kind: Any, overrides: Fields, on_duplicate: str) -> tuple[Any, bool]:
    """Convert a lead to a client of the model `kind`; return the client, and whether it is new.

    `overrides` replace the lead's own fields. If an active client has the address, `on_duplicate`
    "reject" raises DuplicateEmailError, and "link" returns that client.
    """
    if lead.client_id:
        return kind.fetch(lead.client_id), False
    fields = {name: getattr(lead, name) for name in schemas.ContactInput().fields} | dict(overrides)
    if "custom" in overrides:
        fields["custom"] = merged(lead.custom, overrides["custom"])
    fields["lead_id"] = lead.id
    existing = kind.with_email(fields["email"]) if on_duplicate == "link" else None
    client = existing.fill_in(fields) if existing else kind.create_from(fields)
    converted = {"status": "won", "client_id": client.id, "converted_at": current.now}
    lead.update_columns(converted, "converted")
    with once():
        for model, _ in owned_by(lead._meta.model):
            for each in rows.select(model, lead_id=lead.id):
                each.update_columns({"client_id": client.id})
    # It shows its follow-ups now.
    return kind.fetch(client.id), existing is None
