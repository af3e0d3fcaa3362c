"""Count what an import changes in the values of a file, and which words it does not understand."""

from collections import Counter, defaultdict

# What is done besides to the values of a row; mending.py has the others.
FROM_COMPANY, LEFT_OUT, AMBIGUOUS = "fromCompany", "leftOut", "ambiguous"
SEVERAL, NOT_FIRST = "several", "notFirst"

_MOST_WORDS, _LONGEST_WORD, _OTHERS = 1_000, 100, "(others)"


class Adjustments:
    """The counts of an import, of the rows that it has taken.

    `not_understood` counts words by field. `mended` counts the values of each field by what was
    done to them. `statuses` counts the words of a status that say nothing to Leadbook, or too
    much: by the outcome of their row, the word, and the status that another word said, or "".
    `opted_out` counts the rows that say that a person must not be contacted, and
    `opted_out_in` has the columns that say so, how often, and the line of the first row.
    `emptied` counts by column the cells with only a word for nothing.
    """

    def __init__(self, *fields: str) -> None:
        self.not_understood: dict[str, Counter[str]] = {name: Counter() for name in fields}
        self.mended: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.statuses: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        self.opted_out = 0
        self.opted_out_in: dict[str, tuple[int, int]] = {}
        self.emptied: Counter[str] = Counter()
        # Those of the current row, which may still be rejected.
        self._words: list[tuple[str, str]] = []
        self._changes: list[tuple[str, str]] = []
        self._opted_out: dict[str, int] = {}
        self._statuses: list[tuple[str, str]] = []
        self._emptied: list[str] = []
        # Those of rows that were taken, but whose outcome is not known yet; and how many were.
        self._waiting: dict[int, list[tuple[str, str]]] = {}
        self._taken = self._settled = 0

    def misunderstood(self, field: str, word: str) -> None:
        """Count a word of the current row that says nothing as this field."""
        self._words.append((field, word))

    def misunderstood_status(self, word: str, status: str | None) -> None:
        """Count a word of the current row; another one says the status, if it is not None."""
        self.misunderstood("status", word)
        self._statuses.append((word[:_LONGEST_WORD], status or ""))

    def settle(self, outcome: str) -> None:
        """Note what became of a row that was taken; they come in the same order."""
        self._settled += 1
        for word, status in self._waiting.pop(self._settled, ()) if self._waiting else ():
            known = self.statuses[outcome]
            is_kept = len(known) < _MOST_WORDS or (word, status) in known
            known[(word if is_kept else _OTHERS), status] += 1

    def mend(self, field: str, *changes: str) -> None:
        """Count what was done to a value of the current row."""
        self._changes += [(field, change) for change in changes]

    def empty(self, column: str) -> None:
        """Count a cell of the current row that has only a word for nothing."""
        self._emptied.append(column)

    def count(self, field: str, change: str, count: int) -> None:
        """Count what was done to values of rows that were taken."""
        if count:
            self.mended[field][change] += count

    def opt_out(self, column: str, line: int) -> None:
        """Count the current row as one of a person who must not be contacted."""
        self._opted_out[column] = line

    def begin_row(self) -> None:
        """Forget the counts of a row that was rejected."""
        if self._words or self._changes or self._opted_out or self._emptied:
            self._words, self._changes, self._opted_out, self._statuses = [], [], {}, []
            self._emptied = []

    def end_row(self) -> None:
        """Keep the counts of the current row."""
        self._taken += 1
        if not (self._words or self._changes or self._opted_out or self._emptied):
            return
        for field, word in self._words:
            known = self.not_understood.setdefault(field, Counter())
            # A column may have a million different words: too many to keep and to show.
            is_kept = len(known) < _MOST_WORDS or word[:_LONGEST_WORD] in known
            known[word[:_LONGEST_WORD] if is_kept else _OTHERS] += 1
        for field, change in self._changes:
            self.mended[field][change] += 1
        self.opted_out += bool(self._opted_out)
        for column, line in self._opted_out.items():
            if column in self.opted_out_in or len(self.opted_out_in) < _MOST_WORDS:
                count, first = self.opted_out_in.get(column, (0, line))
                self.opted_out_in[column] = (count + 1, first)
        for column in self._emptied:
            is_kept = len(self.emptied) < _MOST_WORDS or column in self.emptied
            self.emptied[column if is_kept else _OTHERS] += 1
        if self._statuses:
            self._waiting[self._taken] = self._statuses
        self.begin_row()
