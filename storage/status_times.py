"""Times that a status sets, such as when a client was archived.

`status_times` of a model has, for each such column, the column of the status and the words that set
the time. Any other word removes it.
"""

from collections.abc import Mapping
from typing import Any

Fields = Mapping[str, Any]
StatusTimes = dict[str, tuple[str, tuple[str, ...]]]


def stamped(model: Any, values: Fields, kept: Fields, now: str) -> dict[str, Any]:
    """Return the times that follow from a status in `values`; `kept` has those of the record."""
    times: dict[str, Any] = {}
    for column, (status, words) in model.status_times.items():
        if status in values:
            is_set = values[status] in words
            times[column] = (kept.get(column) or now) if is_set else None
    return times


def completed_by_status(model: Any, values: Fields, now: int) -> dict[str, Any]:
    """Return the statuses and times that follow from the values of an exported record."""
    # The last time says most: what was closed was resolved before.
    found: dict[str, Any] = {
        status: words[0]
        for column, (status, words) in model.status_times.items()
        if column in values and status not in values
    }
    told = {**values, **found}
    for column, (status, words) in model.status_times.items():
        if told.get(status) in words and column not in values:
            others = (name for name, (by, _) in model.status_times.items() if by == status)
            known = (values[name] for name in others if name in values)
            found[column] = next(known, values.get("updated_at", now))
    return found


def contradictions_of_status(model: Any, values: Fields) -> list[str]:
    """Return a message for each time of an exported record that contradicts its status."""
    schema = model.schema().fields
    return [
        f"{schema[column].data_key}: Must be given if the {status} is {' or '.join(words)}, and "
        "only then."
        for column, (status, words) in model.status_times.items()
        if (column in values) != (values.get(status) in words)
    ]
