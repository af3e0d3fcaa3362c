"""A page of a list as an answer: its body, its links and its ETag."""

from collections.abc import Collection, Iterator
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, request

from leadbook.fields.schema import camel_case
from leadbook.storage.cursors import read_token
from leadbook.storage.database import current
from leadbook.storage.json_text import encode
from leadbook.storage.listing import BY_CHANGE, Page
from leadbook.web.links import whole_url_of
from leadbook.web.writing import View

# Clients limit the size of a head, some to 16 KiB. A cursor alone has all parameters.
_LONGEST_LINKS = 8000
_OF_PLACE = ("page", "cursor")
# The extension that names the state of the records, if it is not the database itself.
STATE = "leadbook.state"


def page_answer(page: Page) -> Response:
    """Return the answer with a page, and the links to others."""
    where = {"total": page.total, "page": page.number, "limit": page.limit, "next": page.next}
    body = encode({"data": page.data, "pagination": where})
    links = ", ".join([f'<{url}>; rel="{relation}"' for relation, url in _links(page).items()])
    return Response(body, 200, {"Link": links} if links else {}, mimetype="application/json")


def unless_unchanged(view: View, passing: Collection[str] = ()) -> View:
    """Answer with a 304, without running the list, if the caller has its current state.

    Any write of a record gives all lists another ETag: that needs one look at the file, and no
    query. The tag is read before the list, so it may only be older than the answer. With one of the
    `passing` filters, each moment has another tag: what was planned is overdue later.
    """

    @wraps(view)
    def look(*args: Any, **kwargs: Any) -> Any:
        tag = state_tag()
        if any(map(kwargs.get, passing)):
            tag += f"-{current.clock.milliseconds():x}"
        header = f'W/"{tag}"'
        if "If-None-Match" in request.headers and request.if_none_match.contains_weak(tag):
            return not_modified({"ETag": header})
        response: Response = view(*args, **kwargs)
        response.headers["ETag"] = header
        return response

    return look


def state_tag() -> str:
    """Return the tag of an answer that stays the same until a record changes."""
    # Another version of Leadbook may show the same records in another way.
    state = current_app.extensions.get(STATE, current.state)()
    return f"{state}-{current_app.config['API_VERSION']}"


def not_modified(headers: dict[str, str]) -> Response:
    """Return a 304."""
    response = Response(status=304, headers=headers)
    del response.headers["Content-Type"]
    return response


def _links(page: Page) -> dict[str, str]:
    """Return the URLs of the next and the first page and, of numbered pages, prev and last.

    If they are too long together, only that of the next page is left, without its parameters.
    """
    place = whole_url_of(request.path)
    kept = urlencode(list(_kept_parameters()), safe=",") if request.query_string else ""
    base = f"{place}?{kept}&" if kept else f"{place}?"
    links = {"next": f"{base}cursor={page.next}"} if page.next else {}
    links["first"] = f"{base}page=1"
    if page.number is not None:
        last = max(-(-page.total // page.limit), 1)
        if page.number > 1:
            links["prev"] = f"{base}page={min(page.number - 1, last)}"
        links["last"] = f"{base}page={last}"
    if sum(map(len, links.values())) > _LONGEST_LINKS:
        short = urlencode({"limit": page.limit, "cursor": page.next})
        return {"next": f"{place}?{short}"} if page.next else {}
    return links


def _kept_parameters() -> Iterator[tuple[str, str]]:
    """Yield the parameters of this list, also those that only its cursor has."""
    for name, value in request.args.items(multi=True):
        if name not in _OF_PLACE:
            yield name, value
    if token := request.args.get("cursor"):
        cursor = read_token(token)
        kept = {camel_case(name): value for name, value in cursor.filters.items()}
        if cursor.sort != BY_CHANGE:
            kept |= {"sort": cursor.sort, "order": cursor.order}
        for name, value in kept.items():
            if isinstance(value, dict):
                # The request may have written a name in another way, but has then named all.
                if not any(given.startswith(f"{name}.") for given in request.args):
                    yield from ((f"{name}.{own}", text) for own, text in value.items())
            elif name not in request.args:
                yield name, "true" if value is True else "false" if value is False else str(value)
