"""How a lead comes in."""

from typing import Any

from leadbook.people.contacts import DuplicateEmailError
from leadbook.storage.record import Fields


def capture(kind: Any, fields: Fields, on_duplicate: str) -> tuple[Any, bool]:
    """Create a lead of the model `kind`, or find an open one with the same address.

    Return it, and whether it is new. Two leads may have the same address, since a person may ask
    twice. If open leads have it, `on_duplicate` "skip" returns the newest of them, "update" changes
    it, and "reject" raises DuplicateEmailError with its id. "create" does not look for them.
    """
    existing = None if on_duplicate == "create" else kind.with_email(fields["email"])
    if existing is None:
        return kind.create_from(fields), True
    if on_duplicate == "reject":
        raise DuplicateEmailError(existing.id, "an open lead")
    return existing.change(fields) if on_duplicate == "update" else existing, False
