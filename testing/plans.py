"""Believable follow-ups and tickets around a day, in the order in which they came about."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

from leadbook.models import Client, Comment, FollowUp, Lead, Ticket
from leadbook.schemas import PRIORITIES
from leadbook.storage.times import text_of
from leadbook.testing.believable import People

# What happens at a time, in milliseconds.
Step = tuple[int, Callable[[], Any]]

DAY = 24 * 60 * 60 * 1000
_HOUR = 60 * 60 * 1000
# When follow-ups are due, in days from today.
_DAYS = (
    0, 1, -1, 0, 2, -2, 0, 5, 1, 0, -3, 8, 0, 3, -1, 0, -5, 1, 0, 6,
    -2, 2, 12, -1, 4, -9, 0, 20, -3, -4,
)  # fmt: skip
# How long before today the oldest of them was planned or opened.
_EARLIEST = 24 * DAY
_MOST_COMMENTS = 4

_PLANS = (
    ("call", "Ask about the quote"),
    ("email", "Send the price list"),
    ("meeting", "Show the product"),
    ("task", "Prepare the contract"),
    ("call", "Ask who decides"),
    ("email", "Confirm the order"),
    ("task", "Check the address of the invoice"),
    ("meeting", "Talk about next year"),
)
_OUTCOMES = (
    "Wants ten seats instead of five.",
    "Decides next week.",
    "Left a message.",
    "Agreed; the order follows.",
    None,
)
_ASSIGNEES = ("Grace", "Linus", "Margaret", None)
_PROBLEMS = (
    ("Cannot sign in", "The password was changed yesterday, and is refused since then."),
    ("Invoice has the wrong address", "We moved in spring. The street is still the old one."),
    ("Export stops at half", "The file has 500 rows, but there should be about 1,100."),
    ("How do I add a colleague?", None),
    ("Delivery is incomplete", "Two of the five boxes are missing."),
    ("Charged twice", "The amount was taken on Monday and again on Tuesday."),
)
_TAGS = ("Billing", "Access", "Delivery", "Question")
_SAID: tuple[tuple[str | None, str], ...] = (
    (None, "Thank you, that works now."),
    ("Grace", "We have found the reason and will mend it today."),
    ("Linus", "Could you send us a picture of it?"),
    (None, "Any news?"),
)
_NOTED = ("Linus", "The same as last month; see the other ticket.")


def steps(people: People, follow_ups: int, tickets: int, now: int) -> list[Step]:
    """Return what makes so many follow-ups and tickets around the day of `now`, in its order.

    They are for open leads and active clients; without any, there are no follow-ups. Everything
    happens before the day begins, so that it is past at any time of the day.
    """
    today = now // DAY * DAY
    persons = _persons() if follow_ups or tickets else []
    found: list[Step] = []
    for number in range(follow_ups if persons else 0):
        found += _plan(people, people.pick(persons), today, number)
    for number in range(tickets):
        found += _ticket(people, people.pick([*persons, {}]), today, number)
    return sorted(found, key=lambda step: step[0])


def _persons() -> list[dict[str, str]]:
    """Return the link to each person for whom something may be planned."""
    leads = Lead.select(Lead.id).where(Lead.status.not_in(("won", "lost"))).order_by(Lead.id)
    clients = Client.select(Client.id).where(Client.status == "active").order_by(Client.id)
    return [
        *({"lead_id": each.id} for each in leads),
        *({"client_id": each.id} for each in clients),
    ]


def _plan(people: People, person: dict[str, str], today: int, number: int) -> Iterator[Step]:
    """Yield what happens to a follow-up: it is planned, and most of the earlier ones are done."""
    day = _DAYS[number % len(_DAYS)]
    kind, subject = people.pick(_PLANS)
    due = today + day * DAY + (8 + people.number(10)) * _HOUR + people.number(4) * _HOUR // 4
    fields = {"type": kind, "subject": subject, "assignee": people.pick(_ASSIGNEES), **person}
    fields |= {
        "due_at": text_of(due),
        "remind_at": text_of(due - _HOUR) if number % 5 == 0 else None,
    }
    made: list[FollowUp] = []
    planned = today - 10 * DAY - people.number(_EARLIEST - 10 * DAY)
    yield planned, lambda: made.append(FollowUp.create_from(fields))
    outcome = people.pick(_OUTCOMES)
    if day < 0 and number % 4:
        done = {"status": "done", "outcome": outcome}
        # Looked up again, since another change of the person may have come between.
        yield due + people.number(_HOUR), lambda: FollowUp.fetch(made[0].id).change(done)
    elif number % 11 == 10:
        cancelled = {"status": "cancelled"}
        yield today - people.number(DAY), lambda: FollowUp.fetch(made[0].id).change(cancelled)


def _ticket(people: People, person: dict[str, str], today: int, number: int) -> Iterator[Step]:
    """Yield what happens to a ticket: it is opened, discussed, and some are resolved."""
    subject, description = people.pick(_PROBLEMS)
    fields = {
        "subject": subject,
        "description": description,
        "priority": people.pick(PRIORITIES),
        "assignee": people.pick(_ASSIGNEES),
        "tags": [people.pick(_TAGS)] if number % 3 else [],
        **person,
    }
    if not person:
        fields["requester_email"] = f"visitor{number + 1}@elsewhere.example"
    made: list[Ticket] = []
    opened = today - 3 * DAY - people.number(_EARLIEST - 3 * DAY)
    yield opened, lambda: made.append(Ticket.create_from(fields))
    times = count(opened + _HOUR, people.number(8 * _HOUR) + _HOUR)
    for _ in range(people.number(_MOST_COMMENTS)):
        author, text = people.pick(_SAID)
        yield next(times), partial(_comment, made, author=author, text=text)
    if number % 4 == 1:
        author, text = _NOTED
        yield next(times), partial(_comment, made, author=author, text=text, internal=True)
    status = ("open", "pending", "resolved", "open", "closed", "open")[number % 6]
    if status != "open":
        changed = {"status": status}
        yield next(times), lambda: Ticket.fetch(made[0].id).change(changed)


def _comment(tickets: list[Ticket], **said: Any) -> None:
    Comment.create_from({"ticket_id": tickets[0].id, **said})
