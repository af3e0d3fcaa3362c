"""Texts compared, searched and sorted by what people see, and characters that nobody sees."""

import re
import unicodedata

# The contents of a regular-expression class, without those beyond U+FFFF: format characters (Cf),
# default ignorables, and blanks that Unicode calls letters or symbols (Hangul fillers, braille):
# https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
INVISIBLE = (
    r"\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\ufffb"
)
# The same beyond U+FFFF.
_INVISIBLE_BEYOND = (
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
)
INVISIBLE_CHARACTER = re.compile(f"[{INVISIBLE}{_INVISIBLE_BEYOND}]")

# Letters that people type as others, though Unicode does not take them apart. A dotless i must be
# an i, because the capital of both is I.
_PLAIN_LETTERS = str.maketrans(
    {"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe"}
)
# The longest name of the DNS has 253 characters: https://www.rfc-editor.org/rfc/rfc1035
_LONGEST_DOMAIN = 253
_LAST_OF_PLANE_0 = 0xFFFF


def is_visible(text: str) -> bool:
    """Return whether a text has more than white space, invisible characters and marks."""
    if text.isascii():
        return bool(text.strip())
    return any(
        not (each.isspace() or INVISIBLE_CHARACTER.match(each))
        and unicodedata.category(each)[0] != "M"
        for each in text
    )


def address_key(address: str) -> str:
    """Return the form in which e-mail addresses are compared.

    It has the local part without case, and the domain as the DNS has it (UTS 46).
    """
    if address.isascii():
        return address.lower()
    local, at, domain = address.rpartition("@")
    return f"{fold(local)}{at}{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """Return a domain in its ASCII form; what UTS 46 does not allow only loses its case."""
    if domain.isascii():
        return domain.lower()
    if len(domain) > _LONGEST_DOMAIN:
        return fold(domain)
    import idna  # noqa: PLC0415  # it takes 10 ms, and few domains need it

    try:
        # Not `encode`: it refuses domains that exist, such as those of emoji.
        mapped = idna.uts46_remap(domain, std3_rules=False)
    except idna.IDNAError:
        return fold(domain)
    return ".".join(map(_ascii_label, mapped.split(".")))


def _ascii_label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def fold(text: str) -> str:
    """Return a text without case, in NFC, since folding splits some characters."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def fold_for_search(text: str) -> str:
    """Return the form in which texts are searched and sorted: without case, accents and width."""
    if text.isascii():
        return text.lower()
    # At the end, NFC puts together what belongs together, such as the syllables of Korean.
    folded = unicodedata.normalize("NFC", text).translate(_FOLDED)
    return unicodedata.normalize("NFC", folded)


class _Folded(dict[int, str]):
    """What each character becomes in a search, found out when the character is first seen."""

    def __missing__(self, code: int) -> str:
        folded = _folded(chr(code))
        # The others are rare, and would take 100 MB.
        if code <= _LAST_OF_PLANE_0:
            self[code] = folded
        return folded


def _folded(character: str) -> str:
    # Twice: some capitals are only seen when the first has taken a character apart.
    parts = unicodedata.normalize("NFKD", character).casefold()
    parts = unicodedata.normalize("NFKD", parts)
    # Such as U+00B4, an accent of its own: Unicode takes it apart into a space and a mark.
    if parts.startswith(" ") and parts != " ":
        return character
    kept = INVISIBLE_CHARACTER.sub("", parts).translate(_PLAIN_LETTERS)
    return "".join(each for each in kept if not _is_accent(each))


def _is_accent(character: str) -> bool:
    """Return whether a mark only changes the letter below it, as in Latin, Greek and Cyrillic.

    The points of Hebrew, Arabic and Syriac (classes 10 to 36) are accents too. Other marks are
    letters: the vowels of India and Thailand, the tones of Thailand, the voiced sounds of Japan
    (https://www.unicode.org/reports/tr44/#Canonical_Combining_Class_Values).
    """
    if unicodedata.category(character) == "Me":
        return True
    mark = unicodedata.combining(character)
    return mark == 1 or 10 <= mark <= 36 or mark >= 200


_FOLDED = _Folded()
