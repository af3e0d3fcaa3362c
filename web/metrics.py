"""What /metrics shows, in the formats of Prometheus.

Only an app with the setting METRICS imports this module: the library takes 0.1 s.
"""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import accumulate, repeat
from operator import add, itemgetter

import peewee
from flask import current_app, request
from prometheus_client import PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from werkzeug.http import parse_options_header

from leadbook.access.fronting import PROCESSES, Process, is_last_try
from leadbook.fields.schema import choices_of
from leadbook.models import RECORDS
from leadbook.storage.database import current
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.totals import counts_of
from leadbook.web.tallies import BUCKETS, TALLIES, Tallies

# The formats, and their versions; the library fails on some other versions, and echoes the rest.
_NAMES = ("application/openmetrics-text", "text/plain", "text/*", "*/*")
_VERSIONS = ("", "0.0.1", "0.0.4", "1.0.0")
_BOUNDS = [*map(str, BUCKETS), "+Inf"]
_FAMILIES = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily}


def exposition() -> tuple[bytes, str]:
    """Return the figures of this app, and their media type, which the request has chosen."""
    encode, media_type = choose_encoder(_wanted_format())
    return encode(_Figures()), media_type


def _wanted_format() -> str:
    """Return the best of the media types that the request accepts, or "" for the usual one.

    The library takes the first one of its own, whatever its quality.
    """
    formats = [("", 0.0)]
    for accepted, quality in request.accept_mimetypes:
        name, options = parse_options_header(accepted)
        version = options.get("version", "")
        if name in _NAMES and version in _VERSIONS:
            escaping = options.get("escaping", "")
            chosen = f"{name};version={version};escaping={escaping}" if version else name
            formats.append((chosen, quality))
    return max(formats, key=itemgetter(1))[0]


class _Figures(Collector):
    """Collects the figures of the current app. Without a registry, several apps cannot clash."""

    def collect(self) -> Iterable[Metric]:
        """Yield each family of figures."""
        version = {"version": current_app.config["API_VERSION"]}
        yield InfoMetricFamily("leadbook", "The version of Leadbook.", version)
        yield from _requests(current_app.extensions[TALLIES])
        yield from _files()
        yield from _records()
        yield from _processes()
        yield from PlatformCollector(registry=None).collect()


def _requests(tallies: Tallies) -> Iterator[Metric]:
    answered: Counter[tuple[str, str, str]] = Counter()
    counts: dict[tuple[str, str], list[int]] = {}
    seconds: defaultdict[tuple[str, str], float] = defaultdict(float)
    failed_writes = 0
    for kind, found, took in tallies.all():
        call = (kind.method, kind.route)
        answered[*call, kind.status] += sum(found)
        counts[call] = [*map(add, counts.get(call, repeat(0)), found)]
        seconds[call] += took
        failed_writes += sum(found) if kind.is_failed_write else 0
    requests = CounterMetricFamily(
        "leadbook_http_requests", "Answered requests.", labels=("method", "route", "status")
    )
    for labels, count in answered.items():
        requests.add_metric(labels, count)
    durations = HistogramMetricFamily(
        "leadbook_http_request_duration_seconds",
        "How long the requests took, without their wait for a thread.",
        labels=("method", "route"),
    )
    for call, found in counts.items():
        durations.add_metric(call, [*zip(_BOUNDS, accumulate(found), strict=True)], seconds[call])
    yield requests
    yield durations
    yield CounterMetricFamily(
        "leadbook_failed_writes",
        "Requests to write that failed because of the database or its disk.",
        failed_writes,
    )


def _files() -> Iterator[Metric]:
    try:
        database, log = current.sizes()
    except OSError:
        # The file is gone. Prometheus shows a missing figure as a gap, a 0 would be wrong.
        return
    yield GaugeMetricFamily("leadbook_database_bytes", "Size of the database file.", database)
    yield GaugeMetricFamily("leadbook_wal_bytes", "Size of the log beside the database.", log)


def _records() -> Iterator[Metric]:
    records = GaugeMetricFamily("leadbook_records", "Stored records.", labels=("kind", "status"))
    try:
        for model in RECORDS:
            words = dict.fromkeys(choices_of(model.schema().fields[model.counted_by]), 0)
            for value, count in (words | counts_of(model)).items():
                # As in JSON, without the quotes of a text.
                status = json.dumps(value).strip('"')
                records.add_metric((model._meta.table_name, status), count)
    except (peewee.DatabaseError, sqlite3.DatabaseError):
        if not is_last_try():
            raise
        # The other figures say more than an error.
        return
    yield records


def _processes() -> Iterator[Metric]:
    """Yield what each process of our server does; of other servers only this process is known."""
    if PROCESSES not in current_app.extensions:
        yield from _usage([("", os.getpid())])
        return
    processes: list[Process] = [*current_app.extensions[PROCESSES]()]
    yield GaugeMetricFamily(
        "leadbook_open_connections",
        "Open connections.",
        sum(each.connections for each in processes),
    )
    yield GaugeMetricFamily(
        "leadbook_queued_requests",
        "Requests that wait for a thread.",
        sum(each.waiting for each in processes),
    )
    yield from _usage([(str(each.number), each.pid) for each in processes])


def _usage(workers: Iterable[tuple[str, int]]) -> Iterable[Metric]:
    """Return the processor time, memory and files of each worker, by its name and pid.

    A sum would fall when a worker dies. An empty label is the same as none.
    """
    families: dict[str, GaugeMetricFamily | CounterMetricFamily] = {}
    for worker, pid in workers:
        # Its reader must not see the pid of the next one.
        for found in ProcessCollector(pid=partial(int, pid), registry=None).collect():
            kind = _FAMILIES[found.type]
            family = kind(found.name, found.documentation, labels=("worker",))
            for sample in found.samples:
                families.setdefault(found.name, family).add_metric((worker,), sample.value)
    return families.values()
