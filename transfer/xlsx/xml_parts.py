"""Parse the XML of a workbook in bounded memory, without declarations of entities."""

from collections.abc import Callable, Iterator
from typing import IO, Protocol
from xml.parsers import expat

from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.archives import BAD_ARCHIVE

Attributes = dict[str, str]

_CHUNK_BYTES = 64 * 1024
# Expat keeps a tag, a comment or an attribute as a whole, each open element, and each name.
_LONGEST_TOKEN = 1024 * 1024
_DEEPEST = 200
_MOST_NAMES = 5_000


class Elements(Protocol):
    """What reads the elements of a part. Names come without their prefix."""

    @property
    def depth(self) -> int:
        """How many elements are open."""

    def start(self, name: str, attributes: Attributes) -> None:
        """Begin an element."""

    def end(self, name: str) -> None:
        """End an element."""

    def add(self, piece: str) -> None:
        """Add a piece of text."""


class Starts:
    """Passes the name and the attributes of each element to a function, with its parent's name."""

    def __init__(self, note: Callable[[str, Attributes, str], None]) -> None:
        self._note = note
        self._open = [""]

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return len(self._open) - 1

    def start(self, name: str, attributes: Attributes) -> None:
        """Begin an element."""
        self._note(name, attributes, self._open[-1])
        self._open.append(name)

    def end(self, _: str) -> None:
        """End an element."""
        self._open.pop()

    def add(self, _: str) -> None:
        """Leave out the text."""


class XMLPart:
    """One part of a workbook. Raises FileRefusedError if it is broken or would take much memory."""

    def __init__(self, name: str, elements: Elements) -> None:
        self._name = name
        self._elements = elements
        self._fed = 0
        self._names: dict[str, str] = {}
        self._parser = expat.ParserCreate(intern=self._names)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start_first
        self._parser.CharacterDataHandler = elements.add
        # Entities may name each other, and then grow without limit.
        self._parser.StartDoctypeDeclHandler = self._refuse_declarations

    def parse(self, part: IO[bytes]) -> Iterator[None]:
        """Read the part; yield after each chunk."""
        try:
            while chunk := self._read(part):
                self._parser.Parse(chunk, False)
                self._fed += len(chunk)
                self._require_little_memory()
                yield
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            what = f"is not valid XML on line {error.lineno}"
            raise FileRefusedError(f"The workbook is damaged: {self._name} {what}.") from None
        yield

    def _read(self, part: IO[bytes]) -> bytes:
        try:
            return part.read(_CHUNK_BYTES)
        except BAD_ARCHIVE:
            raise FileRefusedError(f"The workbook is damaged: {self._name}.") from None

    def _require_little_memory(self) -> None:
        if self._elements.depth > _DEEPEST:
            raise FileRefusedError(f"The workbook is nested too deeply in {self._name}.")
        is_long = self._fed - self._parser.CurrentByteIndex > _LONGEST_TOKEN
        if is_long or len(self._names) > _MOST_NAMES:
            raise FileRefusedError(f"The workbook has too long or too many tags in {self._name}.")

    def _start_first(self, name: str, attributes: Attributes) -> None:
        """Begin the outermost element: it tells whether names have prefixes."""
        start, end = self._elements.start, self._elements.end
        if ":" in name:
            # Most workbooks have none, and the others take longer.
            self._parser.StartElementHandler = lambda name, found: start(_local(name), found)
            self._parser.EndElementHandler = lambda name: end(_local(name))
        else:
            self._parser.StartElementHandler = start
            self._parser.EndElementHandler = end
        start(_local(name), attributes)

    def _refuse_declarations(self, *_: object) -> None:
        raise FileRefusedError(f"The workbook declares a document type in {self._name}.")


def _local(name: str) -> str:
    return name.rpartition(":")[2]
