"""Read a row of another tool: its name, addresses, phones, notes, statuses and dates."""

import re
from collections.abc import Callable
from typing import cast

from leadbook.transfer.columns.kinds import CREATED_AT, EMAIL, PARTS_OF_NAME, STAGES, Kind
from leadbook.transfer.columns.mapped import Mapped
from leadbook.transfer.columns.opt_outs import says_opt_out
from leadbook.transfer.columns.plans import Overrides, Places
from leadbook.transfer.columns.stages import Stages
from leadbook.transfer.columns.survey import Proof
from leadbook.transfer.columns.tasks import Tasks
from leadbook.transfer.values.addresses import chosen_address, unlike_plain, usable_addresses
from leadbook.transfer.values.adjustments import AMBIGUOUS, NOT_FIRST, SEVERAL, Adjustments
from leadbook.transfer.values.cells import filled, filled_name, filled_notes
from leadbook.transfer.values.dates import Order, is_ambiguous, is_empty_date, read_date
from leadbook.transfer.values.mending import CHARACTERS, MARKS
from leadbook.transfer.values.phones import chosen_phone
from leadbook.transfer.words.names import joined_name, joined_notes
from leadbook.transfer.words.synonyms import normalized

# Returns the order that the dates of a column prove, if they do.
ProofOf = Callable[[str], Proof | None]

# Most cells with a number are like this.
_PLAIN_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{2,24}")


