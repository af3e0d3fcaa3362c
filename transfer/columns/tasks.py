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
from leadbook.transfer.values.dates import is_ambiguous, is_empty_date
from leadbook.transfer.words.synonyms import normalized
from leadbook.transfer.words.task_index import meanings

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
            name: meanings(name, words) | dict(overrides.words.get(name, {}))
            for name, words in kind.choices.items()
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
        for name, words in self._choices.items():
            if (text := mapped.values.get(name)) is None:
                continue
            if choice := words.get(normalized(text)):
                mapped.values[name] = choice
            else:
                del mapped.values[name]
                self._adjustments.misunderstood(name, text)
        for name, longest in self._longest.items():
            text = mapped.values.get(name, "")
            if len(text) > longest or "\n" in text:
                self._keep_whole(mapped, text)

    def _keep_whole(self, mapped: Mapped, text: str) -> None:
        """Put a subject that is too long, or has several lines, in front of the notes."""
        notes = mapped.values.get("notes")
        mapped.values["notes"] = f"{text}\n\n{notes}" if notes else text

    def _read_date(self, mapped: Mapped, name: str, places: Places) -> None:
        header = mapped.plan.header
        for place in places:
            text = mapped.text(place, filled)
            if not text:
                continue
            if is_empty_date(text):
                self._adjustments.empty(header[place])
                continue
            time = self._moment(mapped, name, text, header[place])
            if time is None:
                self._tell_unread(mapped, name, text)
            elif name in self._kind.moments:
                mapped.values[name] = text_of(time)
            else:
                mapped.times[name] = time
            return

    def _moment(self, mapped: Mapped, name: str, text: str, column: str) -> int | None:
        """Return a time; a date without one is at nine in the morning, if it is for people."""
        if name in self._kind.moments:
            for place in mapped.plan.places.get(time_of_day(name), ()):
                clock = mapped.text(place, filled)
                time = self._time_of(mapped, f"{text} {clock}", column) if clock else None
                if time is not None:
                    return time
        time = self._time_of(mapped, text, column)
        is_day = time is not None and time % _DAY == 0 and not _HAS_TIME.search(text)
        return time + _NINE if time is not None and is_day and name in self._kind.moments else time

    def _tell_unread(self, mapped: Mapped, name: str, text: str) -> None:
        if name in self._kind.required:
            what = "has two meanings; say the order of day and month"
            wrong = f"{text!r} {what}." if is_ambiguous(text) else "Must be a date or a time."
            mapped.problems[name] = f"{name}: {wrong}"
            return
        self._adjustments.misunderstood(name, text)
        if is_ambiguous(text):
            self._adjustments.mend(name, AMBIGUOUS)
