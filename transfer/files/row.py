"""One row of a file, as every reader yields it."""

from dataclasses import dataclass

Header = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: its `cells` under the `header`, or the `problem` with it.

    `line` counts from 1. `raw` is the text of a row without cells. Of a row from JSON or a vCard,
    it is one JSON object, which gives the same row as JSON Lines.
    """

    line: int
    header: Header
    cells: list[str]
    raw: str = ""
    problem: str = ""

    @property
    def is_lone(self) -> bool:
        """Whether the row has one filled cell, without an address: it may be a remark."""
        # Rows of JSON have `raw`: they are no table.
        if self.problem or self.raw or len(self.header) < 2:
            return False
        filled = [cell for cell in self.cells if cell.strip()]
        return len(filled) == 1 and "@" not in filled[0]

    @property
    def lone_text(self) -> str:
        """The text of the only filled cell."""
        return next(cell.strip() for cell in self.cells if cell.strip())
