"""Recognise the format of a file by its content, not by its name."""

import json
import re
from typing import Any, BinaryIO, Literal

from leadbook.transfer.errors import FileRefusedError

Format = Literal["csv", "jsonl", "json", "xlsx", "vcf"]

NAMES: dict[Format, str] = {
    "csv": "CSV",
    "jsonl": "JSON Lines",
    "json": "JSON",
    "xlsx": "an .xlsx workbook",
    "vcf": "vCards",
}
# What a report calls them.
SHORT_NAMES: dict[Format, str] = NAMES | {"xlsx": ".xlsx"}
# All rows have one header; in the other formats, each row has its own.
TABLES: frozenset[Format] = frozenset({"csv", "xlsx"})

ADVICE = "save it as CSV, .xlsx, JSON or vCards"

# File signatures: https://en.wikipedia.org/wiki/List_of_file_signatures
_BINARY = (
    (b"\x1f\x8b", "compressed with gzip"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ\0", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a Rich Text document"),
    (b"SQLite format 3\0", "a database"),
    (b"\0\1\0\0Standard Jet DB", "an Access database"),
    (b"\0\1\0\0Standard ACE DB", "an Access database"),
    (b"!BDN", "an Outlook data file"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"Obj\1", "an Avro file"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"II*\0", "an image"),
    (b"MM\0*", "an image"),
    (b"RIFF", "an image, a sound or a film"),
    (b"ID3", "a sound"),
    (b"OggS", "a sound"),
    (b"\0\0\0\x18ftyp", "a film"),
    (b"\0\0\0\x20ftyp", "a film"),
    (b"\x7fELF", "a program"),
    (b"bplist", "a property list"),
)
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
# Old Office documents, Outlook messages and encrypted workbooks: [MS-CFB], 2.2.
_COMPOUND = b"\xd0\xcf\x11\xe0"
# Names of the streams in them, in UTF-16.
_STREAMS = (
    ("EncryptedPackage", "a workbook or document with a password; remove the password first"),
    ("__substg1.0_", "an Outlook message"),
    ("Workbook", "an old Excel workbook (.xls)"),
    ("WordDocument", "an old Word document"),
    ("PowerPoint Document", "an old PowerPoint presentation"),
    ("Book", "an old Excel workbook (.xls)"),
)
_CHUNK_BYTES, _STREAMS_CHUNKS = 1024 * 1024, 64

_HEADER_LINE = r"(?:[A-Za-z][A-Za-z0-9-]*:[ \t].*(?:\r\n|\r|\n)(?:[ \t].*(?:\r\n|\r|\n))*)"
# Texts that begin like this are no list of people.
_TEXTS = (
    (re.compile(r"<\?xml(?s:.{0,1000})urn:schemas-microsoft-com:office:spreadsheet"), "an XML workbook"),
    (re.compile(r"(?i)(<\?xml[^>]*>\s*)?(<!--.{0,1000}?-->\s*)?<(!doctype html|html|head|body|table|meta)\b", re.DOTALL), "a web page (HTML)"),
    (re.compile(r"<(\?xml|!DOCTYPE|[A-Za-z][\w:.-]*(\s[^<>]*)?>\s*(<|[^<>,;\t]*</))"), "XML"),
    (re.compile(r"(?:(?:#.*|version: ?\d+)?[\r\n]+)*+dn::? ?\S"), "LDIF"),
    (re.compile(r"(?i)BEGIN:VCALENDAR"), "a calendar"),
    (re.compile(r"From \S+ .*\d{4}\s*[\r\n]+[\w-]+:"), "a mailbox (mbox)"),
    (re.compile(rf"(?=(?s:.{{0,20000}}?)^(?i:message-id|received|mime-version|return-path): ){_HEADER_LINE}{{3}}", re.MULTILINE), "an e-mail message"),
    (re.compile(r"(?i)(--|/\*)[^\n]*\bdump\b|(create table|insert into|drop table)\s"), "a script of SQL"),
    (re.compile(r"-----BEGIN [A-Z ]+-----"), "a key or a certificate"),
)  # fmt: skip
# A list of vCards begins with this line; some tools put a byte order mark before each card.
_CARD = re.compile(r"(?i)[\s\ufeff]*BEGIN[ \t]*:[ \t]*VCARD[ \t]*(?:[\r\n]|$)")


