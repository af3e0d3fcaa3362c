"""Time each kind of request inside one process, for databases of several sizes."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask.testing import FlaskClient

from leadbook.bench import rows
from leadbook.schemas import LEAD_STATUSES

FIRST_PAGE = "first page"
LIMIT = 20
SEARCHES = {
    "a common word": rows.COMMON_WORD,
    "a rare word": rows.RARE_WORD,
    "two words": rows.TWO_WORDS,
    # In 149,791 addresses of a million; five of its six trigrams are in all of them.
    "8 characters": "d.exampl",
    "2 characters": rows.COMMON_WORD[:2],
    "1 character": rows.COMMON_WORD[0],
}
ORDERS = {
    "": {},
    ", by score": {"sort": "score"},
    ", by update": {"sort": "updatedAt"},
    ", of a status": {"status": "new"},
    ", of a rare status": {"status": "won"},
}
_TURNS = 20
_CALLS_A_TURN = 10
_FEWEST_CALLS = 5
_BUDGET_SECONDS = 1.0

Call = Callable[[], object]


class Timing(NamedTuple):
    """A median and a 99th percentile, in milliseconds."""

    p50: float
    p99: float


def calls(client: FlaskClient, count: int) -> dict[str, Call]:
    """Return a call of each kind, for a database of `count` rows."""
    return {
        title: partial(ask, client, *asked) for title, *asked in _requests(client, count)
    } | _writes(client)


def time_calls(by_size: Mapping[str, Call]) -> dict[str, Timing]:
    """Time one kind of call for each size in turn, so that a disturbance affects all sizes."""
    taken: dict[str, list[float]] = {size: [] for size in by_size}
    for call in by_size.values():
        call()
    for _ in range(_TURNS):
        for size, call in by_size.items():
            for _ in range(_CALLS_A_TURN):
                if len(taken[size]) >= _FEWEST_CALLS and sum(taken[size]) > _BUDGET_SECONDS:
                    break
                start = time.perf_counter()
                call()
                taken[size].append(time.perf_counter() - start)
    return {size: _timing(sorted(times)) for size, times in taken.items()}


def _timing(times: list[float]) -> Timing:
    return Timing(times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000)


def ask(client: FlaskClient, path: str, headers: dict[str, str] | None = None) -> Any:
    """Return the answer to a GET. Raises RuntimeError if it is not as expected."""
    answer = client.get(path, headers=headers)
    if answer.status_code != (304 if headers else 200):
        raise RuntimeError(f"{path}: {answer.status} {answer.text}")
    return answer


def _path(**query: Any) -> str:
    return f"/leads?{urlencode(query)}"


def _requests(client: FlaskClient, count: int) -> Iterator[tuple[Any, ...]]:
    statuses = [{}, *({"status": status} for status in LEAD_STATUSES)]
    for status, sort, order in product(
        statuses, ("createdAt", "updatedAt", "score"), ("desc", "asc")
    ):
        query = {**status, "sort": sort, "order": order}
        yield f"{FIRST_PAGE} {' '.join(query.values())}", _path(**query)

    last = -(-count // LIMIT)
    yield "middle page", _path(page=last // 2)
    yield "last page", _path(page=last)
    for place, page in (("second", 1), ("middle", last // 2), ("last", last - 1)):
        answer = ask(client, _path(page=page)).json
        if "next" in answer["pagination"]:
            yield f"cursor, {place} page", _path(cursor=answer["pagination"]["next"])

    lead = answer["data"][0]
    yield "one lead", f"/leads/{lead['id']}"
    yield "one lead, unchanged", f"/leads/{lead['id']}", {"If-None-Match": f'"{lead["version"]}"'}
    yield "by e-mail", _path(email=lead["email"])

    for (title, words), (order, query) in product(SEARCHES.items(), ORDERS.items()):
        yield f"search: {title}{order}", _path(search=words, **query)
    common = {"search": rows.COMMON_WORD}
    hits = ask(client, _path(**common)).json["pagination"]["total"]
    yield "search: a common word, page 2", _path(**common, page=2)
    for order in ("createdAt", "score"):
        middle = {"page": hits // LIMIT // 2 or 1, "sort": order}
        yield f"search: a common word, middle page by {order}", _path(**common, **middle)
    yield "search: a common word, last page", _path(**common, page=-(-hits // LIMIT))


def _writes(client: FlaskClient) -> dict[str, Call]:
    bodies = (row.fields for row in rows.rows(10**6))
    lead = client.get("/leads").json["data"][0]  # type: ignore[index]  # a page it is
    notes = (f"Called {number} times." for number in range(10**6))

    def post() -> None:
        answer = client.post("/leads", json=next(bodies))
        if answer.status_code != 201:
            raise RuntimeError(answer.text)

    def put() -> None:
        answer = client.put(f"/leads/{lead['id']}", json={"notes": next(notes)})
        if answer.status_code != 200:
            raise RuntimeError(answer.text)

    return {"create": post, "change": put}
