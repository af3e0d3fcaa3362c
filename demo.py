"""Believable records, the same ones every time."""

import random
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from leadbook.clock import Clock
from leadbook.database_file import open_database
from leadbook.models import Client, Lead
from leadbook.schemas import LEAD_STATUSES

LEADS = 200
CLIENTS = 40
_SEED = 20260101
_FIRST_DAY = int(datetime(2026, 1, 5, 8, tzinfo=UTC).timestamp() * 1000)
_LONGEST_PAUSE = 3 * 60 * 60 * 1000

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

Item = TypeVar("Item")


class _Maker:
    """Draws one believable person after the other."""

    def __init__(self, source: random.Random) -> None:
        self._source = source
        self._time = _FIRST_DAY
        self._made = 0

    def milliseconds(self) -> int:
        return self._time

    def pick(self, items: Sequence[Item]) -> Item:
        # random() alone is promised to give the same numbers in every version of Python.
        return items[int(self._source.random() * len(items))]

    def wait(self) -> None:
        """Let some time pass."""
        self._time += int(self._source.random() * _LONGEST_PAUSE)

    def contact(self) -> dict[str, Any]:
        """Return the fields of somebody new, who comes a little later."""
        self.wait()
        self._made += 1
        first, last = self.pick(_FIRST_NAMES), self.pick(_LAST_NAMES)
        place, trade = self.pick(_PLACES), self.pick(_TRADES)
        return {
            "name": f"{first} {last}",
            "email": f"{first}.{last}{self._made}@{place}-{trade}.example".lower().replace("'", ""),
            "phone": f"+99 555 01{int(self._source.random() * 10_000):04d}",
            "company": f"{place} {trade}",
            "source": self.pick(_SOURCES),
            "notes": self.pick(_NOTES),
        }


def fill(path: Path) -> None:
    """Make a database at `path` with 200 leads and 40 clients, half of these made of leads."""
    source = random.Random(_SEED)  # noqa: S311  # the same ones every time, on purpose
    maker = _Maker(source)
    database = open_database(path, Clock(maker.milliseconds, source))
    open_statuses = [status for status in LEAD_STATUSES if status != "won"]
    with database.use(), closing(database):
        # A write for each, since all that one write changes has the same time.
        for number in range(LEADS):
            fields = maker.contact() | {"score": int(source.random() * 101)}
            with database.write():
                lead = Lead.create_from(fields | {"status": maker.pick(open_statuses)})
            maker.wait()
            if number % (LEADS * 2 // CLIENTS) == 0:
                with database.write():
                    lead.convert({}, "reject")
        for _ in range(CLIENTS // 2):
            fields = maker.contact()
            with database.write():
                Client.create_from(fields)
