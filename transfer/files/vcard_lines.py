"""Read the properties of vCards from the lines of a text: folded, encoded, in groups.

https://www.rfc-editor.org/rfc/rfc6350 (4.0), https://www.rfc-editor.org/rfc/rfc2426 (3.0),
https://web.archive.org/web/2015/http://www.imc.org/pdi/vcard-21.txt (2.1)
"""

import re
from binascii import a2b_qp
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.encodings import python_name
from leadbook.transfer.files.source import LONGEST_LINE

_HEAD = re.compile(r'(?:([\w.-]+)\.)?([A-Za-z0-9_-]+)((?:;(?:"[^"]*"|[^":])*)?):', re.DOTALL)
_PARAMETER = re.compile(r';([^=;"]*)(?:=((?:"[^"]*"|[^;"])*+))?')
# Photos and sounds. In 4.0, the value is a `data:` URL.
_BASE64 = re.compile(r"(?i);(ENCODING=)?(B|BASE64)(;|$)")
_DATA = re.compile(r"(?i)\s*data:[^,]*;base64,")
# Some programs do not indent the following lines of a photo.
_BASE64_LINE = re.compile(r"[A-Za-z0-9+/=]+")
_QUOTED = re.compile(r"(?i);(ENCODING=)?QUOTED-PRINTABLE(;|$)")
_ENCODINGS = frozenset(("quoted-printable", "base64", "b", "8bit", "7bit"))
_OLD = "VERSION:2.1"
# In characters: only such parameters are remembered.
_SHORT = 100


@dataclass(frozen=True)
class Property:
    """A property of a card. Its name is in upper case, its types in lower case.

    `rank` is 1 for the preferred one of several, and more for others. `value` may still have
    backslashes in it; it is empty if it is binary. A line that is no property has no name.
    """

    line: int
    name: str
    value: str
    group: str = ""
    types: frozenset[str] = frozenset()
    rank: int = 100
    is_binary: bool = False
    # In characters, of its line.
    length: int = 0


def properties(lines: Iterable[str], encoding: str) -> Iterator[Property]:
    """Yield each property; BEGIN and END, too. The lines were decoded with the encoding.

    A value over LONGEST_LINE is cut; it still has more than LONGEST_LINE characters.
    """
    for line, text in _unfolded(lines):
        head = _HEAD.match(text)
        if head is None:
            yield Property(line, "", text, length=len(text))
            continue
        group, name, parameters = head.groups()
        told = _told(parameters) if len(parameters) < _SHORT else _told.__wrapped__(parameters)
        value = text[head.end() :]
        is_binary = told.is_binary or bool(_DATA.match(value))
        if is_binary:
            value = ""
        elif told.is_quoted:
            raw = a2b_qp(value.encode(encoding, "surrogateescape"))
            value = _decoded(raw, told.charset or "utf-8")
        elif told.charset and not value.isascii():
            value = _in_charset(value, encoding, told.charset)
        group = (group or "").lower()
        name = name.upper()
        yield Property(line, name, value, group, told.types, told.rank, is_binary, len(text))


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield each line with those that continue it, and the number of the first one."""
    first, pieces, length = 0, list[str](), 0
    is_binary = is_quoted = is_soft = is_old = False
    for number, line in enumerate(lines, 1):
        text = line.rstrip("\r\n")
        is_folded = text[:1] in (" ", "\t") and bool(pieces)
        if is_soft or is_folded or (is_binary and _BASE64_LINE.fullmatch(text)):
            # In 2.1, the space belongs to the text.
            piece = text if is_soft or is_old else text[1:]
        elif not text.strip("\ufeff\0\x1a \t"):
            continue
        else:
            if pieces:
                yield first, "".join(pieces)
            first, pieces, length = number, list[str](), 0
            piece = text.lstrip("\ufeff")
            head = piece[:1_000].partition(":")
            has_parameters = ";" in head[0]
            is_binary = bool(has_parameters and _BASE64.search(head[0])) or bool(
                _DATA.match(head[2])
            )
            is_quoted = has_parameters and bool(_QUOTED.search(head[0]))
            if piece.upper().startswith(("VERSION:", "BEGIN:")):
                is_old = piece.upper().startswith(_OLD)
        # A line of quoted-printable that ends with "=" goes on in the next one.
        is_soft = is_quoted and piece.endswith("=")
        if (is_binary and length) or length > LONGEST_LINE:
            continue
        piece = piece[:-1] if is_soft else piece
        pieces.append(piece)
        length += len(piece)
    if pieces:
        yield first, "".join(pieces)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the parameters of a line tell about its value."""

    types: frozenset[str]
    rank: int
    charset: str
    is_binary: bool
    is_quoted: bool


# Most lines of a file have one of a few.
@lru_cache(maxsize=500)
def _told(text: str) -> _Told:
    types, rank, charset = set[str](), 100, ""
    for name, value in _PARAMETER.findall(text):
        # In 2.1, a type has no name.
        key, plain = name.strip().upper() if value else "TYPE", (value or name).replace('"', "")
        if key == "TYPE":
            types.update(each.strip().lower() for each in plain.split(","))
        elif key == "CHARSET":
            charset = charset or plain
        elif key == "PREF" and re.fullmatch("[0-9]{1,2}", plain):
            rank = int(plain)
    return _Told(
        frozenset(types - _ENCODINGS),
        1 if "pref" in types else rank,
        charset,
        bool(_BASE64.search(text)),
        bool(_QUOTED.search(text)),
    )


def _in_charset(value: str, encoding: str, charset: str) -> str:
    """Return the value in the charset that its line names, unless it is valid UTF-8 anyway."""
    raw = value.encode(encoding, "surrogateescape")
    if encoding == "utf-8" and raw.decode(errors="replace") == value:
        return value
    return _decoded(raw, charset)


def _decoded(raw: bytes, charset: str) -> str:
    try:
        known = python_name(charset)
    except FileRefusedError:
        known = "utf-8"
    for each in (known, "utf-8"):
        try:
            return raw.decode(each)
        except (UnicodeError, LookupError):
            continue
    return raw.decode("cp1252", "replace")
