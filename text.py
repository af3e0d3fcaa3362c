"""How the strings of a request are cleaned, and which of them are refused."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields

# The insides of regular-expression classes. They spell out what str.strip removes, since `\s`
# means something else in each of the languages that read our OpenAPI document.
_SPACE = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# Control characters (Cc), and the ones that make text read in another order than it is stored.
_REFUSED = r"\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
_REFUSED_IN_NOTES = _REFUSED.replace(r"\x00-\x1f", r"\x00-\x08\x0b-\x1f")
_SURROGATES = r"\ud800-\udfff"
_MOST_MARKS = 30


@dataclass(frozen=True)
class Kind:
    """What a string may look like: `pattern` before it is cleaned, as the document shows it.

    `refused` finds a character that must not be in it, `wanted` says in words what it must be.
    """

    pattern: str
    refused: re.Pattern[str]
    wanted: str
    is_multiline: bool = False


def _padded(core: str) -> str:
    return f"^[{_SPACE}]*{core}[{_SPACE}]*$"


def _line(refused: str) -> str:
    return f"[^{_SPACE}{refused}](?:[^{refused}]*[^{_SPACE}{refused}])?"


def _finder(refused: str) -> re.Pattern[str]:
    return re.compile(f"[{refused}{_SURROGATES}]")


_ADDRESS_CHARACTER = f"[^@.{_SPACE}{_REFUSED}]"

REQUIRED_TEXT = Kind(_padded(_line(_REFUSED)), _finder(_REFUSED), "Must not be empty.")
ANY_TEXT = Kind(_padded(f"(?:{_line(_REFUSED)})?"), _finder(_REFUSED), "")
NOTES = Kind(
    # A line break may come as CRLF.
    _padded(rf"(?:(?:[^{_REFUSED_IN_NOTES}]|\r\n)*)"),
    _finder(_REFUSED_IN_NOTES),
    "",
    is_multiline=True,
)
EMAIL = Kind(
    _padded(rf"[^@{_SPACE}{_REFUSED}]+@{_ADDRESS_CHARACTER}+(?:\.{_ADDRESS_CHARACTER}+)+"),
    _finder(_REFUSED),
    "Must be an e-mail address: one @, something before it, a dot in the domain, no white space.",
)


def _require_few_marks(text: str) -> None:
    """Refuse marks that follow each other in such a number that sorting them takes seconds.

    The bound is that of the Stream-Safe Text Format (https://www.unicode.org/reports/tr15/#UAX15-D4).
    """
    if text.isascii():
        return
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _MOST_MARKS:
            raise ValidationError(f"Must not stack more than {_MOST_MARKS} marks on a character.")


class Text(fields.String):
    """A string, stripped and in NFC. An optional one that is empty then is None.

    It is measured after that, in characters.
    """

    def __init__(self, kind: Kind, *, longest: int, description: str = "", **kwargs: Any) -> None:
        self.kind = kind
        self.longest = longest
        self.pattern = re.compile(kind.pattern)
        metadata = {"pattern": kind.pattern, "maxLength": longest}
        if description:
            metadata["description"] = description
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self.clean(super()._deserialize(value, attr, data, **kwargs))

    def clean(self, text: str) -> str | None:
        """Return `text` as it is stored. Raises marshmallow's ValidationError."""
        text = text.strip()
        if self.kind.is_multiline:
            text = text.replace("\r\n", "\n")
        _require_few_marks(text)
        text = unicodedata.normalize("NFC", text).strip()
        # Some marks are two by now, and what was taken once must be taken again.
        _require_few_marks(text)
        if self.kind.refused.search(text):
            raise ValidationError("Must not contain control or text-direction characters.")
        if not self.pattern.fullmatch(text):
            raise ValidationError(self.kind.wanted)
        if len(text) > self.longest:
            raise ValidationError(f"Must not be longer than {self.longest} characters.")
        return text or None
