"""Name the entries of `custom` after the columns that they come from."""

from collections import Counter
from collections.abc import Mapping, Sequence

from leadbook.storage.custom_values import LONGEST_NAME, cleaned_name
from leadbook.transfer.values.mending import one_line


def entry_names(header: Sequence[str], named: Mapping[int, str]) -> list[str]:
    """Return a name for each column, in its own words; none is there twice.

    `named` has the names that a header, or the user, says, by the place of the column. A name is
    cut at 64 characters. A repeated one is numbered, as in "Tag" and "Tag 2". A column without a
    header has its place, as in "Column 7".
    """
    used = {*named.values()}
    said: set[str] = set()
    numbers: Counter[str] = Counter()
    names = []
    for place, words in enumerate(header):
        name = base = named.get(place) or _name_of(words) or f"Column {place + 1}"
        if place in named and name not in said:
            said.add(name)
            names.append(name)
            continue
        while name in used:
            numbers[base] += 1
            number = f" {numbers[base] + 1}"
            name = base[: LONGEST_NAME - len(number)].rstrip() + number
        used.add(name)
        names.append(name)
    return names


def _name_of(words: str) -> str:
    try:
        return cleaned_name(one_line(words)[0][:LONGEST_NAME])
    except ValueError:
        return ""
