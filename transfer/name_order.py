"""Put the parts of a name in the order in which its language writes them."""

import re

# Chinese characters, the syllables of Japan and those of Korea.
_EAST_ASIAN = re.compile(r"[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\s]+")


def full_name(first: str, last: str) -> str:
    """Return the name with these parts, of which one may be empty.

    In China, Japan and Korea, the family name comes first: 山田 太郎 has the family name 山田.
    The letters tell, since a file in English may have such names. A part that has the other one
    already is the whole name: some files have "Mara Quill" as "Name" beside "Surname".
    """
    if not first or not last:
        return first or last
    if f" {first} ".endswith(f" {last} "):
        return first
    if f" {last} ".startswith(f" {first} "):
        return last
    if not (first.isascii() or last.isascii()) and _EAST_ASIAN.fullmatch(first + last):
        return f"{last} {first}"
    return f"{first} {last}"
