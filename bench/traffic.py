"""The requests that are sent to the servers, without end."""

import itertools
import json
import random
from collections.abc import Callable, Iterator

from leadbook.bench import load, rows
from leadbook.bench.running import Running

Traffic = Callable[[Running], Iterator[bytes]]

BATCH = 500
_BODIES = 20_000
_MIXED = 1_000
_SEED = 20260101


def pages(limit: int) -> Traffic:
    """Return a function that yields requests for the first page."""
    return lambda server: itertools.repeat(load.get(server.page(limit)))


def single_records(server: Running) -> Iterator[bytes]:
    """Yield requests for one record after the other."""
    leads = server.server.api.leads
    ids = [record["id"] for record in server.records(100)]
    return itertools.cycle([load.get(f"{leads}/{each}") for each in ids])


def new_leads(server: Running) -> Iterator[bytes]:
    """Yield requests that create a lead."""
    leads = server.server.api.leads
    return itertools.cycle([load.post(leads, json.dumps(body).encode()) for body in _bodies()])


def batches() -> Iterator[bytes]:
    """Yield the bodies of requests that create many leads at once; only Leadbook reads them."""
    bodies = list(_bodies())
    some = (bodies[start : start + BATCH] for start in range(0, _BODIES, BATCH))
    return itertools.cycle([json.dumps({"create": each}).encode() for each in some])


def mixed(server: Running) -> Iterator[bytes]:
    """Yield 7 requests of 10 for a page, 2 for a record, and 1 that creates a lead."""
    kinds = (pages(20)(server), single_records(server), new_leads(server))
    order = random.Random(_SEED).choices(range(len(kinds)), (7, 2, 1), k=_MIXED)
    return (next(kinds[each]) for each in itertools.cycle(order))


def _bodies() -> Iterator[dict[str, object]]:
    for row in rows.rows(_BODIES):
        yield row.fields | {"email": f"new{row.fields['email']}"}
