"""Tables on a terminal: columns that stay aligned in every script."""

from collections.abc import Iterator, Sequence
from unicodedata import category, east_asian_width

from leadbook.transfer.errors import printable

# Marks and format characters are drawn on the character before them, or not at all.
_NO_WIDTH = ("Mn", "Me", "Cf")
_WIDE = ("W", "F")
_GAP = "  "


def width_of(text: str) -> int:
    """Return how many cells of a terminal a text takes; a Chinese character takes two."""
    return sum(map(_width, text))


def table(rows: Sequence[Sequence[str | None]], widest: int = 40) -> Iterator[str]:
    """Yield a line for each row; a cell that is wider than `widest` is cut."""
    shown = [[_cut(printable(cell or "-"), widest) for cell in row] for row in rows]
    widths = [max(map(width_of, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = (
            f"{cell}{' ' * (width - width_of(cell))}"
            for cell, width in zip(row, widths, strict=True)
        )
        yield _GAP.join(cells).rstrip()


def _width(character: str) -> int:
    if category(character) in _NO_WIDTH:
        return 0
    return 2 if east_asian_width(character) in _WIDE else 1


def _cut(text: str, widest: int) -> str:
    if width_of(text) <= widest:
        return text
    kept, left = "", widest - 1
    for character in text:
        left -= _width(character)
        if left < 0:
            break
        kept += character
    return f"{kept}…"
