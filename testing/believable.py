"""Believable people, one after another, and the time that passes between them."""

import random
from collections.abc import Sequence
from typing import Any, TypeVar

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


class People:
    """Makes believable people, one after another, with times from `start` on."""

    def __init__(self, source: random.Random, start: int, longest_pause: int, known: int) -> None:
        self._source = source
        self._time = start
        self._longest_pause = longest_pause
        self._count = known

    def milliseconds(self) -> int:
        """Return the time."""
        return self._time

    def number(self, bound: int) -> int:
        """Return a number from 0 to the one before `bound`."""
        # Only random() is guaranteed to give the same numbers in every version of Python.
        return int(self._source.random() * bound)

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one of `items`."""
        return items[self.number(len(items))]

    def wait(self) -> None:
        """Let some time pass."""
        self._time += self.number(self._longest_pause)

    def wait_until(self, time: int) -> None:
        """Let the time pass until `time`, in milliseconds."""
        self._time = max(self._time, time)

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
