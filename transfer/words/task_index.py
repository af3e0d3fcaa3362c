"""Find the field of a column of tasks by its header, and what the words in its cells mean."""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from leadbook.transfer.words import synonyms, task_words
from leadbook.transfer.words.header_index import normalized

# The words of a header for people that say the same in a list of tasks.
_OF_PEOPLE = frozenset({"email", "notes", "createdAt"})
# A time of day says nothing beside a date that it does not belong to.
_DATES = {"due time": "dueAt"}


class _Meaning(NamedTuple):
    """The field of a header, if any. A weak one counts only if no other column has the field."""

    field: str | None
    is_weak: bool = False


def field_of(header: str) -> str | None:
    """Return the field of a column with this header, or None if the header is unknown."""
    return _meaning(header).field


def fields_of(headers: Sequence[str]) -> list[str | None]:
    """Return the field of each column of a file.

    "Start date" is when a task is due, but not beside "Due date".
    """
    found = [_meaning(each) for each in headers]
    strong = {each.field for each in found if not each.is_weak}
    return [
        None if is_weak and strong & {field, _DATES.get(str(field), field)} else field
        for field, is_weak in found
    ]


def key_of(text: str) -> str:
    """Return a word of a cell as `meanings` has it: "TODO" and "To-do" are the same."""
    return normalized(text).replace(" ", "")


def meanings(field: str, choices: Iterable[str]) -> dict[str, str]:
    """Return the keys of the words for each choice of a field."""
    wanted = {*choices}
    tables = (words for name, words in task_words.CHOICES if name == field)
    table = next((words for words in tables if wanted <= words.keys()), {})
    return {
        key_of(word): choice
        for choice in wanted
        for word in (*table.get(choice, choice).split(", "), choice)
    }


@lru_cache(maxsize=4_096)
def _meaning(header: str) -> _Meaning:
    # "% Complete" is no status.
    if "%" in header:
        return _Meaning(None)
    words = normalized(header[: synonyms.LONGEST_HEADER]).split()
    for start, word in enumerate(words):
        rest = words[start:]
        if found := _fields().get("".join(rest)):
            return found
        person = synonyms.field_of(" ".join(rest))
        if person in _OF_PEOPLE and not (person == "email" and _colleagues() & {*words}):
            return _Meaning(person)
        if word not in _before():
            break
    return _Meaning(None)


@cache
def _fields() -> dict[str, _Meaning]:
    return {
        key_of(header): _Meaning(field.removesuffix("?"), field.endswith("?"))
        for language in task_words.LANGUAGES.values()
        for field, headers in language.items()
        for header in headers.split(", ")
    }


@cache
def _before() -> frozenset[str]:
    return frozenset(map(normalized, task_words.BEFORE.split(", ")))


@cache
def _colleagues() -> frozenset[str]:
    return frozenset(map(normalized, task_words.COLLEAGUES.split(", ")))
