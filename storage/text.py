"""What texts are compared, searched and sorted by, whatever their case."""

import unicodedata


def fold(text: str) -> str:
    """Return what an address is compared by: the same for any case."""
    return unicodedata.normalize("NFC", text).casefold()


def fold_for_search(text: str) -> str:
    """Return what is searched and sorted: the same for any case in every script.

    Folding takes some characters apart, such as the ΐ of Μαΐου, and its capitals otherwise.
    """
    return unicodedata.normalize("NFC", fold(text))
