"""Believable leads, the same ones every time, with words whose hits are known."""

import csv
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

FIELDS = (
    "id name email phone company source notes status score clientId convertedAt version "
    "createdAt updatedAt"
).split()
# In the company of one row in eight, of twenty rows, and two that meet in one row of 160.
COMMON_WORD = "solar"
RARE_WORD = "zephyrine"
TWO_WORDS = "harbour solar"
RARE_ROWS = 20
# One row in so many: a filter by it has to find few among many.
WON_EVERY = 1000

_SEED = 20260101
_FIRST_DAY = int(datetime(2025, 1, 6, 8, tzinfo=UTC).timestamp() * 1000)
_STEP_MS = 30_007
_FILLED = 0.75
# Coprime to every count of the bench, and so a shuffle.
_STRIDE = 611_953

# Not those of demo.py, though alike: how often a word is hit must not change with the demo.
_FIRST_NAMES = (
    "Ada Amira Anouk Björn Carmen Chidi Dagny Elif Emeka Farah Felix Gülşen Hana Imani Ingrid "
    "Jamal José Kaito Lars Łukasz Mai María Mateo Nadia Noor Olga Priya Ravi Sofía Tariq Vera Zoë"
).split()
_LAST_NAMES = (
    "Andersson Bakker Bianchi Castillo Chen Çelik Dubois Eriksen Farouk García Haddad Horváth Ito "
    "Jansen Kamau Kowalska Kumar Lefèvre Mbeki Müller Nakamura Nguyen Novák O'Brien Okafor "
    "Østergaard Patel Petrov Quispe Rossi Silva Thorsen Varga Weber Wójcik Zhang"
).split()
# Three of 24 are the common word.
_TRADES = (
    "Solar Solar Solar Bakery Bicycles Ceramics Coffee Dental Design Films Freight Gardens Joinery "
    "Labs Legal Logistics Optics Outdoor Print Robotics Sails Software Textiles Travel"
).split()
_PLACES = (
    "Alder Aurora Birch Canal Cedar Delta Fjord Granite Harbour Heron Juniper Lantern Linden Maple "
    "Meridian Northwind Orchard Quarry Raven Summit"
).split()
_SOURCES = ("Website", "Referral", "Trade fair", "Newsletter", "Cold call", "Partner", None)
_NOTES = (
    "Asked for a quote for ten seats, wants to start in the spring.",
    "Call back after the holidays; the assistant knows about it.",
    "Compares us with two others; the price matters to them most.",
    "Met at the fair in the autumn, would like a demonstration.",
    None,
    None,
)
_STATUSES = ("new", "new", "new", "contacted", "contacted", "qualified", "qualified", "lost")


# Columns that other tools have and Leadbook does not.
FURTHER = tuple(f"{_PLACES[number]} {_TRADES[number]}" for number in range(20))


class Row(NamedTuple):
    """A lead that somebody entered at `stamp`, and `fields` as POST takes them."""

    stamp: str
    fields: dict[str, Any]


def rows(count: int, *, imported: bool = False) -> Iterator[Row]:
    """Yield `count` leads; where `imported`, their times do not follow their order."""
    # random() alone is promised to give the same numbers in every version of Python.
    draw = random.Random(_SEED).random
    for number in range(count):
        first, last = _pick(_FIRST_NAMES, draw()), _pick(_LAST_NAMES, draw())
        place, trade = _pick(_PLACES, draw()), _pick(_TRADES, draw())
        if number % max(count // RARE_ROWS, 1) == 0:
            place = "Zephyrine"
        status = "won" if number % WON_EVERY == WON_EVERY // 2 else _pick(_STATUSES, draw())
        address = f"{first}.{last}{number}@{place}.example".lower().replace("'", "")
        rank = number * _STRIDE % count if imported else number
        fields = {
            "name": f"{first} {last}",
            "email": address,
            "phone": f"+99 555 {int(draw() * 1_000_000):06d}",
            "company": f"{place} {trade}",
            "source": _pick(_SOURCES, draw()),
            "notes": _pick(_NOTES, draw()),
            "status": status,
            "score": int(draw() * 101),
        }
        yield Row(_stamp(_FIRST_DAY + rank * _STEP_MS), fields)


def records(count: int, *, imported: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the same leads with all of FIELDS, for a peer to keep."""
    for number, (stamp, fields) in enumerate(rows(count, imported=imported)):
        yield {
            "id": f"019437b5-{number >> 12:04x}-7{number & 0xFFF:03x}-8000-{number:012x}",
            **fields,
            "clientId": None,
            "convertedAt": None,
            "version": 1,
            "createdAt": stamp,
            "updatedAt": stamp,
        }


def further(number: int) -> list[str]:
    """Return a cell for each column of FURTHER; one in four is empty."""
    draw = random.Random(_SEED + number).random
    return [_pick(_PLACES, draw()) if draw() < _FILLED else "" for _ in FURTHER]


def csv_bytes(count: int) -> int:
    """Return how long the rows are as CSV, all fields of the API included."""
    counter = _Counter()
    writer = csv.writer(counter)
    writer.writerow(FIELDS)
    writer.writerows(record.values() for record in records(count))
    return counter.size


class _Counter:
    """A file that only counts."""

    size = 0

    def write(self, text: str) -> None:
        self.size += len(text.encode())


def _pick(items: Any, chance: float) -> Any:
    return items[int(chance * len(items))]


def _stamp(milliseconds: int) -> str:
    seconds, milliseconds = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"
