"""A kind of record, as import and export see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from leadbook.fields.custom import CustomFields
from leadbook.fields.schema import choices_of
from leadbook.fields.values import Moment, Tags
from leadbook.models import RECORDS
from leadbook.storage.columns import TimeText, UuidText
from leadbook.storage.custom_values import cleaned_name
from leadbook.storage.naming import plural_of
from leadbook.storage.record import Record
from leadbook.storage.summaries import summaries_of
from leadbook.storage.text_rules import EMAIL as ADDRESS
from leadbook.storage.times import text_of
from leadbook.transfer.words.synonyms import normalized

# What columns of other tools can be, besides our fields.
CREATED_AT = "createdAt"
EMAIL = "email"
PARTS_OF_NAME = ("first name", "last name")
STAGES = ("status", "status reason", "lifecycle")


# Compared by identity: the fields hold dicts, which cannot be hashed.
@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of record: the fields of a new one, and the columns of our own export."""

    name: str
    model: type[Record]
    # By their names in JSON, which are also those of the header.
    inputs: dict[str, Any]
    header: tuple[str, ...]
    # Columns that say nothing without another one.
    depends: dict[str, str]
    # The field with entries of one's own, or an empty text.
    entries: str
    # Columns that say what other rows say, so that an import computes them.
    computed: frozenset[str]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The columns of our own export, apart from those of entries."""
        return tuple(name for name in self.header if name != self.entries)

    @cached_property
    def required(self) -> frozenset[str]:
        """The fields that a record needs."""
        return frozenset(name for name, field in self.inputs.items() if field.required)

    @cached_property
    def mappable(self) -> tuple[str, ...]:
        """The fields that a column of another tool can be imported as."""
        fields = (*(name for name in self.inputs if name != self.entries), CREATED_AT)
        if self.finds_by == EMAIL:
            fields = (*fields, EMAIL)
        fields = (*fields, *self.stamps, *map(time_of_day, self.moments))
        parts = PARTS_OF_NAME if "name" in fields else ()
        return (*fields, *parts, *(STAGES[1:] if self.has_stages else ()))

    @cached_property
    def is_of_people(self) -> bool:
        """Whether the records are people, as in the lists of contacts of other tools."""
        return EMAIL in self.inputs

    @cached_property
    def has_stages(self) -> bool:
        """Whether the status is that of a person in a sale."""
        return self.is_of_people and "status" in self.inputs

    @cached_property
    def moments(self) -> tuple[str, ...]:
        """The fields that are times."""
        return tuple(name for name, field in self.inputs.items() if isinstance(field, Moment))

    @cached_property
    def lists(self) -> frozenset[str]:
        """The fields that are lists of texts, which may have commas in them."""
        return frozenset(name for name, field in self.inputs.items() if isinstance(field, Tags))

    @cached_property
    def stamps(self) -> dict[str, str]:
        """The times that a status sets, each with its column."""
        shown, inputs = self.model.schema().fields, {each.name for each in self.inputs.values()}
        times = self.model.status_times.items()
        return {str(shown[name].data_key): name for name, (by, _) in times if by in inputs}

    @cached_property
    def dates(self) -> frozenset[str]:
        """The fields that are times, in files of other tools."""
        return frozenset((CREATED_AT, *self.moments, *self.stamps))

    @cached_property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """The fields that are one of some words; not the status of a person."""
        found = {name: choices_of(field) for name, field in self.inputs.items()}
        return {
            name: words
            for name, words in found.items()
            if words and not (name == "status" and self.has_stages)
        }

    def default_of(self, name: str) -> str:
        """Return the default of a field as a report says it."""
        if name in map(time_of_day, self.moments):
            return "09:00 UTC"
        field = self.inputs.get(name)
        default = field and self.model._meta.fields[field.name].default
        return str(default) if default else "empty"

    @cached_property
    def owners(self) -> frozenset[str]:
        """The fields of which one must say what a record belongs to; none if it need not."""
        if not self.model.links or self.model.is_independent:
            return frozenset()
        links = {str(self.model.schema().fields[link].data_key) for link in self.model.links}
        return frozenset(links | ({EMAIL} if self.finds_by else set()))

    @cached_property
    def finds_by(self) -> str:
        """The column with the address of the person that a record belongs to, or an empty text."""
        if not any(each.identity for each in self.model.links.values()):
            return ""
        own = (name for name, each in self.inputs.items() if getattr(each, "kind", None) is ADDRESS)
        return next(own, EMAIL)

    def entry_in(self, target: str) -> str | None:
        """Return the name of the entry in a target such as `custom.Region`, or None."""
        if not (self.entries and target.startswith(f"{self.entries}.")):
            return None
        name = target[len(self.entries) + 1 :]
        try:
            return cleaned_name(name)
        except ValueError:
            return None

    def shown(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a cleaned row by their API names, without what the server sets."""
        columns = self.model._meta.fields
        fields = self.inputs | {
            str(each.data_key): each for each in self.model.schema().fields.values()
        }
        shown = {
            name: columns[field.name].python_value(cleaned[field.name])
            for name, field in fields.items()
            if field.name in cleaned
            and (name in self.inputs or not isinstance(columns[field.name], UuidText | TimeText))
        }
        if "created_at" in cleaned:
            shown["createdAt"] = text_of(cleaned["created_at"])
        return shown

    def own_name(self, words: str) -> str | None:
        """Return the field with this normalized name, or None."""
        return self._by_words.get(words)

    @cached_property
    def _by_words(self) -> dict[str, str]:
        names = (*self.inputs, *self.stamps, *map(time_of_day, self.moments))
        return {normalized(name): name for name in names}


def time_of_day(name: str) -> str:
    """Return what the time of day of a field such as `dueAt` is called: `due time`."""
    return f"{normalized(name).removesuffix(' at')} time"


def kinds() -> dict[str, Kind]:
    """Return all kinds, by name."""
    return {kind.name: kind for kind in map(kind_of, RECORDS)}


@cache
def kind_of(model: type[Record]) -> Kind:
    """Return the kind of a model's records."""
    inputs = {str(field.data_key): field for field in model.new().fields.values()}
    names = {name: str(field.data_key) for name, field in model.schema().fields.items()}
    depends = {names[name]: names[other] for name, other in model.depends.items()}
    entries = next((name for name, each in inputs.items() if isinstance(each, CustomFields)), "")
    computed = frozenset(names[each.name] for each in summaries_of(model) if each.name in names)
    header = tuple(names.values())
    return Kind(plural_of(model), model, inputs, header, depends, entries, computed)
