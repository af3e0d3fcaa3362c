"""The requests that are sent to the servers, without end."""

import itertools
import json
from collections.abc import Callable, Iterator

from leadbook.bench import load, rows
from leadbook.bench.running import Running

Traffic = Callable[[Running], Iterator[bytes]]

_BODIES = 20_000


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


def _bodies() -> Iterator[dict[str, object]]:
    for row in rows.rows(_BODIES):
        yield row.fields | {"email": f"new{row.fields['email']}"}
