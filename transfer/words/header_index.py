"""Prepare the tables of header_words.py, so that a header is found by its words."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from leadbook.storage.text import fold_for_search
from leadbook.transfer.words import header_words

# Split FirstName, leadStatus and Email1 as well.
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NUMBER = re.compile(r"(?<=[^\W\d_])(?=\d)")
_WORD = re.compile(r"[^\W_]+")
_EMAILS = re.compile(r"\be mails?\b")

# These have words around them: "Work Phone 2".
CONTACT = frozenset({"email", "phone"})


class Words(NamedTuple):
    """The tables of header_words.py, as headers are compared."""

    fields: dict[str, tuple[str, bool]]
    contact: dict[str, str]
    shortened: frozenset[str]
    around: frozenset[str]
    people: frozenset[str]
    near_people: frozenset[str]
    people_behind: frozenset[str]
    of: frozenset[str]
    containers: frozenset[str]
    bare_names: frozenset[str]
    record_names: frozenset[str]
    contact_names: frozenset[str]
    bare_states: frozenset[str]
    places: frozenset[str]
    never: frozenset[str]
    marks: frozenset[str]


# The headers of one file repeat in each object of JSON Lines.
@lru_cache(maxsize=4_096)
def normalized(text: str) -> str:
    """Return the words of a header or a status in lower case, with single spaces between them.

    Accents and the width of letters are ignored.
    """
    spaced = _NUMBER.sub(" ", fold_for_search(_CAPITAL.sub(" ", text)))
    words = " ".join(_WORD.findall(spaced))
    return _EMAILS.sub("email", words).replace("emails", "email")


def _key(text: str) -> str:
    return normalized(text).replace(" ", "")


def _listed(text: str) -> list[str]:
    return [normalized(each) for each in text.split(", ")]


def _keys(text: str) -> frozenset[str]:
    return frozenset(each.replace(" ", "") for each in _listed(text))


@cache
def words_of_headers() -> Words:
    """Return the tables of header_words.py. They are prepared when the first header is read."""
    fields: dict[str, tuple[str, bool]] = {}
    contact: dict[str, str] = {}
    around: set[str] = set()
    shortened: set[str] = set()
    for language in header_words.LANGUAGES.values():
        own_around = {word for each in _listed(language["around"]) for word in each.split()}
        around |= own_around
        own: dict[str, str] = {}
        for name, headers in language.items():
            field = name.removesuffix("?")
            for header in _listed(headers) if name != "around" else ():
                key = header.replace(" ", "")
                if not name.endswith("?"):
                    fields[key] = (field, False)
                else:
                    fields.setdefault(key, (field, True))
                if name in CONTACT:
                    own[key] = field
                if name == "email":
                    # "Adresse de messagerie secondaire" loses the first two words too.
                    left = [word for word in header.split() if word not in own_around]
                    shortened.add("".join(left))
        contact |= own
        # Some languages, and some files, put words together: "Privattelefon", "workemail".
        for word in (*own_around, *own):
            for header, field in own.items():
                if own.get(word, field) == field and not word.isdigit():
                    contact.setdefault(word + header, field)
                    contact.setdefault(header + word, field)
    for name in _listed(header_words.BARE_NAMES):
        fields[name] = ("name", False)
    return Words(
        fields,
        contact,
        frozenset(shortened - {""}),
        frozenset(around),
        *(
            _keys(text)
            for text in (
                header_words.PEOPLE,
                header_words.NEAR_PEOPLE,
                header_words.PEOPLE_BEHIND,
                header_words.OF,
                header_words.CONTAINERS,
                header_words.BARE_NAMES,
                header_words.RECORD_NAMES,
                header_words.CONTACT_NAMES,
                header_words.BARE_STATES,
                header_words.PLACES,
                header_words.NEVER,
                header_words.MARKS,
            )
        ),
    )
