"""Read rows from JSON: one object on each line, an array, or a document with a list of objects."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from leadbook.transfer.delimited.headers import is_address
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.flattening import TooManyColumnsError, flattened
from leadbook.transfer.files.json_scanner import BrokenJSONError, Element, Scanner
from leadbook.transfer.files.row import Row
from leadbook.transfer.files.source import LONGEST_LINE, Source
from leadbook.transfer.files.strict_json import MalformedJSONError, MalformedSyntaxError, parse_json
from leadbook.transfer.words.synonyms import field_of

# So many objects of a list are searched for addresses.
_LOOKED_AT = 20
# A document of so many values, or lists, is not a list of records with a few words about it.
_MOST_OTHERS, _MOST_LISTS, _MOST_SHOWN, _LONGEST_PATH = 10_000, 1_000, 10, 100


def read_json_lines(source: Source) -> Iterator[Row | None]:
    """Yield the row of each line; None for a blank one."""
    for line, text in enumerate(source.lines(), 1):
        yield _row(line, text, "line", source.lists) if text.strip() else None


def read_json(source: Source) -> Iterator[Row | None]:
    """Yield the row of each object in an array, in the list of a document, or at the top.

    The text is read once before the first row, so that none is stored of a broken one. Raises
    FileRefusedError.
    """
    try:
        chosen, source.part = _chosen_list(source)
        scanner = Scanner(source.chunks())
        elements = scanner.values() if chosen is None else scanner.elements()
        for element in elements:
            if element.place == chosen or chosen is None:
                # Without line breaks, it is a line of JSON Lines. A string cannot have any.
                text = " ".join(part.strip(" \t\r") for part in element.text.split("\n"))
                noun = "object" if text.startswith("{") else "value"
                yield _row(element.line, text, noun, source.lists, element)
    except BrokenJSONError as error:
        raise FileRefusedError(f"{source.name} is not JSON: {error}.") from None


def _row(
    line: int,
    text: str,
    noun: str,
    lists: Container[str] = frozenset(),
    element: Element | None = None,
) -> Row:
    """Return the row of a JSON object, which messages call by the noun.

    The text is in one line. Errors are told by their place in the element, if there is one.
    """
    if len(text) > LONGEST_LINE:
        return Row(line, (), [], text, f"The {noun} has more than {LONGEST_LINE} characters.")
    try:
        item = parse_json(text.encode(errors="surrogateescape"))
        if not isinstance(item, dict):
            raise MalformedJSONError(f"The {noun} is not a JSON object.")
        header, cells = flattened(item, lists)
        return Row(line, header, cells, text)
    except MalformedSyntaxError as error:
        place = _place(line, element) or (line, error.column)
        return Row(line, (), [], text, error.told(f"The {noun}", *place))
    except (MalformedJSONError, TooManyColumnsError) as error:
        return Row(line, (), [], text, str(error).replace("The body", f"The {noun}"))


def _place(line: int, element: Element | None) -> tuple[int, int] | None:
    """Return the line and the column in the file of what is wrong in an element."""
    if element is not None:
        try:
            parse_json(element.text.encode(errors="surrogateescape"))
        except MalformedSyntaxError as error:
            before = element.column - 1 if error.line == 1 else 0
            return line + error.line - 1, before + error.column
        except MalformedJSONError:
            pass
    return None


@dataclass
class _List:
    """A list of objects in a document; whether they have addresses, as far as they were read."""

    path: str
    line: int
    count: int = 0
    has_addresses: bool = False

    def note(self, element: Element) -> None:
        """Count an element, if it is an object."""
        if element.text.startswith("{"):
            self.count += 1
            if self.count <= _LOOKED_AT and not self.has_addresses:
                self.has_addresses = _has_address(_row(element.line, element.text, "object"))

    def shown(self) -> str:
        return f"{self.path[:_LONGEST_PATH]!r} ({self.count:,}, line {self.line})"


def _has_address(row: Row) -> bool:
    cells = zip(row.header, row.cells, strict=True)
    return any(_is_of_addresses(name) or is_address(cell) for name, cell in cells)


def _is_of_addresses(path: str) -> bool:
    return field_of(path.rpartition(".")[2]) == "email"


def _chosen_list(source: Source) -> tuple[int | None, str]:
    """Return which list has the rows, and what it is called.

    The list is None if the rows are the values at the top.
    """
    scanner = Scanner(source.chunks())
    is_array = scanner.peek() == "["
    lists: dict[int, _List] = {}
    own: set[str | None] = set()
    for number, element in enumerate(scanner.elements()):
        if element.place >= 0:
            if element.place not in lists:
                lists[element.place] = _List(element.path, element.line)
            lists[element.place].note(element)
        else:
            own.add(_field_of_value(element))
        is_hopeless = len(lists) + len(own) > _MOST_LISTS or (is_array and not lists[0].count)
        if number > _MOST_OTHERS and (is_hopeless or not lists):
            raise FileRefusedError(f"{source.name} is JSON without a list of objects.")
    if is_array:
        if scanner.peek():
            raise BrokenJSONError(f"on line {scanner.line}, the array has already ended")
        if not lists or not lists[0].count:
            raise FileRefusedError(f"{source.name} is a JSON array without objects in it.")
        return 0, "an array"
    if scanner.peek():
        # Objects one after another.
        for _ in scanner.values():
            pass
        return None, "objects one after another"
    chosen = _of_document(source, {at: each for at, each in lists.items() if each.count}, own)
    if chosen is None:
        return None, "one object"
    return chosen, f"a document with the list {lists[chosen].path[:_LONGEST_PATH]!r}"


def _field_of_value(element: Element) -> str | None:
    """Return the field that a value in no list could be. Raises BrokenJSONError."""
    if len(element.text) <= LONGEST_LINE:
        try:
            parse_json(element.text.encode(errors="surrogateescape"))
        except MalformedJSONError:
            shown = element.text[:50]
            raise BrokenJSONError(f"on line {element.line}, {shown!a} is no value") from None
    return field_of(element.path.rpartition(".")[2])


def _of_document(source: Source, lists: dict[int, _List], own: set[str | None]) -> int | None:
    """Return the list with the rows of one object, or None if the object is the only row."""
    others = {place: known for place, known in lists.items() if not _is_of_addresses(known.path)}
    if not others or ("email" in own and own & {"name", "first name", "last name"}):
        return None
    addressed = {place: known for place, known in others.items() if known.has_addresses}
    if not addressed and "email" in own | set(map(field_of, _last_names(lists))):
        return None
    if len(found := addressed or others) == 1:
        return next(iter(found))
    shown = ", ".join(known.shown() for known in [*found.values()][:_MOST_SHOWN])
    raise FileRefusedError(
        f"{source.name} is a JSON document with {len(found)} lists of objects: {shown}; "
        "keep only the one to import."
    )


def _last_names(lists: dict[int, _List]) -> list[str]:
    return [known.path.rpartition(".")[2] for known in lists.values()]
