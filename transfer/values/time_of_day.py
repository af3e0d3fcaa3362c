"""Find the time of day in a cell with a date, and its zone."""

import re
from functools import cache

_HOUR = 3_600_000
# The zones of RFC 5322 (section 4.3), and words with one meaning. IST, BST and the like have
# several: India, Israel and Ireland.
_ZONES = {
    word: hours
    for hours, words in {
        0: "z ut utc gmt wet tu",
        1: "cet mez west",
        2: "cest mesz eet",
        3: "eest msk",
        9: "jst",
        10: "aest",
        11: "aedt",
        12: "nzst",
        13: "nzdt",
        -4: "edt",
        -5: "est cdt",
        -6: "cst mdt",
        -7: "mst pdt",
        -8: "pst akdt",
        -9: "akst",
        -10: "hst",
    }.items()
    for word in words.split()
}
# Words and signs between a date and its time: "at 3 PM", "um 10:11 Uhr", "a las 10:11".
_LINKS = frozenset("at um om a as la las alle ore o godz godz. kl kl. @ - |".split())
_MOST_LINKS = 3

_HALF = r"(?: ?(?P<half>[ap])\.? ?m\b\.?)?"
_ZONE = (
    r"(?: ?\(?(?:(?:utc|gmt|ut)? ?(?P<sign>[+-])(?P<ahead>\d{1,2})(?::?(?P<minutes>\d{2}))?(?!\d)"
    r"(?: ?[a-z]{2,5}$)?"
    rf"|(?P<zone>{'|'.join(_ZONES)})(?![a-z0-9+-]))\)?"
    # JavaScript and Java add the name of the zone.
    r"(?: ?\([^()]*\)| ?\[[^\[\]]*\])?)?"
)
_HOURS = r"(?P<hour>\d{1,2})"
_SECONDS = r"(?P<second>\d{2})(?:[.,:](?P<fraction>\d{1,9}))?"
_NO_SECONDS = r"(?P<second>)(?P<fraction>)"
_CLOCKS = (
    # 10:11, 10:11:12.123
    rf"(?<!\d){_HOURS}:(?P<minute>\d{{2}})(?::{_SECONDS})?(?!\d)",
    # The others could also be a part of a date: 10h11, 10 h, 10 h 11 min 12 s
    rf"(?<![\d.]){_HOURS} ?h(?: ?(?P<minute>\d{{2}})(?: ?min)?(?: ?{_SECONDS} ?s)?)?\b",
    # 10.11.12
    rf"(?<= ){_HOURS}\.(?P<minute>\d{{2}})(?:\.{_SECONDS})?(?![\d.])",
    # 3 PM, 15 Uhr
    rf"(?<![\d.]){_HOURS}(?P<minute>){_NO_SECONDS}(?= ?(?:[ap]\.? ?m|uhr)\b)",
)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    # They are compiled when a file needs them, since that takes milliseconds.
    return tuple(re.compile(rf"{clock}{_HALF}(?: ?(?:uhr|hrs?|h)\b)?{_ZONE}") for clock in _CLOCKS)


def without_usual_clock(words: str) -> tuple[str, int] | None:
    """Return a folded cell without its time of day, and that time in milliseconds in UTC.

    The time may be negative, or over a day: 00:30 +0200 is 22:30 of the day before. A cell without
    a time is returned whole, with 0. Returns None if the time does not exist.
    """
    return _without(_patterns()[0], words) if ":" in words else (words, 0)


def without_rare_clock(words: str) -> tuple[str, int] | None:
    """Return the same for times such as `10h11`, `10.11` and `3 PM`, or None without one."""
    for pattern in _patterns()[1:]:
        taken = _without(pattern, words)
        if taken != (words, 0):
            return taken
    return None


def _without(pattern: re.Pattern[str], words: str) -> tuple[str, int] | None:
    found = pattern.search(words)
    if not found:
        return words, 0
    time = _milliseconds(found)
    if time is None:
        return None
    before, after = _without_link(words[: found.start()]), words[found.end() :].lstrip(" ,")
    return f"{before} {after}".strip(), time


def _without_link(before: str) -> str:
    if before[-1:] == "t" and before[-2:-1].isdigit():
        return before[:-1]
    before = before.rstrip(" ,:")
    for _ in range(_MOST_LINKS):
        rest, _, last = before.rpartition(" ")
        if last not in _LINKS:
            break
        before = rest.rstrip(" ,")
    return before


def _milliseconds(found: re.Match[str]) -> int | None:
    hour, half = int(found["hour"]), found["half"]
    if half and (hour <= 12 or half == "p"):
        # Some tools write 13:45 PM, and others 0:03 PM.
        hour = hour % 12 + (12 if half == "p" else 0)
    elif half:
        return None
    minute, second = int(found["minute"] or 0), int(found["second"] or 0)
    ahead, minutes = int(found["ahead"] or 0), int(found["minutes"] or 0)
    if hour > 23 or minute > 59 or second > 60 or ahead > 23 or minutes > 59:
        return None
    # A leap second is the one before, as in the API.
    time = hour * _HOUR + minute * 60_000 + min(second, 59) * 1000
    time += int((found["fraction"] or "")[:3].ljust(3, "0"))
    if found["zone"]:
        return time - _ZONES[found["zone"]] * _HOUR
    offset = ahead * _HOUR + minutes * 60_000
    return time + offset if found["sign"] == "-" else time - offset
