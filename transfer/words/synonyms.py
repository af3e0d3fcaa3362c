"""Find the field of a column by its header, in any of the languages of header_words.py."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from leadbook.transfer.words.header_index import CONTACT, normalized, words_of_headers

__all__ = ["field_of", "fields_of", "normalized"]

# A longer header is a sentence.
LONGEST_HEADER = 200
_MOST_REMEMBERED = 4_096
# Whom a header names first takes a few words: "Primary Contact - Email". Objects are not nested deeper.
_MOST_PEOPLE, _MOST_STEPS = 5, 16

# `email[0].value`, `contact/email`, `contact__email`
_STEP = re.compile(r"[.\[\]/]+|__")
# "Company / Organisation", "Notes & Comments"
_BOTH = re.compile(r"[/&|\u30fb]")

# Beside the value in an object: `email[0].primary`
_ABOUT_A_VALUE = re.compile(r"(?i)[\].](primary|preferred|pref|default|verified|type|label|kind)$")

# A first and a second of these are common: "Organization 1 - Name".
_NUMBERED = frozenset({"company", "notes"})
_OF_PEOPLE = CONTACT | {"first name", "last name", "company", "createdAt"}
_EXPLAINED = frozenset({"createdAt", "score"})
_PARTS = ("first name", "last name")
_ZONES = frozenset({"utc", "gmt", "timestamp", "iso"})
_ONE = {
    "phones": "phone", "mobiles": "mobile", "numbers": "number", "addresses": "address", "companies": "company",
    "organizations": "organization", "organisations": "organisation", "names": "name", "accounts": "account",
}  # fmt: skip
# Notion: `properties.Name.title[0].plain_text`, `properties.Status.select.name`
_ENDS = frozenset({"value", "values", "text", "plain text", "content", "raw", "string"})
_TYPES = frozenset({"title", "rich text", "select"})
# `contacts[0].name`
_NESTED_CONTACT = re.compile(r"contacts?[0-9]{1,2}(full)?name")


class _Meaning(NamedTuple):
    """What a header says: its field, if any, and its words without spaces.

    A weak one counts only if no other column has the field.
    """

    field: str | None
    key: str
    is_weak: bool = False


def field_of(header: str) -> str | None:
    """Return the field of a column with this header, or None if the header is unknown.

    "first name" and "last name" are parts of the name, and "status reason" and "lifecycle" say
    something about the status. Fax numbers are phones.
    """
    return _meaning(header).field


def fields_of(headers: Sequence[str]) -> list[str | None]:
    """Return the field of each column of a file, which the other columns help to decide.

    "Nom" is the last name beside "Prénom", and the whole name without it. "Estado" is a status,
    but not beside "Ciudad". "Contact" is the name if no other column is.
    """
    meanings = [_meaning(each) for each in headers]
    fields = [each.field for each in meanings]
    _drop_weak(fields, meanings)
    _drop_states_of_addresses(fields, meanings, headers)
    _tell_records_from_contacts(fields, meanings)
    _complete_names(fields, meanings)
    return fields


def _drop_weak(fields: list[str | None], meanings: Sequence[_Meaning]) -> None:
    """Drop the weak ones of fields that another column has. A part of a name is a name too."""
    bare = words_of_headers().bare_names
    strong = [each for each in meanings if each.field and not each.is_weak]
    had = {each.field for each in strong}
    if had & {"name", *_PARTS}:
        had |= {"name"}
    if any(each.field == "name" and each.key not in bare for each in strong):
        had |= {*_PARTS}
    for place, each in enumerate(meanings):
        if each.is_weak and each.field in had:
            fields[place] = None


def _drop_states_of_addresses(
    fields: list[str | None], meanings: Sequence[_Meaning], headers: Iterable[str]
) -> None:
    words = words_of_headers()
    states = [place for place, each in enumerate(meanings) if each.key in words.bare_states]
    if states and any(
        not words.places.isdisjoint(normalized(each[:LONGEST_HEADER]).split()) for each in headers
    ):
        for place in states:
            fields[place] = None


def _tell_records_from_contacts(fields: list[str | None], meanings: Sequence[_Meaning]) -> None:
    words = words_of_headers()
    records = words.record_names
    is_nested = any(_NESTED_CONTACT.fullmatch(each.key) for each in meanings)
    if is_nested:
        records |= words.bare_names
    if is_nested or any(each.key in words.contact_names for each in meanings):
        other = None if "company" in fields else "company"
        for place, each in enumerate(meanings):
            if fields[place] == "name" and each.key in records:
                fields[place] = other


def _complete_names(fields: list[str | None], meanings: Sequence[_Meaning]) -> None:
    """Take a bare "Name" beside one part of a name for the other part."""
    bare_names = words_of_headers().bare_names
    missing = [part for part in _PARTS if part not in fields]
    bare = [place for place, each in enumerate(meanings) if each.key in bare_names]
    if len(missing) == 1 and len(bare) == 1:
        fields[bare[0]] = missing[0]


# A file has few headers, but each object of JSON Lines may have others.
@lru_cache(maxsize=_MOST_REMEMBERED)
def _meaning(header: str) -> _Meaning:
    if len(header) > LONGEST_HEADER or _ABOUT_A_VALUE.search(header):
        return _Meaning(None, "")
    steps = [words for step in _STEP.split(header) if (words := normalized(step))]
    if len(steps) > _MOST_STEPS:
        return _Meaning(None, "")
    key = "".join(steps).replace(" ", "")
    field, is_weak = _of_steps(_without_ends(steps))
    if field is None and "(" in header:
        # The zone of the times, or the range of the scores.
        found = _of_steps([normalized(header.partition("(")[0])])
        field, is_weak = found if found[0] in _EXPLAINED else (None, False)
    if field is None and len(parts := _BOTH.split(header)) > 1:
        both = {_of_steps([normalized(part)])[0] for part in parts}
        field = both.pop() if len(both) == 1 else None
    return _Meaning(field, key, is_weak)


def _without_ends(steps: list[str]) -> list[str]:
    """Return the steps of a path without those that only say how a value is written."""
    kept = [*steps]
    while len(kept) > 1 and (
        kept[-1] in _ENDS
        or kept[-1] == kept[-2]
        or (kept[-1] == "name" and kept[-2] in {"select", "status"} and len(kept) > 2)
        or (len(kept) < len(steps) and (kept[-1] in _TYPES or kept[-1].isdigit()))
    ):
        del kept[-1]
    # A type alone is the header.
    return kept


def _of_steps(steps: list[str]) -> tuple[str | None, bool]:
    """Return the field of a path such as `properties.email`, and whether it is weak."""
    words = words_of_headers()
    while steps:
        container = steps[0].replace(" ", "")
        is_container = container in words.containers or container in words.people
        # The second one of a list is another person.
        if is_container and len(steps) > 1 and steps[1].isdigit() and steps[1].strip("0"):
            break
        # The place in a list, whose first one counts.
        field, is_weak = _of_words(" ".join(step for step in steps if step != "0").split())
        if field is not None:
            return field, is_weak
        if not is_container:
            break
        steps = steps[1:]
        if steps and steps[0] == "0":
            steps = steps[1:]
    return None, False


def _of_words(every: list[str]) -> tuple[str | None, bool]:
    words = words_of_headers()
    tokens = [_ONE.get(word, word) for word in every if word not in words.marks]
    is_near = False
    for start in range(min(len(tokens), _MOST_PEOPLE)):
        rest = tokens[start:]
        if start and rest[0].isdigit():
            # "Contact 2 Email" is another person's.
            if rest[0] != "1":
                break
            continue
        field, is_weak = _of_rest(rest)
        if field is not None:
            return (None, False) if is_near and field not in _OF_PEOPLE else (field, is_weak)
        if rest[0] in words.near_people:
            is_near = True
        elif rest[0] not in words.people:
            break
    return _of_words_before_people(tokens)


def _of_words_before_people(tokens: list[str]) -> tuple[str | None, bool]:
    """Return the field of "Name of Contact" and "Correo del cliente"."""
    words = words_of_headers()
    left = tokens[:-1]
    while left and left[-1] in words.of:
        left.pop()
    is_said = len(left) < len(tokens) - 1 and tokens[-1] in words.people
    if left and (is_said or tokens[-1] in words.people_behind):
        return _of_rest(left)
    return None, False


def _of_rest(tokens: list[str]) -> tuple[str | None, bool]:
    """Return the field of words that begin with no person."""
    words = words_of_headers()
    key = "".join(tokens)
    if key in words.never:
        return None, False
    if found := words.fields.get(key):
        return found
    if tokens[-1] in _ZONES:
        found = words.fields.get("".join(token for token in tokens if token not in _ZONES))
        return found if found and found[0] == "createdAt" else (None, False)
    counted = [token for token in tokens if not token.isdigit()]
    found = words.fields.get("".join(counted))
    if found and found[0] in _NUMBERED:
        return found
    return _of_contact(counted), False


def _of_contact(tokens: list[str]) -> str | None:
    """Return whether "Work Phone" is an e-mail or phone, without the words around it."""
    words = words_of_headers()
    left = [
        token for token, _ in groupby(tokens) if token not in words.around or token in words.contact
    ]
    key = "".join(left)
    if field := words.contact.get(key):
        return field
    if key in words.shortened and len(left) < len(tokens):
        return "email"
    found = {words.contact.get(token) for token in left}
    return found.pop() if len(found) == 1 else None
