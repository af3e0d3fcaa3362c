"""JSON as RFC 8259 has it: no duplicate keys, no NaN, no absurd depth or digits."""

import json
from itertools import count
from typing import Any

# A batch has 500 at the most. Millions of empty ones would take seconds, and all the memory.
MOST_OBJECTS = 10_000


class MalformedJSONError(ValueError):
    """The body is not JSON; the message says where."""


def parse_json(body: bytes) -> Any:
    """Parse JSON as RFC 8259 has it, of at most MOST_OBJECTS. Raises MalformedJSONError."""
    objects = count(1)

    def make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if next(objects) > MOST_OBJECTS:
            raise MalformedJSONError(f"The body holds more than {MOST_OBJECTS:,} objects.")
        return _without_duplicates(pairs)

    try:
        return json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=make_object,
            parse_constant=_refuse_constant,
        )
    except MalformedJSONError:
        raise
    except UnicodeDecodeError as error:
        raise MalformedJSONError(f"The body is not UTF-8 at byte {error.start}.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedJSONError(f"The body is not JSON at {where}: {error.msg}.") from None
    except RecursionError:
        raise MalformedJSONError("The body is nested too deeply.") from None
    except ValueError:
        # sys.set_int_max_str_digits: a guard of the interpreter against quadratic parsing.
        raise MalformedJSONError("The body holds a number with too many digits.") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise MalformedJSONError(f"The body names {twice!a} more than once.")
    return names


def _refuse_constant(name: str) -> None:
    raise MalformedJSONError(f"The body holds {name}, which is not JSON.")
