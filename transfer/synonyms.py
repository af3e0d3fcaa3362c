"""Find the field of a column by its header, in any of the languages of header_words.py."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from leadbook.storage.text import fold_for_search
from leadbook.transfer.header_words import (
    BARE_NAMES,
    CONTACTS,
    CUSTOMERS,
    DOUBTFUL_NAMES,
    INFIXES,
    JOINING_WORDS,
    LANGUAGES,
    OWNERS,
    PLACES,
    QUALIFIERS,
    STATES,
)

_LONGEST_HEADER = 200
# Headers of one file repeat in each object of JSON Lines.
_REMEMBERED = 4096
# A header may begin with one of these: "Person - Name", "Lead Source", "properties.email".
_OWNERS = re.compile(
    r"((primary )?(person|people|lead|contacts?|customer|client|subscriber|user|member|"
    rf"{OWNERS.replace(', ', '|')})( [0-9]{{1,2}})?|(what (s|is) )?your|billing|default address|propert(y|ies)|fields?|"
    r"attributes?|data|record|profile|node|item|object|value|merge) (?=.)"
)
_KINDS = (
    r"((main|primary|secondary|alternate|alternative|alt|work|work direct|business|home|private|personal|"
    r"office|other|company|company main|corporate|direct|user) )?"
)
_WHICH = r"( ([0-9]{1,2}|mobile|cell|direct|main|primary|work|business|home|private|personal|office|other))?"
_OFTEN = r"( ([0-9]{1,2}|value|address|number|email|phone))*"

# The headers of each field, or part of a field. If several match, the first filled cell counts.
FIELDS: dict[str, re.Pattern[str]] = {
    field: re.compile(pattern)
    for field, pattern in {
        "name": r"(full ?|display ?|complete ?)?names?|name full|person|contact person",
        "first name": r"first|(first|given|fore) ?name|f ?name|forename|name (first|given)",
        "last name": r"last|(last|family|sur) ?name|l ?name|surname|name (last|family)",
        "email": rf"{_KINDS}e? ?mail{_WHICH}( address(es)?| id)?{_WHICH}{_OFTEN}|"
        rf"{_KINDS}email ?address{_OFTEN}",
        "phone": rf"{_KINDS}(mobile |cell |cellular )?(phones?|telephones?|tel|mobile|mob|ph|mobile ?phone|cell|cell ?phone|landline|fax|pager)"
        rf"( (number|no|num|nr|phone))?{_WHICH}{_OFTEN}|{_KINDS}(phone|mobile|cell|fax) ?numbers?{_OFTEN}|"
        r"contact (no|number)|whats ?app( number)?|sms( phone)?( number)?",
        "company": r"((primary )?associated |primary |default address |billing |current )?"
        r"(company|organi[sz]ation|accounts?|employer)( [0-9]{1,2})?( name)?( for emails?)?|"
        r"companyname|company (account|organi[sz]ation)|company s name|name of (the )?company|business|business name",
        "source": r"(original |traffic |original traffic |initial |lead )?source( name)?|utm source",
        "notes": r"((private|internal|additional|customer) )?notes?( text)?|note s|descriptions?|comments?|remarks?|memo|message",
        "lifecycle": r"life ?cycle ?(stage|status)?|(contact|hs) life ?cycle ?stage",
        "status reason": r"(lead )?status reason|reason for status|statuscode",
        "status": r"(hs |deal |opportunity |sales |current )?(lead )?(status|stage)( name| label)?|(pipeline|sales) stage|statecode",
        "score": r"(hub ?spot |lead |people |hs )?scor(e|ing)|points|rating score",
        "createdAt": r"(created?|creation|added?|inserted|subscription|subscribed|optin|opt in|confirm(ed)?|signup|sign up|"
        r"user registered|registered|registration|joined|connected|date created|submitted|submission)"
        r"( (at|on|date|time|by date|utc|timestamp|ts))*|(date|time|date time) (created|added|joined|registered)|(create|submit) ?date( utc)?|createdon|timestamp",
    }.items()
}


def normalized(text: str) -> str:
    """Return the words of a header or a status in lower case, with single spaces between them.

    Accents and the width of letters are ignored.
    """
    # Split FirstName, leadStatus and Email1 as well.
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])", " ", text)
    words = " ".join(re.findall(r"[^\W_]+", fold_for_search(spaced)))
    return re.sub(r"\be mails?\b", "email", words).replace("emails", "email")


class _Words(NamedTuple):
    foreign: dict[str, str]
    bare: frozenset[str]
    contacts: frozenset[str]
    customers: frozenset[str]
    doubtful: frozenset[str]
    states: frozenset[str]
    places: frozenset[str]
    qualifiers: frozenset[str]
    joining: frozenset[str]
    infixes: frozenset[str]


@cache
def _tables() -> _Words:
    # When first needed: a service starts without them.
    bare = frozenset(map(normalized, BARE_NAMES))
    return _Words(
        foreign={
            normalized(header): field
            for table in LANGUAGES.values()
            for field, headers in table.items()
            for header in headers
        },
        bare=bare,
        contacts=_listed(CONTACTS),
        customers=_listed(CUSTOMERS) | bare,
        doubtful=_listed(DOUBTFUL_NAMES),
        states=_listed(STATES),
        places=_listed(PLACES),
        qualifiers=frozenset(map(normalized, QUALIFIERS)),
        joining=frozenset(map(normalized, JOINING_WORDS)),
        infixes=_listed(INFIXES),
    )


def _listed(words: str) -> frozenset[str]:
    return frozenset(normalized(each) for each in words.split(", "))


# "Notiz privat" is a note of another kind, but "Telefon privat" is a phone.
_QUALIFIED = {"email", "phone"}
_ONE_OF_MANY = re.compile(r"contacts [0-9]{1,2} name")
# In a nested object, beside the value: "email[0].primary".
_ABOUT_A_VALUE = re.compile(r"(?i)[\].](primary|preferred|pref|default|verified|type|label|kind)$")
# Some tools have an object for each value: "properties.firstname.value".
_OF_AN_OBJECT = ".value"
# An owner in front would be cut off: this is an account's name, not a person's.
_LOGIN = "user name"


def field_of(header: str) -> str | None:
    """Return the field of a column with this header, or None if the header is unknown.

    "first name" and "last name" are parts of the name; fax numbers are phones.
    """
    # A longer header is not a name. The limit matters: long headers would fill the memory, and
    # each owner in front costs another round.
    return _field_of(header[:_LONGEST_HEADER])


@lru_cache(maxsize=_REMEMBERED)
def _field_of(header: str) -> str | None:
    if _ABOUT_A_VALUE.search(header):
        return None
    words = normalized(header)
    # In a nested object, "user.name" is a person.
    if words == _LOGIN and "." not in header:
        return None
    if header.endswith(_OF_AN_OBJECT) and (field := _field_of(header.removesuffix(_OF_AN_OBJECT))):
        return field
    while True:
        if field := _field_of_words(words):
            return field
        shorter = _OWNERS.sub("", words, count=1) if _OWNERS.match(words) else words
        if shorter == words:
            return None
        words = shorter


@lru_cache(maxsize=_REMEMBERED)
def _words_of(header: str) -> str:
    return normalized(header)


def _field_of_words(words: str) -> str | None:
    tables = _tables()
    if words in tables.bare:
        return "name"
    if field := tables.foreign.get(words):
        return field
    for field, pattern in FIELDS.items():
        if pattern.fullmatch(words):
            return field
    parts = words.split()
    kept = [each for each in parts if not each.isdigit()]
    if len(kept) < len(parts) and (field := tables.foreign.get(" ".join(kept))):
        return field
    return _without_qualifiers(parts, kept)


def _without_qualifiers(parts: list[str], words: list[str]) -> str | None:
    """Return the field of `words`, the `parts` of a header without numbers, if they qualify it."""
    tables = _tables()
    kept = [each for each in words if each not in tables.qualifiers]
    if not kept:
        # "Mobil (geschäftlich)": a word such as "Mobil" is a header as well.
        found = map(tables.foreign.get, words)
        return next((field for field in found if field == "phone"), None)
    if len(kept) == len(parts):
        return None
    joined = [each for each in kept if each not in tables.joining]
    field = (
        tables.foreign.get(" ".join(kept))
        or tables.foreign.get(" ".join(joined))
        or _english(joined)
    )
    return field if field in _QUALIFIED else None


def _english(words: Sequence[str]) -> str | None:
    # "E-Mail privat" and "Email alternativo".
    return "email" if words == ["email"] else "phone" if words in (["fax"], ["phone"]) else None


def is_infix(header: str) -> bool:
    """Return whether a column has the words in front of a last name, such as "van der"."""
    return _words_of(header[:_LONGEST_HEADER]) in _tables().infixes


def fields_of(headers: Sequence[str]) -> list[str | None]:
    """Return the field of each column of a file, as the other headers show it.

    Beside one part of a name, a bare "Name" is the other part: "Nom" beside "Prénom" is the last
    name, "Nombre" beside "Apellidos" the first. Beside a contact's name, it is the company.
    """
    tables = _tables()
    found = [field_of(each) for each in headers]
    words = [_words_of(each[:_LONGEST_HEADER]) for each in headers]
    parts = {"first name", "last name"}.difference(found)
    names = [place for place, each in enumerate(words) if found[place] == "name"]
    if len(names) + 2 - len(parts) > 1:
        names = [place for place in names if words[place] not in tables.doubtful]
        found = [
            None if field == "name" and place not in names else field
            for place, field in enumerate(found)
        ]
    bare = [place for place in names if words[place] in tables.bare]
    if len(parts) == 1 and len(bare) == len(names) == 1:
        [found[bare[0]]] = parts
    people = [place for place in names if _is_contact(words[place])]
    customers = [place for place in names if words[place] in tables.customers]
    if people and "company" not in found:
        for place in customers:
            found[place] = "company"
    _drop_states(found, words)
    return found


def _is_contact(words: str) -> bool:
    return words in _tables().contacts or _ONE_OF_MANY.fullmatch(words) is not None


def _drop_states(found: list[str | None], words: Sequence[str]) -> None:
    # "Estado" between "Ciudad" and "País" is no status.
    tables = _tables()
    for place, each in enumerate(words):
        if each in tables.states and tables.places.intersection(
            words[max(place - 2, 0) : place + 3]
        ):
            found[place] = None