class Foreign:
    """Reads the rows of one file of another tool."""

    def __init__(
        self, kind: Kind, overrides: Overrides, proof_of: ProofOf, adjustments: Adjustments
    ) -> None:
        self._proof_of = proof_of
        self._adjustments = adjustments
        self._told = Proof(cast(Order, overrides.date_order)) if overrides.date_order else None
        self._stages = Stages(kind, overrides.words.get("status", {}))
        self._words = {name: each for name, each in overrides.words.items() if name not in STAGES}
        self._finds_people = bool(kind.finds_by)
        self._address = kind.finds_by or EMAIL
        self._needs_address = self._address in kind.required | kind.owners
        self._tasks = Tasks(kind, overrides, self._time, adjustments)
        self._is_name_told = any(target == "name" for _, target in overrides.columns)

    def read(self, mapped: Mapped) -> None:
        """Fill in the fields and entries of a row."""
        plan, values = mapped.plan, mapped.values
        mapped.take_entries(filled)
        mapped.take_plain(filled)
        self._read_name(mapped)
        if emails := plan.places.get(self._address):
            self._read_address(mapped, emails)
        if phones := plan.places.get("phone"):
            self._read_phone(mapped, phones)
        if notes := plan.places.get("notes"):
            self._read_notes(mapped, notes)
        if plan.has_stages:
            self._read_stages(mapped)
        if plan.opt_outs:
            self._read_opt_outs(mapped)
        if created := plan.dates.get(CREATED_AT):
            self._read_created_at(mapped, created)
        for name, words in self._words.items():
            if name in values:
                values[name] = words.get(normalized(values[name]), values[name])
        for name, text in values.items():
            if not text.isascii() and (text[0] in MARKS or text[-1] in MARKS):
                values[name] = text.strip(MARKS)
                self._adjustments.mend(name, CHARACTERS)
        self._tasks.read(mapped)

    def _read_name(self, mapped: Mapped) -> None:
        places = mapped.plan.places
        whole, first, last = (
            mapped.first(places[part], filled_name) if part in places else ""
            for part in ("name", *PARTS_OF_NAME)
        )
        if last and mapped.plan.infixes:
            last = self._with_infix(mapped, last)
        name = joined_name(whole, first, last, is_told=self._is_name_told)
        if name:
            mapped.values["name"] = name
        if whole and whole not in name:
            mapped.keep_field("name", whole)

    def _with_infix(self, mapped: Mapped, last: str) -> str:
        found = [text for place in mapped.plan.infixes if (text := filled(mapped.cells[place]))]
        return f"{found[0]} {last}" if found and not last.startswith(found[0]) else last

    def _read_address(self, mapped: Mapped, places: Places) -> None:
        cells, name = mapped.cells, self._address
        address = chosen_address([cells[place].strip() for place in places])
        # A word for nothing, too, if it must be an address: the reason of a rejection shows it.
        if address.address and (self._needs_address or filled(address.address)):
            mapped.values[name] = address.address
        if address.over or address.address not in cells:
            for place in places:
                mapped.text(place, filled)
            several, is_first = unlike_plain([cells[place] for place in places], address.address)
            self._adjustments.mend(name, *[SEVERAL] * several, *[NOT_FIRST] * (not is_first))
        if self._finds_people:
            mapped.addresses = usable_addresses(cells[place] for place in places)
            return
        for index, text in address.over:
            if filled(text):
                mapped.keep(places[index], text)

    def _read_phone(self, mapped: Mapped, places: Places) -> None:
        plan, cells = mapped.plan, mapped.cells
        numbers = [(place, text) for place in places if (text := mapped.text(place, filled))]
        if len(numbers) == 1 and _PLAIN_PHONE.fullmatch(numbers[0][1]):
            mapped.values["phone"] = numbers[0][1]
            return
        if not numbers:
            return
        labels = plan.labels
        labelled = [
            (plan.header[place], cells[labels[place]] if place in labels else "", text)
            for place, text in numbers
        ]
        phone = chosen_phone(labelled)
        if phone.phone:
            mapped.values["phone"] = phone.phone
        for index, text in phone.over:
            mapped.keep(numbers[index][0], text)

    def _read_notes(self, mapped: Mapped, places: Places) -> None:
        header = mapped.plan.header
        parts = [
            (header[place], text) for place in places if (text := mapped.text(place, filled_notes))
        ]
        if parts:
            mapped.values["notes"] = joined_notes(parts)

    def _read_stages(self, mapped: Mapped) -> None:
        places = mapped.plan.places
        texts = tuple(
            mapped.first(places[which], filled) if which in places else "" for which in STAGES
        )
        if not any(texts):
            return
        stage = self._stages.stage(texts)
        if stage.status:
            mapped.values["status"] = stage.status
        for each in stage.not_understood:
            self._adjustments.misunderstood_status(texts[each], stage.status)
        for each in stage.kept:
            mapped.keep_field(STAGES[each], texts[each])
        for each in stage.opted_out:
            place = mapped.place_of(STAGES[each], texts[each])
            if place is not None:
                self._adjustments.opt_out(mapped.plan.header[place], mapped.line)

    def _read_opt_outs(self, mapped: Mapped) -> None:
        header, cells = mapped.plan.header, mapped.cells
        for column in mapped.plan.opt_outs:
            if (text := filled(cells[column.place])) and says_opt_out(column, text):
                self._adjustments.opt_out(header[column.place], mapped.line)

    def _read_created_at(self, mapped: Mapped, places: Places) -> None:
        """Take the first time that is understood; the other texts are kept."""
        time, used = None, ""
        unread = []
        for place in places:
            text = mapped.text(place, filled)
            if not text or text == used:
                continue
            if is_empty_date(text):
                self._adjustments.empty(mapped.plan.header[place])
                continue
            if time is None:
                time = self._time(mapped, text, mapped.plan.header[place])
                if time is not None:
                    used = text
                    continue
                unread.append(text)
            mapped.keep(place, text)
        # If another column says the time, nothing was imported as the time of the import.
        for text in unread if time is None else ():
            self._adjustments.misunderstood(CREATED_AT, text)
            if is_ambiguous(text):
                self._adjustments.mend(CREATED_AT, AMBIGUOUS)
        if time is not None:
            mapped.times[CREATED_AT] = time

    def _time(self, mapped: Mapped, text: str, column: str) -> int | None:
        time = read_date(text)
        if time is not None or not is_ambiguous(text):
            return time
        proof = self._proof_of(column) or self._told
        if proof is None:
            return None
        mapped.usage.note_order(column, proof)
        return read_date(text, proof.order)
