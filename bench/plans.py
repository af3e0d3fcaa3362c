"""Believable follow-ups and tickets, the same ones every time, for the leads of rows.py.

As many follow-ups as leads: each fifth lead has five. Nine of ten are done. Of the open ones, a
third is overdue, for up to 60 days; the others are due within 120 days. One ticket for five leads:
5 % are open, 2 % pending, 8 % resolved, and the rest is closed. Every second one has a comment.

In the other file, nearly all leads have an open follow-up: all but the last twenty.
"""

import random
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from leadbook.bench import fill
from leadbook.models import Comment, FollowUp, Lead, Ticket
from leadbook.storage import event_log, rows
from leadbook.storage.clock import Clock
from leadbook.storage.database import Database
from leadbook.storage.sqlite import searched_text
from leadbook.storage.sqlite.opening import open_database
from leadbook.storage.summaries import summaries_of

# When the lists are asked for: after the last of a million leads was made.
NOW = int(datetime(2026, 1, 5, 10, tzinfo=UTC).timestamp() * 1000)
LEADS_A_TICKET = 5
# The leads of the other file without a follow-up.
UNPLANNED = 20
# In the subject of one ticket in eight, and two that meet in one of 80.
COMMON_WORD = "invoice"
TWO_WORDS = "invoice meridian"
ASSIGNEES = ("Ada", "Björn", "Chidi", "Dagny", "Emeka", "Farah", "Grace", "Hana", "Imani", "José")
TAGS = ("billing", "bug", "delivery", "feature", "login", "question", "refund", "training")

_FOLLOW_UPS_OF_ONE = 5
_OVERDUE = 1 / 3
_STATUSES = ((0.05, "open"), (0.07, "pending"), (0.15, "resolved"), (1, "closed"))
_DAY_MS = 86_400_000
_SUBJECTS = (
    "Call about the offer",
    "Send the contract",
    "Ask how the trial went",
    "Meet at the fair",
    "Agree on a date for the training",
)
_NOTES = ("Prefers to talk in the morning.", "Wait for the budget of the next quarter.", None, None)
# Three of 24 have the common word.
_TROUBLES = (
    "Invoice; Invoice; Invoice; The login; A delivery; The export; The import; A refund; "
    "The contract; A password; The printer; An update; The network; A certificate; The backup; "
    "A form; The calendar; A report; The mailing; A licence; The phone; The scanner; A meter; "
    "The heating"
).split("; ")
_PLACES = ("Aurora Canal Delta Fjord Granite Harbour Lantern Meridian Orchard Summit").split()
_WRONG = ("is wrong", "came late", "does not work", "is missing", "needs a change")
_DESCRIPTIONS = (
    "It worked until last week. A colleague has the same trouble on another machine.",
    "We need this before the end of the month; please tell us what you need to know.",
    None,
)
_COMMENTS = ("We look into it.", "Can you send us a picture?", "It works again, thank you.")
_ROWS_A_WRITE = 10_000

Row = dict[str, Any]
Plan = Callable[[Database], None]


def planned_file(count: int, plan: Plan) -> Path:
    """Return a Leadbook database with `count` leads, and what `plan` stores for them."""
    leads = fill.leadbook_file(count)
    # The name of the other file says its schema.
    name = f"{plan.__name__}-{count}-{leads.stem[-8:]}.db"
    return fill.cached(name, lambda path: _fill(path, leads, plan))


def follow_ups(leads: Iterable[tuple[bytes, int]]) -> Iterator[Row]:
    """Yield a follow-up for each of `leads`, ids and times as stored."""
    draw = random.Random("follow-ups").random
    for number, (lead, made) in enumerate(leads):
        place = number % _FOLLOW_UPS_OF_ONE
        if not place:
            owner = lead
        # Every second of these leads has an open one, its last.
        is_open = number % (2 * _FOLLOW_UPS_OF_ONE) == _FOLLOW_UPS_OF_ONE - 1
        due = made + int(draw() * max(NOW - made, _DAY_MS))
        if is_open:
            days = -60 * draw() if draw() < _OVERDUE else 120 * draw()
            due = NOW + int(days * _DAY_MS)
        yield {
            "lead_id": owner,
            "type": _pick(("call", "email", "meeting", "task"), draw()),
            "subject": _pick(_SUBJECTS, draw()),
            "notes": _pick(_NOTES, draw()),
            "due_at": due,
            "assignee": _pick(ASSIGNEES, draw()),
            "status": "open" if is_open else "done",
            "done_at": None if is_open else due,
            "created_at": made,
            "updated_at": made if is_open else due,
            # The bench measures lists, not reminders.
            "reminded": 1,
        }


