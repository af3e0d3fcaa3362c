"""The encoding of a text file: its mark, what the caller says, what its bytes show, or a guess."""

import codecs
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from encodings import normalize_encoding
from encodings.aliases import aliases
from functools import lru_cache
from importlib.util import find_spec
from typing import BinaryIO

from leadbook.transfer.errors import FileRefusedError

SAMPLE_BYTES = 64 * 1024
_CHUNK_BYTES = 1024 * 1024
# A guess looks at so much before the first byte beyond ASCII: a line or a few.
_BEFORE_BYTES = 1024
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    # Before UTF-16, because one begins like UTF-16.
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# Codecs for a name or a literal, not for a file. These and UTF-7 take quadratic time.
_NO_CHARSETS = (
    "idna", "mbcs", "oem", "punycode", "raw_unicode_escape", "undefined", "unicode_escape", "utf_7",
)  # fmt: skip
_ADVICE = "save the file as UTF-8"
# ISO-2022-JP switches to Japanese by these: https://www.rfc-editor.org/rfc/rfc1468
_JAPANESE = re.compile(rb"\x1b\$[@B]")

_USUAL = "cp1252"
# What lists come in. With all encodings of the library, short lists of names become Icelandic; with
# the Baltic cp1257, Russian ones become Baltic.
_LIKELY = (
    _USUAL, "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp850", "cp866", "cp874",
    "iso8859_2", "iso8859_5", "koi8_r", "mac_roman", "big5", "cp932", "cp949", "euc_jp", "gb18030",
)  # fmt: skip
# How much messier Windows-1252 must look than the best guess: from 0 (clean) to 1. With less than
# 0.03, Finnish lists become Mac Roman.
_MARGIN = 0.1
_WORD = re.compile(r"[^\W\d_]+")
_LAST_CHARACTER = re.compile(rb"[\xc0-\xf7][\x80-\xbf]{0,3}\Z")
_LAST_LATIN = "\u024f"
# Shorter words may have no plain letter.
_LONG = 4
_LONGEST_EXAMPLE = 40


@dataclass(frozen=True)
class Encoding:
    """An encoding by Python's name, and the length of the mark that the file begins with.

    `is_guess` is true if neither a mark, nor the caller, nor valid UTF-8 says so. `example` is then
    a word that was read with it.
    """

    name: str
    mark_bytes: int = 0
    is_guess: bool = False
    example: str = ""


def find_encoding(file: BinaryIO, charset: str = "") -> Encoding:
    """Return the encoding of a file: `charset`, or what the bytes show if it is empty.

    Raises FileRefusedError if the charset is not known or the file is obviously something else.
    """
    named = python_name(charset) if charset else ""
    file.seek(0)
    start = file.read(SAMPLE_BYTES)
    marked = _marked(start)
    if not named:
        return marked or _wide(start) or _found(file, start)
    if _is_wide(named):
        return _as_told(named, marked or _of_nuls(named, start) or _found(file, start))
    if marked or b"\0" in start:
        return _as_told(named, marked or _wide(start) or Encoding(named))
    return Encoding(named)


def claimed(charset: str) -> str:
    """Return the charset of a Content-Type, or an empty text for UTF-8.

    Many senders say UTF-8 without knowing it; the bytes decide then. Raises FileRefusedError.
    """
    return "" if not charset or python_name(charset) in ("utf-8", "ascii") else charset


# A file of vCards may name the same one in each line.
@lru_cache(maxsize=100)
def python_name(charset: str) -> str:
    """Return Python's name for a charset. Raises FileRefusedError."""
    name = normalize_encoding(charset.strip()).lower() if charset.isascii() else ""
    # "cp-1250" is "cp1250".
    compact = name.replace("_", "")
    name = aliases.get(name) or aliases.get(compact) or (name if _is_codec(name) else compact)
    if _is_codec(name):
        # Some codecs, such as base64, are not for text.
        with suppress(LookupError):
            b"a".decode(name, "replace")
            return codecs.lookup(name).name.removesuffix("-sig")
    raise FileRefusedError(f"The encoding {charset[:40]!r} is not known; {_ADVICE}.")


def _is_codec(name: str) -> bool:
    # Look for the module only: Python remembers each unknown name of a codec, forever.
    is_word = name not in _NO_CHARSETS and re.fullmatch(r"[a-z0-9_]{1,40}", name)
    return bool(is_word) and find_spec(f"encodings.{name}") is not None


def _as_told(named: str, found: Encoding) -> Encoding:
    """Return `found` if it is what the caller says. Raises FileRefusedError."""
    if not found.name.startswith(named):
        raise FileRefusedError(f"The encoding should be {named}, but the file is {found.name}.")
    return Encoding(found.name, found.mark_bytes)


def _is_wide(name: str) -> bool:
    return name.startswith(("utf-16", "utf-32"))


