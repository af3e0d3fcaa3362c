"""Follow-ups as iCalendar (RFC 5545), event by event, from one state of the database."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from icalendar import Calendar, vDuration, vText
from icalendar import Timezone as TimeZone
from icalendar import TimezoneStandard as StandardTime
from icalendar.parser import Contentline

from leadbook.models import FollowUp
from leadbook.storage.database import Database
from leadbook.storage.filters import Values
from leadbook.storage.listing import selection_of
from leadbook.storage.owners import with_owner
from leadbook.storage.rendering import Json, records
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.times import text_of

# How long what is done stays, in whole days of UTC.
KEPT_DAYS = 30
SHOWN = OPEN, DONE = ("open", "done")
_DAY_MILLISECONDS = 24 * 60 * 60 * 1000
_ROWS_AT_ONCE = 100
# What the calendar shows of a person.
_OF_PERSON = ("name", "phone", "updated_at")
_END = b"END:VCALENDAR\r\n"
# When programs look again, and how long something takes.
_REFRESHED = timedelta(minutes=15)
_DURATIONS = {"call": "PT30M", "email": "PT15M", "meeting": "PT1H", "task": "PT30M"}
_LAST_HOUR = "9999-12-31T23:00:00"
# What is done leaves the time free; what is to be done takes it only if others are there, too.
_TAKES_TIME = "meeting"
# In bytes; the library folds longer lines, one character after the other.
_LONGEST_LINE = 74

Lines = Iterable[tuple[str, str]]


def calendar(database: Database, **filters: Any) -> Iterator[bytes]:
    """Yield the matching follow-ups as a calendar, in parts.

    It has those that are open, unless their client is archived, and those done in the last 30 days.
    `filters` are those of the list; `status` may be one of SHOWN.
    """
    wanted = filters.pop("status", None)
    is_empty = True
    yield _head(filters.get("assignee")).removesuffix(_END)
    with database.snapshot() as connection:
        for status in SHOWN:
            if wanted in (None, status):
                for row in _rows(connection, *_select(database, status, filters)):
                    is_empty = False
                    yield _event(row)
    if is_empty:
        yield _utc()
    yield _END


def _head(assignee: str | None) -> bytes:
    head = Calendar()
    name = " ".join((f"Follow-ups: {assignee}" if assignee else "Follow-ups").splitlines())
    head["VERSION"] = vText("2.0")
    head["PRODID"] = vText(f"-//Leadbook//Leadbook {version('leadbook')}//EN")
    head["CALSCALE"] = vText("GREGORIAN")
    # The standard's names, and those that were there before: https://www.rfc-editor.org/rfc/rfc7986
    head["NAME"] = head["X-WR-CALNAME"] = vText(name)
    head.add("refresh-interval", _REFRESHED, {"value": "DURATION"})
    head["X-PUBLISHED-TTL"] = vDuration(_REFRESHED)
    whole: bytes = head.to_ical(sorted=False)
    return whole


def _utc() -> bytes:
    """Return UTC as a time zone: a calendar must have a component, and one without events none."""
    zone, standard = TimeZone(), StandardTime()
    zone["TZID"] = vText("UTC")
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 - as the standard has it
    standard.add("tzoffsetfrom", timedelta())
    standard.add("tzoffsetto", timedelta())
    zone.add_component(standard)
    whole: bytes = zone.to_ical()
    return whole


def _select(database: Database, status: str, filters: dict[str, Any]) -> tuple[str, Values]:
    """Return the SELECT of the follow-ups of a status and of their people, and its values."""
    where, since = "NOT follow_ups.paused", None
    if status == DONE:
        today = database.clock.milliseconds() // _DAY_MILLISECONDS
        since = (today - KEPT_DAYS) * _DAY_MILLISECONDS
        where += f" AND follow_ups.done_at >= {since}"
    with database.use():
        # There is an index of the last change, and what is done was changed then, or later.
        chosen = {"status": status, "updated_since": since and text_of(since)}
        found = selection_of(FollowUp, "createdAt", "asc", **filters, **chosen)
        numbers, values = found.everything("number")
    return with_owner(FollowUp, _OF_PERSON, numbers, where), values


def _rows(connection: sqlite3.Connection, sql: str, values: Values) -> Iterator[Json]:
    """Yield the follow-ups of a SELECT, each with the `person` that it is for."""
    found = connection.execute(sql, values)
    while some := found.fetchmany(_ROWS_AT_ONCE):
        columns = list(zip(*some, strict=True))
        people = zip(*columns[-len(_OF_PERSON) :], strict=True)
        shown = records(FollowUp, columns[: -len(_OF_PERSON)])
        for row, person in zip(shown, people, strict=True):
            yield row | {"person": dict(zip(_OF_PERSON, person, strict=True))}


def _event(row: Json) -> bytes:
    """Return an event. With a component of the library, it would take ten times as long."""
    is_done = row["status"] == DONE
    subject = f"✓ {row['subject']}" if is_done else row["subject"]
    takes_time = row["type"] == _TAKES_TIME and not is_done
    # The event shows the person, too, who may have changed later.
    changed = _time(max(row["updatedAt"], text_of(row["person"]["updated_at"] or 0)))
    lines = [
        ("BEGIN", "VEVENT"),
        ("UID", row["id"]),
        ("SEQUENCE", str(row["version"] - 1)),
        # Without a METHOD, this is the time of the last change too.
        ("DTSTAMP", changed),
        ("LAST-MODIFIED", changed),
        ("CREATED", _time(row["createdAt"])),
        ("DTSTART", _time(row["dueAt"])),
        # Some readers cannot add the duration if the event would end after the year 9999.
        ("DURATION", "PT0S" if row["dueAt"] >= _LAST_HOUR else _DURATIONS[row["type"]]),
        ("SUMMARY", _escaped(subject)),
        ("DESCRIPTION", _escaped(_description(row))),
        ("CATEGORIES", row["type"]),
        ("STATUS", "CONFIRMED"),
        ("TRANSP", "OPAQUE" if takes_time else "TRANSPARENT"),
        *(_alarm(row) if row["remindAt"] and not is_done else ()),
        ("END", "VEVENT"),
    ]
    return b"".join(_line(f"{name}:{value}") for name, value in lines)


def _alarm(row: Json) -> Lines:
    """Return the alarm, by its distance from the event: not all programs know any other."""
    remind, due = (datetime.fromisoformat(row[each][:19]) for each in ("remindAt", "dueAt"))
    return (
        ("BEGIN", "VALARM"),
        ("ACTION", "DISPLAY"),
        ("DESCRIPTION", _escaped(row["subject"])),
        ("TRIGGER", vDuration(remind - due).to_ical().decode()),
        ("END", "VALARM"),
    )


def _description(row: Json) -> str:
    """Return whom to call, and what is known about it."""
    person = "\n".join(filter(None, (row["person"]["name"], row["person"]["phone"])))
    assignee, outcome = (
        row[each] and f"{each.capitalize()}: {row[each]}" for each in ("assignee", "outcome")
    )
    return "\n\n".join(filter(None, (person, row["notes"], assignee, outcome)))


def _time(text: str) -> str:
    """Return a time in UTC, to the second: then no reader must know a time zone."""
    return f"{text[:19].replace('-', '').replace(':', '')}Z"


def _escaped(text: str) -> str:
    r"""Return a text of a user on one line, with `\n` for each break that some reader might see.

    Some split a file at the breaks that only Unicode knows, so a note could otherwise add a line to
    it. The library itself takes the two characters `\N`, as in `C:\New`, for a line break.
    """
    text = "\n".join(text.splitlines())
    for each in ("\\", ";", ","):
        text = text.replace(each, f"\\{each}")
    return text.replace("\n", r"\n")


def _line(text: str) -> bytes:
    line = text.encode()
    if len(line) > _LONGEST_LINE:
        line = Contentline(text).to_ical()
    return line + b"\r\n"
