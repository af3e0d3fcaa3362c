"""Read what a task of another tool has and a person has not: due times, types and states."""

import re
from collections.abc import Callable

from leadbook.fields.values import Text
from leadbook.storage.text_rules import REQUIRED_TEXT
from leadbook.storage.times import text_of
from leadbook.transfer.columns.kinds import CREATED_AT, Kind, time_of_day
from leadbook.transfer.columns.mapped import Mapped
from leadbook.transfer.columns.plans import Overrides, Places
from leadbook.transfer.values.adjustments import AMBIGUOUS, Adjustments
from leadbook.transfer.values.cells import filled
from leadbook.transfer.values.dates import is_ambiguous, is_empty_date, read_clock
from leadbook.transfer.words.task_index import key_of, meanings

# Returns the time of a cell in a column, in milliseconds since 1970.
TimeOf = Callable[[Mapped, str, str], int | None]

_DAY, _NINE = 86_400_000, 9 * 3_600_000
_HAS_TIME = re.compile(r":|[0-9]{10}")


class Tasks:
    """Reads such fields of the rows of one file. `time_of` reads a date."""

    def __init__(
        self, kind: Kind, overrides: Overrides, time_of: TimeOf, adjustments: Adjustments
    ) -> None:
        self._kind = kind
        self._time_of = time_of
        self._adjustments = adjustments
        self._choices = {
            name: meanings(name, words)
            | {key_of(each): word for each, word in overrides.words.get(name, {}).items()}
            for name, words in kind.choices.items()
        }
        # The words of a status that set a time, and the one that each of those times says.
        self._closing = {word for _, words in kind.model.status_times.values() for word in words}
        self._implied = {
            name: kind.model.status_times[column][1][0] for name, column in kind.stamps.items()
        }
        self._longest = {
            name: field.longest
            for name, field in kind.inputs.items()
            if isinstance(field, Text) and field.kind is REQUIRED_TEXT and not kind.is_of_people
        }

    def read(self, mapped: Mapped) -> None:
        """Fill in the fields of a row."""
        for name, places in mapped.plan.dates.items():
            if name != CREATED_AT:
                self._read_date(mapped, name, places)
        for name in self._choices.keys() & mapped.plan.places.keys():
            self._read_choice(mapped, name, mapped.plan.places[name])
        for name, longest in self._longest.items():
            text = mapped.values.get(name, "")
            if len(text) > longest or "\n" in text:
                self._keep_whole(mapped, text)

    def _read_choice(self, mapped: Mapped, name: str, places: Places) -> None:
        """Take the first word that is understood; one that says that it is done comes before."""
        words = self._choices[name]
        texts = [text for place in places if (text := mapped.text(place, filled))]
        found = [choice for text in texts if (choice := words.get(key_of(text)))]
        if found:
            closing = (each for each in found if name == "status" and each in self._closing)
            mapped.values[name] = next(closing, found[0])
        for text in texts:
            if key_of(text) in words:
                continue
            if name == "status":
                self._adjustments.misunderstood_status(text, self._status_of(mapped))
            else:
                self._adjustments.misunderstood(name, text)

    def _status_of(self, mapped: Mapped) -> str | None:
        """Return the status that a word, or otherwise a time, says."""
        implied = [word for name, word in self._implied.items() if name in mapped.times]
        return mapped.values.get("status") or (implied[-1] if implied else None)

    def _keep_whole(self, mapped: Mapped, text: str) -> None:
        """Put a subject that is too long, or has several lines, in front of the notes."""
        notes = mapped.values.get("notes")
        mapped.values["notes"] = f"{text}\n\n{notes}" if notes else text

    def _read_date(self, mapped: Mapped, name: str, places: Places) -> None:
        """Take the first time that is understood; other columns are left out."""
        header = mapped.plan.header
        time, used, unread = None, "", ""
        for place in places:
            text = mapped.text(place, filled)
            if not text or text == used:
                continue
            if is_empty_date(text):
                self._adjustments.empty(header[place])
            elif time is not None:
                mapped.keep(place, text)
            else:
                time, used = self._time_of(mapped, text, header[place]), text
                unread = unread or text
        if time is None:
            if unread:
                self._tell_unread(mapped, name, unread)
        elif name in self._kind.moments:
            mapped.values[name] = text_of(self._with_clock(mapped, name, time, used))
        else:
            mapped.times[name] = time

    def _with_clock(self, mapped: Mapped, name: str, time: int, text: str) -> int:
        """Return a time with that of its own column; without any, it is nine in the morning."""
        if time % _DAY:
            return time
        for place in mapped.plan.places.get(time_of_day(name), ()):
            if clock := mapped.text(place, filled):
                since_midnight = read_clock(clock)
                if since_midnight is not None:
                    return time + since_midnight
                self._adjustments.misunderstood(time_of_day(name), clock)
        return time if _HAS_TIME.search(text) else time + _NINE

    def _tell_unread(self, mapped: Mapped, name: str, text: str) -> None:
        if name in self._kind.required:
            what = "has two meanings; say the order of day and month"
            wrong = f"{text!r} {what}." if is_ambiguous(text) else "Must be a date or a time."
            mapped.problems[name] = f"{name}: {wrong}"
            return
        self._adjustments.misunderstood(name, text)
        if is_ambiguous(text):
            self._adjustments.mend(name, AMBIGUOUS)
