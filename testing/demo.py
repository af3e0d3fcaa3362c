"""Believable records, the same in every run."""

import random
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from leadbook.models import RECORDS, Client, Lead
from leadbook.schemas import LEAD_STATUSES
from leadbook.storage.clock import Clock
from leadbook.storage.database import Database
from leadbook.storage.sqlite.opening import open_database

LEADS = 200
CLIENTS = 40
_SEED = 20260101
_FIRST_DAY = int(datetime(2026, 1, 5, 8, tzinfo=UTC).timestamp() * 1000)
_LONGEST_PAUSE = 3 * 60 * 60 * 1000
_QUARTER_START = int(datetime(2025, 10, 1, tzinfo=UTC).timestamp() * 1000)
_QUARTER = 92 * 24 * 60 * 60 * 1000

_FIRST_NAMES = (
    "Ada Amira Anouk Björn Carmen Chidi Dagny Daniel Elif Emeka Farah Felix Gülşen Hana Henrik "
    "Imani Ingrid Ivana Jamal Joanna José Kaito Katarína Lars Leila Łukasz Mai Marek María Mateo "
    "Mei Nadia Nikos Noor Olga Oskar Priya Ravi Rosa Samir Sigrún Sofía Tariq Thandi Ulla Vera "
    "Víctor Wanjiru Yuki Zoë"
).split()
_LAST_NAMES = (
    "Abiodun Andersson Bakker Bianchi Castillo Chen Çelik Dimitriou Dubois Eriksen Farouk "
    "Fernández García Haddad Hoffmann Horváth Ito Jansen Johansen Kamau Kaya Kowalska Kumar "
    "Lefèvre Lindqvist Mbeki Moreau Müller Nakamura Nguyen Novák O'Brien Okafor Østergaard Patel "
    "Petrov Quispe Ramírez Rossi Santos Schmidt Silva Tanaka Thorsen Urquhart Varga Weber Wójcik "
    "Yamamoto Zhang"
).split()
_TRADES = (
    "Bakery Bicycles Brewery Carpentry Ceramics Coffee Dental Design Farms Films Freight Gardens "
    "Glass Instruments Joinery Labs Legal Logistics Optics Orchards Outdoor Print Robotics Sails "
    "Software Solar Textiles Tiles Tools Travel"
).split()
_PLACES = (
    "Alder Aurora Birch Canal Cedar Delta Fjord Granite Harbour Heron Juniper Lantern Linden Maple "
    "Meridian Northwind Orchard Quarry Raven Summit"
).split()
_SOURCES = ("Website", "Referral", "Trade fair", "Newsletter", "Cold call", "Partner", None)
_NOTES = (
    "Asked for a quote for ten seats.",
    "Call back after the holidays.",
    "Compares us with two others; price matters.",
    "Met at the fair, wants a demonstration.",
    "Has a budget from next quarter on.",
    None,
    None,
)

_REGIONS = ("North", "East", "South", "West")

Item = TypeVar("Item")


class _People:
    """Makes believable people, one after another, with times from `start` on."""

    def __init__(self, source: random.Random, start: int, longest_pause: int, known: int) -> None:
        self._source = source
        self._time = start
        self._longest_pause = longest_pause
        self._count = known

    def milliseconds(self) -> int:
        return self._time

    def number(self, bound: int) -> int:
        # Only random() is guaranteed to give the same numbers in every version of Python.
        return int(self._source.random() * bound)

    def pick(self, items: Sequence[Item]) -> Item:
        return items[self.number(len(items))]

    def wait(self) -> None:
        """Let some time pass."""
        self._time += self.number(self._longest_pause)

    def contact(self) -> dict[str, Any]:
        """Return the fields of a new person, a little later in time."""
        self.wait()
        self._count += 1
        first, last = self.pick(_FIRST_NAMES), self.pick(_LAST_NAMES)
        place, trade = self.pick(_PLACES), self.pick(_TRADES)
        address = f"{first}.{last}{self._count}@{place}-{trade}.example"
        return {
            "name": f"{first} {last}",
            "email": address.lower().replace("'", ""),
            "phone": f"+99 555 01{self.number(10_000):04d}",
            "company": f"{place} {trade}",
            "source": self.pick(_SOURCES),
            "notes": self.pick(_NOTES),
            "custom": self._custom(),
        }

    def _custom(self) -> dict[str, Any]:
        """Return some fields of one's own, for every second person."""
        number = self._count
        if number % 2:
            return {}
        region = _REGIONS[number // 2 % len(_REGIONS)]
        return {"Region": region, "Seats": number % 30 + 1, "Newsletter": number % 3 == 0}


def make(path: Path) -> None:
    """Make a database with 200 leads and 40 clients, half of them converted from leads."""
    source = random.Random(_SEED)  # noqa: S311  # repeatable on purpose
    people = _People(source, _FIRST_DAY, _LONGEST_PAUSE, known=0)
    clock = Clock(people.milliseconds, source)
    with closing(open_database(path, clock)) as database, database.use(), database.write(clock):
        _add(people, LEADS, CLIENTS)


def seed(database: Database, leads: int, clients: int, seed: int) -> None:
    """Add records to `database`; the same seed gives the same bytes in an empty database.

    Their times are in the last quarter of 2025. Half of the clients are converted from leads.
    """
    with database.use():
        events, _ = database.last_event()
        # Depends on earlier events too: the same people again would get the same ids.
        source = random.Random(f"{seed}/{events}" if events else seed)  # noqa: S311  # as above
        pause = _QUARTER // (2 * leads + clients + 1)
        known = sum(model.select().count() for model in RECORDS)
        people = _People(source, _QUARTER_START, pause, known)
        with database.write(Clock(people.milliseconds, source)):
            _add(people, leads, clients)


def _add(people: _People, leads: int, clients: int) -> None:
    open_statuses = [status for status in LEAD_STATUSES if status != "won"]
    converted = min(clients // 2, leads)
    for number in range(leads):
        fields = people.contact() | {"score": people.number(101)}
        lead = Lead.create_from(fields | {"status": people.pick(open_statuses)})
        people.wait()
        if number * converted // leads < (number + 1) * converted // leads:
            lead.convert({}, "reject")
    for _ in range(clients - converted):
        fields = people.contact()
        Client.create_from(fields)