def format_of_rejects(format: Format) -> Literal["csv", "jsonl"]:
    """Return the format in which rejected rows of a file are written."""
    return "csv" if format in TABLES else "jsonl"


def binary_format(file: BinaryIO, start: bytes, name: str) -> Format | None:
    """Return the format of a file that is no text, or None.

    `start` is its beginning. Raises FileRefusedError for a file that cannot be imported.
    """
    if start.startswith(_ARCHIVES):
        from leadbook.transfer.files.archives import kind_of_archive  # noqa: PLC0415  # zipfile takes time

        what = kind_of_archive(file)
        if what is None:
            return "xlsx"
        raise _refusal(name, what)
    if start.startswith(_COMPOUND):
        raise _refusal(name, _kind_of_compound(file))
    for signature, what in _BINARY:
        if start.startswith(signature):
            raise _refusal(name, what)
    return None


def _refusal(name: str, what: str) -> FileRefusedError:
    return FileRefusedError(f"{name} is {what}{'' if ';' in what else f'; {ADVICE}'}.")


def _kind_of_compound(file: BinaryIO) -> str:
    file.seek(0)
    found: set[str] = set()
    before = b""
    for _ in range(_STREAMS_CHUNKS):
        chunk = before + file.read(_CHUNK_BYTES)
        found.update(what for name, what in _STREAMS if name.encode("utf-16-le") in chunk)
        before = chunk[-64:]
    known = (what for _, what in _STREAMS if what in found)
    return next(known, "an old Office document, such as an old Excel workbook")


def text_format(sample: str, name: str, *, is_whole: bool) -> Format:
    """Return the format of a text that begins with `sample`.

    `is_whole` says whether that is all of it. Raises FileRefusedError for a text that is no list of
    people.
    """
    start = sample.lstrip().lstrip("\ufeff").lstrip()
    if _CARD.match(start):
        return "vcf"
    for pattern, what in _TEXTS:
        if pattern.match(start):
            raise _refusal(name, what)
    if start.startswith("["):
        # Otherwise it is a line of an .ini file, or a title in brackets.
        return "json" if re.match(r'\[\s*([\[{"\]\d-]|$)', start) else "csv"
    if re.match(r"\{\s*([\"'}]|$)", start):
        return "json" if _is_document(start, is_whole=is_whole) else "jsonl"
    return "csv"


def _is_document(text: str, *, is_whole: bool) -> bool:
    """Return whether the text is not JSON Lines: objects over several lines, or one with a list."""
    first, *others = text.splitlines()
    try:
        item = json.loads(first)
        has_more = any(map(str.strip, others)) or not is_whole
        return not has_more and "leadbook line" not in item and _has_records(item)
    except RecursionError:
        return True
    except ValueError:
        following = next(filter(str.strip, others), "")
        # If the next line is an object, the first one is a broken line.
        return not following.startswith("{") if following else not is_whole


def _has_records(value: Any) -> bool:
    """Return whether the value has a list of objects in it."""
    if isinstance(value, list):
        return any(isinstance(each, dict) for each in value)
    return isinstance(value, dict) and any(map(_has_records, value.values()))


def require_agreement(said: Format, found: Format, text: str) -> Format:
    """Return the format to read, where the sender has `said` one and another one was `found`.

    Objects over several lines are still JSON Lines, and JSON Lines are still JSON. Raises
    FileRefusedError if the content is something else.
    """
    if said == found or (said == "json" and found == "jsonl"):
        return found
    if said == "jsonl" and found == "json" and text.lstrip().startswith("{"):
        return found
    # No content is certainly CSV: its rows say what is wrong with them.
    if said == "jsonl" and found == "csv":
        return said
    raise FileRefusedError(f"The body is {NAMES[found]}, but its Content-Type says {NAMES[said]}.")
