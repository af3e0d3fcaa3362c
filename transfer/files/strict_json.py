"""Strict JSON (RFC 8259): no duplicate keys, no NaN, no extreme depth or number of digits."""

import json
import re
from typing import Any

# A batch has at most 500 records of about 20 fields. To parse millions of empty lists or names, and
# to refuse each, would take seconds and hundreds of megabytes.
MOST_VALUES = 25_000
# A string that is not closed matches to the end, so that no byte is read twice.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BEGINS_VALUE = b",[{"


class MalformedJSONError(ValueError):
    """The body is not JSON; the message says where."""


class MalformedSyntaxError(MalformedJSONError):
    """The text is not JSON at this line and column of it, counted from 1."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        self.problem, self.line, self.column = problem, line, column
        super().__init__(self.told("The body", line, column))

    def told(self, what: str, line: int, column: int) -> str:
        """Return the message for a text that is a part of a longer one, in which it stands."""
        return f"{what} is not JSON at line {line}, column {column}: {self.problem}."


def parse_json(body: bytes) -> Any:
    """Parse JSON with at most MOST_VALUES values. Raises MalformedJSONError."""
    _require_few_values(body)
    try:
        return json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
        )
    except MalformedJSONError:
        raise
    except UnicodeDecodeError as error:
        raise MalformedJSONError(f"The body is not UTF-8 at byte {error.start}.") from None
    except json.JSONDecodeError as error:
        raise MalformedSyntaxError(error.msg, error.lineno, error.colno) from None
    except RecursionError:
        raise MalformedJSONError("The body is nested too deeply.") from None
    except ValueError:
        # sys.set_int_max_str_digits: Python guards itself against quadratic parsing.
        raise MalformedJSONError("The body holds a number with too many digits.") from None


def _require_few_values(body: bytes) -> None:
    """Count the values of a body before parsing any of them."""
    # If there are many commas, most of them are in strings.
    if _values(body) > MOST_VALUES and _values(_STRING.sub(b"", body)) > MOST_VALUES:
        raise MalformedJSONError(f"The body holds more than {MOST_VALUES:,} values.")


def _values(text: bytes) -> int:
    """Return the maximum number of values, if none of the counted characters is in a string."""
    return sum(map(text.count, _BEGINS_VALUE))


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise MalformedJSONError(f"The body names {name!a} more than once.")
            seen.add(name)
    return names


def _refuse_constant(name: str) -> None:
    raise MalformedJSONError(f"The body holds {name}, which is not JSON.")