def tickets(leads: Iterable[tuple[bytes, int]]) -> Iterator[Row]:
    """Yield a ticket for each of `leads`, ids and times as stored."""
    draw = random.Random("tickets").random
    for number, (lead, made) in enumerate(leads):
        chance = draw()
        status = next(word for limit, word in _STATUSES if chance < limit)
        is_done = status in ("resolved", "closed")
        solved = made + int(draw() * 14 * _DAY_MS) if is_done else None
        yield {
            "lead_id": lead,
            "subject": f"{_pick(_TROUBLES, draw())} {_pick(_WRONG, draw())} at "
            f"{_pick(_PLACES, draw())}",
            "description": _pick(_DESCRIPTIONS, draw()),
            "status": status,
            "priority": int(draw() ** 2 * 4),
            "assignee": _pick(ASSIGNEES, draw()),
            "tags": f'["{_pick(TAGS, draw())}"]' if number % 3 else "[]",
            "resolved_at": solved,
            "closed_at": solved if status == "closed" else None,
            "comment_count": 1 - number % 2,
            "created_at": made,
            "updated_at": solved or made,
        }


def comments(of: Iterable[tuple[bytes, int]]) -> Iterator[Row]:
    """Yield a comment for each of some tickets, ids and times as stored."""
    for number, (ticket, made) in enumerate(of):
        text, author = _COMMENTS[number % len(_COMMENTS)], ASSIGNEES[number % len(ASSIGNEES)]
        times = {"created_at": made, "updated_at": made}
        yield {"ticket_id": ticket, "text": text, "author": author, **times}


def plan_some(database: Database) -> None:
    """Store what is planned for some leads of a database."""
    people = database.execute_sql("SELECT id, created_at FROM leads ORDER BY number").fetchall()
    _store(database, FollowUp, follow_ups(people))
    _store(database, Ticket, tickets(people[::LEADS_A_TICKET]))
    half = "SELECT id, updated_at FROM tickets WHERE comment_count > 0 ORDER BY number"
    _store(database, Comment, comments(database.execute_sql(half).fetchall()))
    _summarise(database)


def plan_nearly_all(database: Database) -> None:
    """Store an open follow-up for each lead of a database but the last ones."""
    people = database.execute_sql("SELECT id, created_at FROM leads ORDER BY id").fetchall()
    draw = random.Random("nearly all").random
    _store(
        database,
        FollowUp,
        (
            {
                "lead_id": lead,
                "type": "call",
                "subject": _pick(_SUBJECTS, draw()),
                "due_at": NOW + int((180 * draw() - 60) * _DAY_MS),
                "assignee": _pick(ASSIGNEES, draw()),
                "status": "open",
                "created_at": made,
                "updated_at": made,
                "reminded": 1,
            }
            for lead, made in people[:-UNPLANNED]
        ),
    )
    _summarise(database)


def _summarise(database: Database) -> None:
    with database.write():
        shown = ", ".join(f"{each.name} = ({each.sql(Lead)})" for each in summaries_of(Lead))
        of_open = "SELECT lead_id FROM follow_ups WHERE status = 'open'"
        database.execute_sql(f"UPDATE leads SET {shown} WHERE id IN ({of_open})")


def _fill(path: Path, leads: Path, plan: Plan) -> None:
    shutil.copyfile(leads, path)
    ticks = iter(range(NOW - 10**9, NOW))
    database = open_database(path, Clock(lambda: next(ticks), random.Random(path.name)))
    with database.use(), closing(database):
        plan(database)


def _store(database: Database, model: Any, records: Iterator[Row]) -> None:
    id_of = model.id.db_value
    while batch := list(islice(records, _ROWS_A_WRITE)):
        for each in batch:
            each["id"] = id_of(database.clock.new_id())
        with database.write():
            rows.insert_many(model, batch)
            event_log.add_many(model, batch)
            searched_text.add_many(model, batch)


def _pick(items: Any, chance: float) -> Any:
    return items[int(chance * len(items))]
