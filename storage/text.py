"""Folding of texts, so that comparisons, searches and sorting ignore case."""

import unicodedata


def fold(text: str) -> str:
    """Return the form in which addresses are compared; it is the same for any case."""
    return unicodedata.normalize("NFC", text).casefold()


def fold_for_search(text: str) -> str:
    """Return the form in which texts are searched and sorted, the same for any case.

    Folding splits some characters, such as the ΐ of Μαΐου, and splits their capitals differently.
    """
    return unicodedata.normalize("NFC", fold(text))
