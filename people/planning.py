"""How one follow-up leads to the next, and a ticket to one."""

from typing import Any

from leadbook.storage.naming import name_of
from leadbook.storage.record import Fields
from leadbook.storage.refusals import WrongFieldError


def complete(follow_up: Any, outcome: Fields, following: Fields | None) -> tuple[Any, bool]:
    """Do a follow-up and plan the next one; return that, or this one, and whether one was made.

    Nothing happens if it is done already, so that a repetition plans no second one.
    """
    if follow_up.status == "done":
        return follow_up, False
    done = follow_up.change({**outcome, "status": "done"})
    if following is None:
        return done, False
    try:
        return plan(type(follow_up), following, done), True
    except WrongFieldError as error:
        raise WrongFieldError(str(error), f"next.{error.field}") from None


def plan(kind: Any, fields: Fields, after: Any) -> Any:
    """Plan a follow-up of the model `kind` for the person of `after`, unless `fields` name one.

    Raises WrongFieldError or ClientArchivedError.
    """
    if any(map(fields.get, after.links)):
        return kind.create_from(fields)
    if not any(after.person.values()):
        message = f"The {name_of(after._meta.model)} has no person; give leadId or clientId."
        raise WrongFieldError(message, "leadId")
    return kind.create_from({**fields, **after.person})
