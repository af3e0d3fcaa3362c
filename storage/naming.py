"""What a kind of record is called: in paths, events and sentences, and in SQL."""

import re
from functools import cache


@cache
def name_of(model: type) -> str:
    """Return the name of a kind in paths, events and sentences, such as `follow-up`."""
    return re.sub("(?<!^)(?=[A-Z])", "-", model.__name__).lower()


@cache
def plural_of(model: type) -> str:
    """Return the name of all records of a kind, as in their path, such as `follow-ups`."""
    return f"{name_of(model)}s"


@cache
def sql_name_of(model: type) -> str:
    """Return the name of a kind in columns and derived tables, such as `follow_up`."""
    return name_of(model).replace("-", "_")
