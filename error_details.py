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


def existing_of(error: Exception) -> list[dict[str, str]]:
    """Return which record stands against it, where it is one."""
    if not isinstance(error, DuplicateEmailError):
        return []
    return [{"field": "email", "message": str(error), "existingId": error.existing_id}]
