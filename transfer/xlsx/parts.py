"""The parts of an .xlsx workbook: its sheets, its shared texts and its number formats.

https://learn.microsoft.com/en-us/office/open-xml/spreadsheet/structure-of-a-spreadsheetml-document
"""

import posixpath
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, BinaryIO

from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.archives import BAD_ARCHIVE, open_archive
from leadbook.transfer.xlsx.shared_texts import Texts
from leadbook.transfer.xlsx.xml_parts import Attributes, Starts, XMLPart

# Unpacked bytes of a part: a sheet with a million rows of twenty cells has a gigabyte.
_LARGEST_PART = 2 * 1024**3
# Deflate can pack a thousand to one; sheets of people hardly reach fifty.
_UNSUSPICIOUS, _MOST_PACKED = 64 * 1024**2, 200
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# More sheets, styles or parts than any program writes.
_MOST_ENTRIES, _LONGEST_NAME = 70_000, 300


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, the name of its part, and whether it is shown."""

    name: str
    part: str
    is_shown: bool


class Parts:
    """The parts of a workbook. Raises FileRefusedError if one is damaged or too large."""

    def __init__(self, file: BinaryIO) -> None:
        self._archive = open_archive(file)
        # Some programs write other separators and cases than the standard has.
        self._names = {_plain(name): name for name in self._archive.namelist()}
        workbook = self._related("").get("officeDocument", ["xl/workbook.xml"])[0]
        self._relations = self._related(workbook)
        self._worksheets = frozenset(self._relations.get("worksheet", []))
        self.sheets: list[Sheet] = []
        self.begins_1904 = False
        self._parse(workbook, self._note_workbook)

    def texts(self, stack: ExitStack) -> Texts:
        """Return the texts that cells share; their file is closed at the end of `stack`."""
        texts = Texts(stack)
        for name in self._relations.get("sharedStrings", [])[:1]:
            with self.open(name) as part:
                texts.read(name, part)
        return texts

    def formats(self) -> list[str]:
        """Return the number format of each style of cells."""
        from openpyxl.styles.numbers import BUILTIN_FORMATS  # noqa: PLC0415  # only for workbooks

        known: dict[str, str] = {str(number): code for number, code in BUILTIN_FORMATS.items()}
        found: list[str] = []

        def note(element: str, attributes: Attributes, parent: str) -> None:
            if max(len(known), len(found)) > _MOST_ENTRIES:
                raise FileRefusedError("The workbook has too many styles.")
            if element == "numFmt":
                code = attributes.get("formatCode", "")
                known[attributes.get("numFmtId", "")[:20]] = code[:_LONGEST_NAME]
            elif element == "xf" and parent == "cellXfs":
                found.append(known.get(attributes.get("numFmtId", "0"), "General"))

        for name in self._relations.get("styles", [])[:1]:
            self._parse(name, note)
        return found

    def open(self, name: str) -> IO[bytes]:
        """Open a part."""
        real = self._names.get(_plain(name))
        if real is None:
            raise FileRefusedError(f"The workbook is damaged: it has no {name[:_LONGEST_NAME]}.")
        info = self._archive.getinfo(real)
        is_large = info.file_size > _UNSUSPICIOUS
        if info.file_size > _LARGEST_PART or (
            is_large and info.file_size > _MOST_PACKED * info.compress_size
        ):
            size = f"{info.file_size / 1024**2:,.0f} MB"
            raise FileRefusedError(f"The workbook is too large: {real} would unpack to {size}.")
        try:
            if info.compress_type not in _METHODS:
                raise NotImplementedError
            return self._archive.open(info)
        except BAD_ARCHIVE:
            raise FileRefusedError(f"The workbook is damaged, or has a password: {real}.") from None

    def _related(self, name: str) -> dict[str, list[str]]:
        """Return the parts that a part refers to, by the last word of their type, and by their id.

        An id has `#` in front.
        """
        folder, file = posixpath.split(name)
        relations: dict[str, list[str]] = {}
        left = iter(range(_MOST_ENTRIES))

        def note(element: str, attributes: Attributes, _: str) -> None:
            if element == "Relationship" and next(left, None) is not None:
                target = posixpath.join(folder, attributes.get("Target", "")[:_LONGEST_NAME])
                path = posixpath.normpath(target).lstrip("/")
                kind = attributes.get("Type", "").rpartition("/")[2][:_LONGEST_NAME]
                for key in (kind, f"#{attributes.get('Id', '')[:_LONGEST_NAME]}"):
                    relations.setdefault(key, []).append(path)

        path = posixpath.join(folder, "_rels", f"{file}.rels")
        if _plain(path) in self._names:
            self._parse(path, note)
        return relations

    def _note_workbook(self, element: str, attributes: Attributes, _: str) -> None:
        if element == "workbookPr":
            self.begins_1904 = attributes.get("date1904", "") in ("1", "true")
        if element != "sheet" or len(self.sheets) > _MOST_ENTRIES:
            return
        ids = [value for key, value in attributes.items() if key.rpartition(":")[2] == "id"]
        parts = [part for each in ids for part in self._relations.get(f"#{each}", [])]
        # A sheet with nothing but a chart has no rows.
        if parts and parts[0] in self._worksheets:
            is_shown = attributes.get("state", "visible") == "visible"
            name = attributes.get("name", "")[:_LONGEST_NAME]
            self.sheets.append(Sheet(name, parts[0], is_shown))

    def _parse(self, name: str, note: Callable[[str, Attributes, str], None]) -> None:
        with self.open(name) as part:
            for _ in XMLPart(name, Starts(note)).parse(part):
                pass


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()
