"""What a cell says: whether it is filled, or only holds a word for nothing; and lists in a cell."""

from collections.abc import Sequence

from leadbook.storage.json_text import as_text, decode
from leadbook.storage.text import is_visible

# What programs write for a value that is missing, exactly as they write it.
_OF_PROGRAMS = (
    "NULL null (NULL) (null) <NULL> <null> [NULL] [null] \\N NaN nan <NA> -None- undefined "
    "(none) (blank) (empty) <none> <blank> [none] [blank] "
    "#N/A #n/a #NV #N/D #NULL! #VALUE! #REF! #NAME? #DIV/0! #NUM!"
).split()
# What people write, besides: "none", or "not available" in several languages. In German it is
# "keine Angabe" or "ohne Angabe", in Spanish "sin datos", in Dutch "niet van toepassing", in Polish
# "brak danych". Whole words stay: "unknown" is an answer, too.
_OF_PEOPLE = (
    "N/A n/a n.a. n.a N/D n/d n.d. k.A. k.a. o.A. S/D s/d B/D b/d b.d. n.v.t. none nil".split()
)
# The initials of somebody, where they are a name: K.A. Applegate.
_INITIALS = "N.A. N.A K.A. N.V.T.".split()
# Not in capitals: North Dakota, and a degree.
_OTHERS = frozenset(("N.D.", "B.D."))
_DASHES = ("-", "\u2013", "\u2014", "\u2015", "\u2212")
LONGEST_EMPTY = 11
_LONE_DASHES = tuple(dash * count for dash in _DASHES for count in range(1, LONGEST_EMPTY + 1))
_WORDS = ("", *_OF_PROGRAMS, *_OF_PEOPLE, *_INITIALS, *_LONE_DASHES)
# In most columns, the case does not matter.
EMPTY = (
    frozenset(
        form
        for word in _WORDS
        for form in (word, word.lower(), word.upper(), word.capitalize(), word.title())
    )
    - _OTHERS
)
# Null, Nan and Nil are names of people, so in a name the case counts.
_EMPTY_NAMES = frozenset(_WORDS) - {*_INITIALS}
# Somebody may have written "none" or a dash as a note.
_EMPTY_NOTES = frozenset(("", *_OF_PROGRAMS))


# Below this, all characters but the soft hyphen are seen, or are control characters.
_FIRST_OTHER, _SOFT_HYPHEN = "\u0250", "\xad"


def _is_seen(text: str) -> bool:
    """Return whether a text without white space at its ends has something that is seen."""
    first = text[:1]
    return (first < _FIRST_OTHER and first != _SOFT_HYPHEN) or is_visible(text)


def filled(cell: str) -> str:
    """Return the text of a cell without white space at its ends; "" if it says nothing."""
    text = cell.strip()
    if len(text) <= LONGEST_EMPTY and text in EMPTY:
        return ""
    return text if _is_seen(text) else ""


def filled_name(cell: str) -> str:
    """Return the text of a cell with a name; "" if it says nothing."""
    text = cell.strip()
    return "" if text in _EMPTY_NAMES or not _is_seen(text) else text


def filled_notes(cell: str) -> str:
    """Return the text of a cell with notes; "" if it says nothing."""
    text = cell.strip()
    return "" if text in _EMPTY_NOTES or not _is_seen(text) else text


def filled_as_is(cell: str) -> str:
    """Return the text of a cell of our own export, in which each word is meant."""
    text = cell.strip()
    return text if text and _is_seen(text) else ""


def list_cell(texts: Sequence[str]) -> str:
    """Return some texts as one cell: with commas between them, or as JSON if that is not clear."""
    is_clear = not any("," in text or text.startswith("[") for text in texts)
    return ", ".join(texts) if is_clear else as_text(list(texts))


def listed(cell: str) -> list[str]:
    """Return the texts of such a cell."""
    if cell.startswith("["):
        try:
            found = decode(cell)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(each, str) for each in found):
            return found
    return cell.split(",")
