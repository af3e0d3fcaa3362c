"""Find the field of a column of tasks by its header, and what the words in its cells mean."""

from collections.abc import Iterable
from functools import cache, lru_cache

from leadbook.transfer.words import synonyms, task_words
from leadbook.transfer.words.header_index import normalized

# The words of a header for people that say the same in a list of tasks.
_OF_PEOPLE = frozenset({"email", "notes", "createdAt"})


@lru_cache(maxsize=4_096)
def field_of(header: str) -> str | None:
    """Return the field of a column with this header, or None if the header is unknown."""
    words = normalized(header[: synonyms.LONGEST_HEADER]).split()
    for start, word in enumerate(words):
        rest = words[start:]
        if found := _fields().get("".join(rest)):
            return found
        person = synonyms.field_of(" ".join(rest))
        if person in _OF_PEOPLE and not (person == "email" and _colleagues() & {*words}):
            return person
        if word not in _before():
            break
    return None


def meanings(field: str, choices: Iterable[str]) -> dict[str, str]:
    """Return the normalized words for each choice of a field."""
    tables = task_words.CHOICES.get(field, {})
    return {
        normalized(word): choice
        for choice in choices
        for word in (*tables.get(choice, choice).split(", "), choice)
    }


@cache
def _fields() -> dict[str, str]:
    return {
        normalized(header).replace(" ", ""): field
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
