"""Put a name together from its parts, and notes from several columns."""

from collections.abc import Iterable

from leadbook.transfer.name_order import full_name


def joined_name(whole: str, first: str, last: str, *, is_told: bool) -> str:
    """Return the full name; some files have its parts, or the last name separately.

    `is_told` says that the user names the column of `whole`, for rows that have no parts.
    """
    if (first and last) or not whole or (is_told and (first or last)):
        return full_name(first, last)
    # With the columns "Name" and "Surname", the first one may be the first name only.
    return whole if not last or last in whole else full_name(whole, last)


def joined_notes(parts: Iterable[tuple[str, str]]) -> str:
    """Return one text for pairs of header and text; a single text stays as it is."""
    # Some files have a column twice.
    different = {text: header for header, text in reversed([*parts])}
    if len(different) == 1:
        return next(iter(different))
    return "\n".join(f"{header}: {text}" for text, header in reversed(different.items()))
