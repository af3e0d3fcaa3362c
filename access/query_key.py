"""A key in the query of a URL, for programs that send no headers; nothing shows it.

URLs end up in logs, in histories and in the hands of others. So only keys of the scope `calendar`
work there, and only for calls that ask for it.
"""

import re
from typing import Any
from urllib.parse import unquote_plus

from flask import Request, current_app

PARAMETER = "key"
# An attribute of the views that a key in the query opens, and the option of their operations.
BY_URL = "opens_by_url"
_HIDDEN = "***"
# `key=` after what begins a parameter, each character also as its percent-encoding, and that
# encoded again, as in a URL within a URL. Then the value up to what ends it.
_KEY = re.compile(
    r"(?i)((?:^|[?&;#\s\"'<(]|%(?:25)*(?:3f|26|3b|23))"
    r"(?:k|%(?:25)*[46]b)(?:e|%(?:25)*[46]5)(?:y|%(?:25)*[57]9)(?:=|%(?:25)*3d))"
    r"[^&\s\"'<>]+"
)


def opens_by_url(request: Request) -> bool:
    """Return whether the call is one that a key in its query opens."""
    view: Any = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, BY_URL, False))


def take_key(request: Request) -> str | None:
    """Take the key out of the query, so that nothing after the gate sees it; return it, or None.

    It stays if the call takes none, or if more than one is given: then it is an error.
    """
    query = request.query_string.decode("latin-1")
    # Other kinds of Authorization may be for a proxy.
    has_other = request.headers.get("Authorization", "").lower().startswith("bearer")
    if not query or has_other or not opens_by_url(request):
        return None
    parts = query.split("&")
    pairs = [each.partition("=") for each in parts]
    found = [place for place, (name, _, _) in enumerate(pairs) if unquote_plus(name) == PARAMETER]
    if len(found) != 1:
        return None
    [place] = found
    rest = "&".join(parts[:place] + parts[place + 1 :])
    request.query_string = rest.encode("latin-1")
    request.environ["QUERY_STRING"] = rest
    return unquote_plus(pairs[place][2])


def without_key(text: str) -> str:
    """Return a query, or a text with URLs in it, with each key hidden."""
    return _KEY.sub(rf"\1{_HIDDEN}", text)
