"""What every write does around its view: the body read, one transaction, the precondition."""

import re
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from flask import request

from leadbook.database import current

View = Callable[..., Any]
Versions = Collection[int] | None

_VERSION = re.compile("[1-9][0-9]{0,17}")


def receive_body(view: View) -> View:
    """Read the whole body before anything else is looked at: one that is too large is a 413."""

    @wraps(view)
    def receive(*args: Any, **kwargs: Any) -> Any:
        request.get_data()
        return view(*args, **kwargs)

    return receive


def in_one_transaction(view: View) -> View:
    """Open the only transaction of the request: all that the view changes is kept, or nothing.

    A view of one record is told the `versions` of it that may be changed.
    """

    @wraps(view)
    def transact(*args: Any, **kwargs: Any) -> Any:
        if "id" in kwargs:
            kwargs["versions"] = _expected_versions()
        with current.write():
            return view(*args, **kwargs)

    return transact


def _expected_versions() -> Versions:
    """Return the versions that `If-Match` accepts, or None where any will do.

    The comparison is strong: a weak tag matches nothing
    (https://www.rfc-editor.org/rfc/rfc9110#name-if-match).
    """
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    # Werkzeug makes None of an empty tag.
    return {int(tag) for tag in request.if_match.as_set() if _VERSION.fullmatch(tag or "")}
