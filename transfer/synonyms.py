"""Find the field of a column by its header, in any of the languages of header_words.py."""

import re
from collections.abc import Sequence
from functools import lru_cache

from leadbook.storage.text import fold_for_search
from leadbook.transfer.header_words import BARE_NAMES, LANGUAGES, QUALIFIERS

_LONGEST_HEADER = 200
# Headers of one file repeat in each object of JSON Lines.
_REMEMBERED = 4096
# A header may begin with one of these: "Person - Name", "Lead Source", "properties.email".
_OWNERS = re.compile(
    r"(person|people|lead|contact|customer|client|subscriber|user|member|billing|default address|"
    r"propert(y|ies)|fields?|attributes?|data|record|profile|node|item|object|value|merge) (?=.)"
)
_KINDS = (
    r"((main|primary|secondary|alternate|alternative|work|business|home|private|personal|office|other|"
    r"company|company main|corporate|direct|user) )?"
)
_WHICH = r"( ([0-9]{1,2}|mobile|cell|direct|main|primary|work|business|home|private|personal|office|other))?"
_OFTEN = r"( ([0-9]{1,2}|value|address|number))*"

# The headers of each field, or part of a field. If several match, the first filled cell counts.
FIELDS: dict[str, re.Pattern[str]] = {
    field: re.compile(pattern)
    for field, pattern in {
        "name": r"(full ?|display ?|complete ?)?names?|name full|person|contact person",
        "first name": r"first|(first|given|fore) ?name|f ?name|forename|name (first|given)",
        "last name": r"last|(last|family|sur) ?name|l ?name|surname|name (last|family)",
        "email": rf"{_KINDS}e? ?mail{_WHICH}( address(es)?| id)?{_WHICH}{_OFTEN}|"
        rf"{_KINDS}email address{_OFTEN}",
        "phone": rf"{_KINDS}(mobile |cell |cellular )?(phone|telephone|tel|mobile|cell|cellphone|fax|pager)"
        rf"( (number|no|num|nr|phone))?{_WHICH}{_OFTEN}|{_KINDS}(phone|mobile|cell|fax) ?numbers?{_OFTEN}|whats ?app( number)?",
        "company": r"((primary )?associated |primary |default address |billing |current )?"
        r"(company|organi[sz]ation|account|employer)( [0-9]{1,2})?( name)?( for emails?)?|"
        r"company account|business|business name",
        "source": r"(original |traffic |original traffic |lead )?source( name)?|utm source",
        "notes": r"notes?( text)?|descriptions?|comments?|remarks?|memo",
        "lifecycle": r"life ?cycle ?(stage|status)?|(contact|hs) life ?cycle ?stage",
        "status reason": r"(lead )?status reason|reason for status|statuscode",
        "status": r"(hs |deal |opportunity |sales |current )?(lead )?(status|stage)( name)?|(pipeline|sales) stage|statecode",
        "score": r"(hub ?spot |lead |people |hs )?scor(e|ing)|points|rating score",
        "createdAt": r"(created?|creation|added?|subscription|subscribed|optin|opt in|confirm(ed)?|signup|sign up|"
        r"user registered|registered|registration|joined|connected|date created|submitted|submission)"
        r"( (at|on|date|time|by date|utc|timestamp|ts))*|(date|time|date time) (created|added|joined|registered)|create date|createdate|timestamp",
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


_FOREIGN = {
    normalized(header): field
    for table in LANGUAGES.values()
    for field, headers in table.items()
    for header in headers
}
_BARE = frozenset(map(normalized, BARE_NAMES))
_QUALIFIERS = frozenset(map(normalized, QUALIFIERS))


@lru_cache(maxsize=_REMEMBERED)
def field_of(header: str) -> str | None:
    """Return the field of a column with this header, or None if the header is unknown.

    "first name" and "last name" are parts of the name; fax numbers are phones.
    """
    # A longer header is not a name. The limit matters: each owner in front costs another round.
    words = normalized(header[:_LONGEST_HEADER])
    while True:
        if field := _field_of_words(words):
            return field
        shorter = _OWNERS.sub("", words, count=1) if _OWNERS.match(words) else words
        if shorter == words:
            return None
        words = shorter


def _field_of_words(words: str) -> str | None:
    if words in _BARE:
        return "name"
    if field := _FOREIGN.get(words):
        return field
    for field, pattern in FIELDS.items():
        if pattern.fullmatch(words):
            return field
    parts = words.split()
    kept = [each for each in parts if each not in _QUALIFIERS and not each.isdigit()]
    return _FOREIGN.get(" ".join(kept)) if kept and len(kept) < len(parts) else None


def fields_of(headers: Sequence[str]) -> list[str | None]:
    """Return the field of each column of a file.

    Beside one part of a name, a bare "Name" is the other part: "Nom" beside "Prénom" is the last
    name, "Nombre" beside "Apellidos" the first.
    """
    found = [field_of(each) for each in headers]
    parts = {"first name", "last name"}.difference(found)
    bare = [
        place for place, each in enumerate(headers) if normalized(each[:_LONGEST_HEADER]) in _BARE
    ]
    if len(parts) == 1 and len(bare) == 1 and found.count("name") == 1:
        [found[bare[0]]] = parts
    return found
