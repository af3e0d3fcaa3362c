"""The settings: one table with name, type, default and meaning, and who wins."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT_PREFIX = "LEADBOOK_"


class SettingError(ValueError):
    """A setting has a value that it cannot have; the message names both."""


def a_path(value: object) -> Path:
    """Parse a file path."""
    path = os.fspath(value) if isinstance(value, str | os.PathLike) else ""
    # SQLite's own name for a database in memory, which no second connection would see.
    if not path or path == ":memory:" or "\0" in path:
        raise ValueError("a file path")
    return Path(path)


def a_name(value: object) -> str:
    """Parse a name that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a host name or address")
    return value.strip()


def an_integer(lowest: int, highest: int) -> Callable[[object], int]:
    """Return a parser of whole numbers between `lowest` and `highest`, both included."""

    def parse(value: object) -> int:
        # int() alone would take "1_000", " 5 " and True.
        digits = str(value)
        if re.fullmatch("[0-9]{1,9}", digits) and lowest <= int(digits) <= highest:
            return int(digits)
        raise ValueError(f"a whole number from {lowest} to {highest}")

    return parse


@dataclass(frozen=True)
class Setting:
    """One row of the table; `parse` raises a ValueError that says what it wants."""

    name: str
    parse: Callable[[object], object]
    default: object
    meaning: str


SETTINGS = (
    Setting(
        "DATABASE",
        a_path,
        Path("data/leadbook.db"),
        "The SQLite file that holds everything; created, with its folder, when it is missing.",
    ),
    Setting("HOST", a_name, "127.0.0.1", "The address that `leadbook serve` listens on."),
    Setting("PORT", an_integer(0, 65535), 8000, "Its port; 0 takes a free one."),
    Setting("THREADS", an_integer(1, 256), 4, "How many requests it works on at once."),
)


def resolve(config: Mapping[str, object]) -> dict[str, object]:
    """Return every setting: from `config`, else from the environment, else its default.

    Raises SettingError for a value that does not fit.
    """
    return {setting.name: _resolve_one(setting, config) for setting in SETTINGS}


def _resolve_one(setting: Setting, config: Mapping[str, object]) -> object:
    variable = ENVIRONMENT_PREFIX + setting.name
    if setting.name in config:
        source, value = setting.name, config[setting.name]
    elif variable in os.environ:
        source, value = variable, os.environ[variable]
    else:
        return setting.default
    try:
        return setting.parse(value)
    except ValueError as error:
        raise SettingError(f"{source} must be {error}, not {str(value)!r}.") from None
