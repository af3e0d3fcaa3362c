"""The records of a CSV file: lines that a broken record took can be read again."""

import csv
from collections import deque
from collections.abc import Iterator

# After a quote that is never closed, lines are read again: at most this many characters for each
# character of the file. Without a limit, a file of such quotes would take quadratic time.
_READ_AGAIN = 4


class Lines(Iterator[str]):
    """The lines of a file, for csv.reader.

    A record may be only as long as the lines that could still be read again, and no line longer
    than `longest` characters.
    """

    def __init__(self, lines: Iterator[str], longest: int) -> None:
        self._lines = lines
        self._longest = longest
        self._again: deque[str] = deque()
        # The lines of the current record, and the number of characters after its first line.
        self.taken: list[str] = []
        self._following = 0
        # How many characters may still be read again.
        self._credit = longest
        self.line = 0

    def skip(self, count: int) -> list[str]:
        """Skip `count` lines, and return them without white space, except empty ones."""
        skipped = [next(self._lines).strip() for _ in range(count)]
        self.line += count
        return [each for each in skipped if each]

    def begin_record(self) -> None:
        """Start the next record."""
        if self._credit < self._longest:
            self._credit = min(self._longest, self._credit + _READ_AGAIN * self.length)
        self.taken = []
        self._following = 0

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.line += 1
        taken = self.taken
        taken.append(line)
        if len(taken) > 1:
            self._following += len(line)
            if self._following > self._credit:
                raise csv.Error("a quote is not closed")
        elif len(line) > self._longest:
            # It was cut, perhaps inside quotes, which would swallow the next rows.
            raise csv.Error(f"the line has more than {self._longest} characters")
        return line

    @property
    def length(self) -> int:
        """How many characters of the current record have been read, and are not read again."""
        return self._following + sum(map(len, self.taken[:1]))

    def take_back_all_but_one(self) -> None:
        """Put all lines of the record except the first back, so that they are read again."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.line -= len(self.taken) - 1
        self._credit = max(0, self._credit - self._following)
        self._following = 0


def allow_cells(longest: int) -> None:
    """Raise the limit of the csv module, which all threads of the process share; never lower it."""
    # Before each file, since the host of an app may have set another limit meanwhile.
    if csv.field_size_limit() < longest:
        csv.field_size_limit(longest)
