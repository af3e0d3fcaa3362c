"""Walk through a JSON text of any size, with no more than one element of a list in memory."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from leadbook.transfer.files.source import LONGEST_LINE

# A string that is not closed in the buffer ends the match before it.
_UP_TO_BRACKET = re.compile(r'(?:[^{}\[\]"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_REST_OF_STRING = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)


def _closed(depth: int) -> str:
    """Return a pattern of an object or a list with others in it, up to a depth.

    It takes `{]` too; whatever parses the element refuses it.
    """
    inner = f"|{_closed(depth - 1)}" if depth else ""
    return rf'[{{\[](?:[^{{}}\[\]"]++|"(?:[^"\\]++|\\.)*+"{inner})*+[}}\]]'


# Most elements match as a whole. No part can match in two ways, so time is linear.
_ELEMENT = re.compile(_closed(3), re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*+")
_WORD = re.compile(r'[^\s,:{}\[\]"]*+')
# Most elements are shorter, so that they are in the buffer as a whole.
_AHEAD = 8 * 1024
_DEEPEST = 200


class BrokenJSONError(ValueError):
    """The text is not JSON; the message says where."""


@dataclass(frozen=True, slots=True)
class Element:
    """A value in the text: the path of the list that it is in, its line, and its text.

    `place` counts the lists in the text. `column` is where it begins in its line, from 1. A text
    over LONGEST_LINE is cut; it still has more than LONGEST_LINE characters. A value that is in no
    list has place -1 and its own path.
    """

    place: int
    path: str
    line: int
    text: str
    column: int = 1


class Scanner:
    """Reads the values of a text that comes in `chunks`. Raises BrokenJSONError."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._buffer = ""
        self._at = self._counted = 0
        self._line = 1
        # Where the line begins, which may be before the buffer.
        self._line_start = 0
        self._lists = 0

    @property
    def line(self) -> int:
        """The line of the next character."""
        if count := self._buffer.count("\n", self._counted, self._at):
            self._line += count
            self._line_start = self._buffer.rfind("\n", self._counted, self._at) + 1
        self._counted = self._at
        return self._line

    def peek(self) -> str:
        """Return the next character that is not space; empty at the end of the text."""
        while True:
            self._at = self._end_of(_SPACE)
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._fill():
                return ""

    def values(self) -> Iterator[Element]:
        """Yield the values at the top of the text, such as objects one after another."""
        while found := self.peek():
            if found == ",":
                self._at += 1
                continue
            yield self._element(-1, "")

    def elements(self, path: str = "", depth: int = 0) -> Iterator[Element]:
        """Yield the elements of each list in the next value, and its values that are in no list.

        An element is not searched for further lists.
        """
        if depth > _DEEPEST:
            raise BrokenJSONError(f"line {self.line} is nested too deeply")
        start = self.peek()
        if start == "[":
            self._at += 1
            place, self._lists = self._lists, self._lists + 1
            for _ in self._items("]"):
                yield self._element(place, path)
        elif start == "{":
            self._at += 1
            for _ in self._items("}"):
                name = self._name()
                yield from self.elements(f"{path}.{name}" if path else name, depth + 1)
        else:
            yield self._element(-1, path)

    def _items(self, end: str) -> Iterator[None]:
        """Yield before each item of a list or an object, and read what is between them."""
        if self.peek() == end:
            self._at += 1
            return
        while True:
            yield
            found = self.peek()
            self._at += 1
            if found == end:
                return
            if found != ",":
                raise self._broken(found, f"',' or {end!r}")

    def _name(self) -> str:
        if (found := self.peek()) != '"':
            raise self._broken(found, "a name in quotes")
        name = self._element(-1, "").text
        if (found := self.peek()) != ":":
            raise self._broken(found, "':'")
        self._at += 1
        return name[1:-1]

    def _broken(self, found: str, expected: str) -> BrokenJSONError:
        if not found:
            return BrokenJSONError("it ends in the middle")
        return BrokenJSONError(f"on line {self.line}, there should be {expected}, not {found!r}")

    def _element(self, place: int, path: str) -> Element:
        if len(self._buffer) - self._at < _AHEAD:
            self._fill()
        start, line = self.peek(), self.line
        column = self._at - self._line_start + 1
        if whole := _ELEMENT.match(self._buffer, self._at):
            self._at = whole.end()
            text = whole[0]
        else:
            text = self._nested(start) if start in ("{", "[", '"') else self._word(start)
        return Element(place, path, line, text, column)

    def _word(self, start: str) -> str:
        """Return a number, true, false or null."""
        word = _Text()
        while True:
            end = self._end_of(_WORD)
            word.add(self._buffer[self._at : end])
            self._at = end
            if end < len(self._buffer) or not self._fill():
                break
        if not word.length:
            raise self._broken(start, "a value")
        return word.whole()

    def _nested(self, start: str) -> str:
        """Return a value that has others in it, or is cut by the end of the buffer."""
        if start == '"':
            return self._string()
        text, depth = _Text(), 0
        while True:
            end = self._end_of(_UP_TO_BRACKET)
            text.add(self._buffer[self._at : end + 1])
            found = self._buffer[end : end + 1]
            self._at = min(end + 1, len(self._buffer))
            if found == '"':
                text.add(self._rest_of_string())
            elif found:
                depth += 1 if found in "{[" else -1
                if not depth:
                    return text.whole()
            elif not self._fill():
                raise BrokenJSONError("it ends in the middle")

    def _string(self) -> str:
        self._at += 1
        return f'"{self._rest_of_string()}'

    def _rest_of_string(self) -> str:
        text = _Text()
        while True:
            end = self._end_of(_REST_OF_STRING)
            # A backslash may be the last character of the buffer, before the one that it escapes.
            found = self._buffer[end : end + 1]
            is_end = found == '"'
            text.add(self._buffer[self._at : end + is_end])
            self._at = end + is_end
            if is_end:
                return text.whole()
            if not self._fill():
                raise BrokenJSONError("it ends in the middle")

    def _end_of(self, pattern: re.Pattern[str]) -> int:
        """Return where the pattern, which also matches nothing, ends."""
        found = pattern.match(self._buffer, self._at)
        return found.end() if found else self._at

    def _fill(self) -> bool:
        """Read the next chunk, and forget what has been read; return False at the end."""
        chunk = next(self._chunks, "")
        self._line = self.line
        self._line_start -= self._at
        self._buffer = self._buffer[self._at :] + chunk
        self._at = self._counted = 0
        return bool(chunk)


class _Text:
    """A text in pieces, of which no more than LONGEST_LINE + 1 characters are kept."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.length = 0

    def add(self, piece: str) -> None:
        if piece and self.length <= LONGEST_LINE:
            self._pieces.append(piece[: LONGEST_LINE + 1 - self.length])
        self.length += len(piece)

    def whole(self) -> str:
        return "".join(self._pieces)
