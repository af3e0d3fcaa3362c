"""The rules for strings: how they are cleaned, and which characters they may have.

The document shows the rules as patterns.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cached_property

from leadbook.storage.text import INVISIBLE, INVISIBLE_CHARACTER, is_visible

# The contents of regular-expression classes. They list what str.strip removes, since `\s` differs
# between the languages that read our OpenAPI document.
_SPACE = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# Control characters (Cc), and characters that change the direction of text.
_REFUSED = r"\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
_REFUSED_IN_NOTES = _REFUSED.replace(r"\x00-\x1f", r"\x00-\x08\x0b-\x1f")
_SURROGATES = r"\ud800-\udfff"
# A string of which nothing is seen, except of those that Unicode calls marks or that are beyond
# U+FFFF; and one that has none of the refused characters, either.
UNSEEN_PATTERN = f"^[{_SPACE}{INVISIBLE}]*$"
_UNSEEN = f"(?![{_REFUSED}])[{INVISIBLE}]"
_BLANK_OR_UNSEEN = f"(?![{_REFUSED}])[{_SPACE}{INVISIBLE}]"
_EMPTY_PATTERN = f"^[{_SPACE}]*(?:{_UNSEEN}(?:(?:{_BLANK_OR_UNSEEN})*{_UNSEEN})?)?[{_SPACE}]*$"
_MOST_MARKS = 30


def _require_few_marks(text: str) -> None:
    """Refuse so many combining marks in a row that normalising them takes seconds.

    The limit is that of the Stream-Safe Text Format (https://www.unicode.org/reports/tr15/#UAX15-D4).
    """
    if text.isascii():
        return
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _MOST_MARKS:
            raise ValueError(f"Must not stack more than {_MOST_MARKS} marks on a character.")


@dataclass(frozen=True)
class TextRule:
    """The rules for a string: `pattern` applies before cleaning, and is in the document.

    `refused` finds a forbidden character. `wanted` is the message for a string that does not match.
    `advice` has better messages for common mistakes, each with what finds the mistake. `sought` is
    the rule for the same string as a filter. A string of nothing that is seen is empty, unless
    `keeps_unseen` is set. White space at both ends is removed, unless `keeps_space` is set.
    """

    pattern: str
    refused: re.Pattern[str]
    wanted: str
    is_multiline: bool = False
    keeps_unseen: bool = False
    keeps_space: bool = False
    advice: tuple[tuple[re.Pattern[str], str], ...] = ()
    sought: "TextRule | None" = None

    def clean(self, text: str, longest: int) -> str | None:
        """Return `text` stripped and in NFC; None if nothing of it is seen.

        Raises ValueError if it breaks the rule, or then has more than `longest` characters.
        """
        is_plain = text.isascii() and text.isprintable() and not self.advice
        if is_plain and not self.keeps_space and 0 < len(text.strip()) <= longest:
            # Most texts; the rest would take ten times as long, and change nothing.
            return text.strip()
        text = self._stripped(text)
        if self.is_multiline:
            text = text.replace("\r\n", "\n")
        _require_few_marks(text)
        text = self._stripped(unicodedata.normalize("NFC", text))
        # NFC splits some marks in two. A stored value must be valid when it is sent back.
        _require_few_marks(text)
        if self.refused.search(text):
            raise ValueError("Must not contain control or text-direction characters.")
        if not (self.keeps_unseen or is_visible(text)):
            text = ""
        for mistake, message in self.advice:
            if found := mistake.search(text):
                raise ValueError(message.format(ord(found[0][0])))
        if not self._allowed.fullmatch(text):
            raise ValueError(self.wanted)
        if len(text) > longest:
            raise ValueError(f"Must not be longer than {longest} characters.")
        return text or None

    @cached_property
    def or_empty(self) -> "TextRule":
        """The same rule for an optional string: it may also be empty."""
        if self._allowed.fullmatch(""):
            return self
        return replace(self, pattern=f"{_EMPTY_PATTERN}|{self.pattern}")

    @cached_property
    def _allowed(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def _stripped(self, text: str) -> str:
        return text if self.keeps_space else text.strip()


def _padded(core: str) -> str:
    return f"^[{_SPACE}]*{core}[{_SPACE}]*$"


def _line(refused: str) -> str:
    return f"[^{_SPACE}{refused}](?:[^{refused}]*[^{_SPACE}{refused}])?"


def _finder(refused: str) -> re.Pattern[str]:
    return re.compile(f"[{refused}{_SURROGATES}]")


# Of all characters in a domain, and of the first in an address.
SEPARATORS = r",;\u060c\u061b\u3001\ufe10\ufe11\ufe14\ufe50\ufe51\ufe54\uff0c\uff1b\uff64"
BRACKETS = r"<>\ufe64\ufe65\uff1c\uff1e"
_DOT = r".\u3002\uff0e\uff61"
_NO_ADDRESS = f"@{_SPACE}{_REFUSED}{BRACKETS}{INVISIBLE}"
_LABEL = f"[^{_NO_ADDRESS}{SEPARATORS}{_DOT}]+"

REQUIRED_TEXT = TextRule(
    # One character at least that is seen.
    _padded(
        rf"(?:[^{_SPACE}{_REFUSED}][^{_REFUSED}]*)?[^{_SPACE}{_REFUSED}{INVISIBLE}]"
        rf"(?:[^{_REFUSED}]*[^{_SPACE}{_REFUSED}])?"
    ),
    _finder(_REFUSED),
    "Must not be empty.",
)
ANY_TEXT = TextRule(_padded(f"(?:{_line(_REFUSED)})?"), _finder(_REFUSED), "")
NOTES = TextRule(
    # A line break may come as CRLF.
    _padded(rf"(?:(?:[^{_REFUSED_IN_NOTES}]|\r\n)*)"),
    _finder(_REFUSED_IN_NOTES),
    "",
    is_multiline=True,
)
REQUIRED_NOTES = TextRule(
    _padded(
        rf"(?:[^{_REFUSED_IN_NOTES}]|\r\n)*[^{_SPACE}{_REFUSED_IN_NOTES}{INVISIBLE}]"
        rf"(?:[^{_REFUSED_IN_NOTES}]|\r\n)*"
    ),
    _finder(_REFUSED_IN_NOTES),
    "Must not be empty.",
    is_multiline=True,
)
EMAIL = TextRule(
    _padded(
        rf"(?![Mm][Aa][Ii][Ll][Tt][Oo]:)[^{_NO_ADDRESS}{SEPARATORS}][^{_NO_ADDRESS}]*"
        rf"@{_LABEL}(?:[{_DOT}]{_LABEL})+"
    ),
    _finder(_REFUSED),
    "Must be an e-mail address: one @, something before it, a dot in the domain, no white space.",
    advice=(
        (
            INVISIBLE_CHARACTER,
            "Must not contain the invisible character U+{:04X}; type the address again.",
        ),
        (re.compile(r"\A(?i:mailto:)"), "Must be the address alone; remove mailto: from it."),
        (
            re.compile(f"[{BRACKETS}]"),
            "Must be the address alone, without angle brackets and what is outside them.",
        ),
        (
            re.compile(rf"\A[{SEPARATORS}]|[{SEPARATORS}]\Z"),
            "Must be one address; remove the comma or semicolon at its beginning or end.",
        ),
    ),
    sought=TextRule(
        # Not padded: a space at either end may have been a plus sign, too.
        f"^[^{_SPACE}{_REFUSED}]*$",
        _finder(_REFUSED),
        "Must not contain white space. Send a plus sign in a URL as %2B.",
        keeps_unseen=True,
        keeps_space=True,
    ),
)
