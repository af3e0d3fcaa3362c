"""The `leadbook today` command."""

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from leadbook.cli.options import (
    a_database,
    database_option,
    file_mode,
    one_line_errors,
    printing,
    say,
)
from leadbook.cli.tables import table

Json = dict[str, Any]

_DUE = ("DUE", "TYPE", "SUBJECT", "PERSON", "PHONE", "ASSIGNEE")
_PERSON = ("KIND", "NAME", "COMPANY", "E-MAIL", "PHONE")
_SHOWN = ("id", "name", "email", "phone", "company")
_TITLES = {"overdue": "Overdue", "today": "Today", "withoutPlan": "Without a plan"}


@click.command("today")
@database_option
@click.option("--assignee", metavar="NAME", help="Show only follow-ups of this person.")
@click.option("--time-zone", metavar="ZONE", help="The zone of the day. [that of this machine]")
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    help="Show at most so many of each section. [20]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@one_line_errors
def today_command(
    database: str | None, assignee: str | None, time_zone: str | None, limit: int, as_json: bool
) -> None:
    """Show what is overdue, what is due today, and who is without a plan."""
    from leadbook.storage.clock import Clock
    from leadbook.storage.due import time_zones
    from leadbook.storage.json_text import encode
    from leadbook.storage.sqlite.file_checks import check_header
    from leadbook.storage.sqlite.opening import open_to_read

    zone = machine_zone() if time_zone is None else time_zone
    if zone not in time_zones():
        raise click.ClickException(f"{zone!r} is not a time zone, such as Europe/Berlin.")
    path, mode = a_database(database), file_mode()
    # open_database would create a missing database, and a read must not.
    check_header(path)
    with open_to_read(path, Clock(), file_mode=mode) as opened, opened.use():
        found = {"at": opened.clock.now(), "timeZone": zone, "assignee": assignee}
        with opened.read():
            found |= _sections(zone, assignee, limit)
    if not as_json:
        for line in _lines(found):
            say(line)
        return
    with printing():
        # Not as text: a terminal that cannot show a character must not change the document.
        sys.stdout.buffer.write(encode(found))
        sys.stdout.buffer.flush()


def machine_zone() -> str:
    """Return the IANA name of the machine's time zone; UTC if it has none."""
    from leadbook.storage.due import time_zones

    # https://www.gnu.org/software/libc/manual/html_node/TZ-Variable.html
    place = os.environ.get("TZ")
    if place is None:
        place = os.path.realpath("/etc/localtime")
    _, _, within = place.partition("zoneinfo/")
    name = within or place.removeprefix(":")
    return name if name in time_zones() else "UTC"


def _sections(zone: str, assignee: str | None, limit: int) -> Json:
    from leadbook.models import Client, FollowUp, Lead
    from leadbook.schemas import LEAD_STATUSES
    from leadbook.storage.due import NONE, OVERDUE, TODAY
    from leadbook.storage.listing import list_page

    by_due: Any = {"limit": limit, "sort": "dueAt", "order": "asc", "time_zone": zone}
    found = {
        due: list_page(FollowUp, due=due, assignee=assignee, **by_due) for due in (OVERDUE, TODAY)
    }
    sections: Json = {
        due: {"total": page.total, "data": _with_people(page.data)} for due, page in found.items()
    }
    # Who has waited longest comes first.
    oldest: Any = {"limit": limit, "sort": "createdAt", "order": "asc", "follow_up": NONE}
    is_open = ",".join(each for each in LEAD_STATUSES if each not in ("won", "lost"))
    leads = list_page(Lead, status=is_open, **oldest)
    clients = list_page(Client, status="active", **oldest)
    people = [_person("lead", each) for each in leads.data]
    people += [_person("client", each) for each in clients.data]
    total = leads.total + clients.total
    return sections | {"withoutPlan": {"total": total, "data": people[:limit]}}


def _with_people(follow_ups: list[Json]) -> list[Json]:
    """Return the follow-ups, each with its client, or else its lead."""
    from leadbook.models import Client, Lead
    from leadbook.storage.rendering import show_many

    people: dict[str, Json] = {}
    for kind, link, model in (("lead", "leadId", Lead), ("client", "clientId", Client)):
        ids = {each[link] for each in follow_ups if each[link]}
        people |= {each["id"]: _person(kind, each) for each in show_many(model, ids)}
    return [
        {**each, "person": people.get(each["clientId"]) or people.get(each["leadId"])}
        for each in follow_ups
    ]


def _person(kind: str, record: Json) -> Json:
    return {"kind": kind} | {name: record[name] for name in _SHOWN}


def _lines(found: Json) -> Iterator[str]:
    zone = ZoneInfo(found["timeZone"])
    yield f"{_local(found['at'], zone)} {found['timeZone']}"
    for name, title in _TITLES.items():
        section = found[name]
        yield f"\n{title}: {section['total'] or 'none'}"
        if name == "withoutPlan":
            rows = [_PERSON, *map(_person_row, section["data"])]
        else:
            rows = [_DUE, *(_due_row(each, zone) for each in section["data"])]
        if section["data"]:
            yield from table(rows)
        if more := section["total"] - len(section["data"]):
            yield f"and {more:,} more"


def _due_row(each: Json, zone: ZoneInfo) -> tuple[str | None, ...]:
    person = each["person"] or {}
    when = _local(each["dueAt"], zone)
    who = person.get("name"), person.get("phone"), each["assignee"]
    return when, each["type"], each["subject"], *who


def _person_row(each: Json) -> tuple[str | None, ...]:
    return each["kind"], each["name"], each["company"], each["email"], each["phone"]


def _local(time: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(time).astimezone(zone):%Y-%m-%d %H:%M}"