def _marked(start: bytes) -> Encoding | None:
    for mark, name in _MARKS:
        if start.startswith(mark):
            return Encoding(name, len(mark))
    return None


def _wide(start: bytes) -> Encoding | None:
    """Return the UTF-16 that so many zero bytes show. Raises FileRefusedError if it is not text."""
    nuls = start.count(0)
    if nuls <= len(start) // 5:
        return None
    odd = start[1::2].count(0)
    # A few characters, such as 一, have a zero byte in the other place.
    if 10 * min(odd, nuls - odd) > nuls:
        raise FileRefusedError(f"The file is not text; {_ADVICE}.")
    name = "utf-16-le" if 2 * odd > nuls else "utf-16-be"
    return Encoding(name, 0, is_guess=True, example=_example(start, name))


def _of_nuls(named: str, start: bytes) -> Encoding | None:
    """Return the order of the bytes of a UTF-16 or UTF-32 that has no mark."""
    if b"\0" not in start:
        return None
    if named.endswith(("-le", "-be")):
        return Encoding(named)
    width = 4 if named.startswith("utf-32") else 2
    is_little = start[width - 1 :: width].count(0) > start[::width].count(0)
    return Encoding(f"{named}-{'le' if is_little else 'be'}")


def _found(file: BinaryIO, start: bytes) -> Encoding:
    """Return the encoding of a file without a mark."""
    sample = _around_first_beyond_ascii(file)
    if not sample:
        if _JAPANESE.search(start):
            return _guess("iso2022_jp", start)
        return Encoding("utf-8")
    words = re.findall(rb"[\x80-\xff]+", sample)
    if len(sample) == SAMPLE_BYTES:
        # The end of the sample may cut the last character.
        words[-1] = _LAST_CHARACTER.sub(b"", words[-1])
    valid = sum(map(_is_utf_8, words))
    if 2 * valid < len(words):
        return _guess(_likeliest(sample), sample)
    return Encoding("utf-8") if valid == len(words) else _guess("utf-8", sample)


def _around_first_beyond_ascii(file: BinaryIO) -> bytes:
    """Return the bytes around the first one that is not ASCII; empty if all are ASCII."""
    file.seek(0)
    while chunk := file.read(_CHUNK_BYTES):
        if not chunk.isascii():
            found = re.search(rb"[\x80-\xff]", chunk)
            place = file.tell() - len(chunk) + (found.start() if found else 0)
            file.seek(max(0, place - _BEFORE_BYTES))
            return file.read(SAMPLE_BYTES)
    return b""


def _is_utf_8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True


def _likeliest(sample: bytes) -> str:
    """Return the encoding that the sample most likely has; Windows-1252 unless another is sure."""
    from charset_normalizer import from_bytes  # noqa: PLC0415  # 0.1 s, and most files are UTF-8

    if len(sample) == SAMPLE_BYTES:
        # Not in the middle of a character.
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    # Rows in ASCII would make every guess look clean. The first line is often the header.
    first, *lines = sample.split(b"\n")
    sample = b"\n".join([first, *(line for line in lines if not line.isascii())])
    found = from_bytes(
        sample, cp_isolation=[*_LIKELY], preemptive_behaviour=False, enable_fallback=False
    )
    best = found.best()
    likely = [each for each in found if best and each.chaos <= best.chaos + _MARGIN]
    # The usual one first: only what looks much worse than the best is unlikely.
    likely.sort(key=lambda each: _USUAL not in each.could_be_from_charset)
    for each in likely:
        if not _are_odd(_WORD.findall(sample.decode(each.encoding, "replace"))):
            return _USUAL if _USUAL in each.could_be_from_charset else each.encoding
    return _USUAL


def _are_odd(words: Sequence[str]) -> bool:
    """Return whether the words look like a wrong guess.

    Then many have letters of two scripts, or only Latin ones with marks, as Russian in a Western
    encoding, or none has a capital, as Hebrew in a Cyrillic encoding.
    """
    beyond = [word for word in words if not word.isascii()]
    others = [word for word in beyond if max(word) > _LAST_LATIN]
    odd = sum(map(_is_odd, beyond))
    return 4 * odd > len(beyond) or (bool(others) and all(map(str.islower, others)))


def _is_odd(word: str) -> bool:
    if max(word) > _LAST_LATIN:
        return min(word) <= _LAST_LATIN
    return len(word) >= _LONG and min(word) > "\x7f"


def _guess(name: str, sample: bytes) -> Encoding:
    name = codecs.lookup(name).name
    return Encoding(name, 0, is_guess=True, example=_example(sample, name))


def _example(sample: bytes, name: str) -> str:
    """Return the first word beyond ASCII, by which a reader sees whether the guess is right."""
    words = re.finditer(r"[\w'-]*[^\0-\x7f][^\s,;\"]*", sample.decode(name, "replace"))
    return next((each[0][:_LONGEST_EXAMPLE] for each in words), "")
