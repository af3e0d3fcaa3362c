"""What is wrong with a request, field by field, as the envelope shows it."""

from collections.abc import Iterator
from typing import Any

from leadbook.refusals import DuplicateEmailError


def details_of(messages: Any, place: str | None = None) -> Iterator[dict[str, str]]:
    """Flatten marshmallow's messages: nested dicts by field, with lists of sentences at the end."""
    if isinstance(messages, dict):
        for name, nested in messages.items():
            yield from details_of(nested, _within(place, name))
        return
    for message in messages:
        yield {"field": "body" if place is None else place, "message": str(message)}


def _within(place: str | None, name: str | int) -> str | None:
    """Return the place of a field, such as `email` or `create[3].email`."""
    if name == "_schema":
        return place
    if isinstance(name, int):
        return f"{place}[{name}]"
    # A name may hold lone surrogates, which no answer can carry.
    shown = name.encode(errors="backslashreplace").decode()
    return shown if place is None else f"{place}.{shown}"


def stated_by(error: Exception, place: str | None) -> list[dict[str, str]]:
    """Return what stands against it: a record, where it is one, and the `place` in a batch."""
    if isinstance(error, DuplicateEmailError):
        field = str(_within(place, "email"))
        return [{"field": field, "message": str(error), "existingId": error.existing_id}]
    return [{"field": place, "message": str(error)}] if place else []
