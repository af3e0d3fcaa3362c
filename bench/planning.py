"""Time lists of follow-ups, of people by what is planned, and of tickets: `make bench-planning`."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient

from leadbook.app import create_app
from leadbook.bench import in_process, load, plans, report
from leadbook.bench.in_process import Call, Timing
from leadbook.bench.running import running
from leadbook.bench.servers import SERVERS
from leadbook.bench.verdict import Bound, judged
from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.due import DUE, NONE, OVERDUE, Planned
from leadbook.transfer.columns.kinds import kind_of
from leadbook.transfer.exporting import export

COUNTS = [1_000, 1_000_000]
# Targets for the p50 at the largest size, in ms or in times of that at the smallest.
_GROWTH = Bound("≤", 2)
_SEARCH = Bound("≤", 60, " ms")
_MEMORY = Bound("≤", 100, " MB")
_SIZE = Bound("≤", 4)
_BY_PLAN = ("leads by nextFollowUpAt asc", "leads by nextFollowUpAt desc")
# What is asked of the file in which nearly all leads have a follow-up is told by this.
_NEARLY_ALL = ", nearly all planned"
_GROWING = ("due=overdue", *_BY_PLAN, *(f"{each}{_NEARLY_ALL}" for each in _BY_PLAN))
_MIXED_SECONDS = 10

# What is asked, the path, and the query.
Request = tuple[str, str, dict[str, Any]]
_SEARCHES = {"a common word": plans.COMMON_WORD, "two words": plans.TWO_WORDS}


def calls(client: FlaskClient, client_of_nearly_all: FlaskClient) -> dict[str, Call]:
    """Return a call of each kind, for databases of plans.planned_file."""
    asked = [(client, *each) for each in _requests(client)]
    for title, path, query in _people():
        asked.append((client_of_nearly_all, f"{title}{_NEARLY_ALL}", path, query))
    return {
        title: partial(in_process.ask, each, f"{path}?{urlencode(query)}")
        for each, title, path, query in asked
    }


def _requests(client: FlaskClient) -> Iterator[Request]:
    person, path = {"assignee": plans.ASSIGNEES[3]}, "/follow-ups"
    yield "follow-ups", path, {}
    for word in DUE:
        yield f"due={word}", path, {"due": word}
        yield f"due={word}, of an assignee", path, {"due": word, **person}
    yield "due=overdue, latest first", path, {"due": OVERDUE, "order": "desc"}
    yield "due=overdue, last page", path, {"due": OVERDUE, "page": _last(client, path, due=OVERDUE)}
    yield "follow-ups of an assignee", path, person
    of_lead = in_process.ask(client, f"{path}?limit=1").json["data"][0]["leadId"]
    yield "follow-ups of a lead", path, {"leadId": of_lead}

    yield from _people()
    path, of_status = "/tickets", {"status": "open,pending"}
    for sort in ("createdAt", "updatedAt", "priority", "number"):
        yield f"tickets by {sort}", path, {"sort": sort}
    yield "open tickets by priority", path, {"sort": "priority", **of_status}
    for title, words in _SEARCHES.items():
        yield f"tickets with {title}", path, {"search": words}
        yield f"open tickets with {title}", path, {"search": words, **of_status}
    some = in_process.ask(client, f"{path}?page=2").json["data"][0]
    yield "tickets with a number", path, {"search": f"#{some['number']}"}
    yield "tickets with a tag", path, {"tag": plans.TAGS[0]}
    yield "open tickets with a tag", path, {"tag": plans.TAGS[0], **of_status}
    yield "open tickets of an assignee", path, {**person, **of_status}
    yield "tickets of a lead", path, {"leadId": some["leadId"]}


def _people() -> Iterator[Request]:
    path = "/leads"
    for order in ("asc", "desc"):
        yield f"leads by nextFollowUpAt {order}", path, {"sort": "nextFollowUpAt", "order": order}
    planned = {"sort": "nextFollowUpAt", "order": "asc"}
    of_status = {"status": "qualified"}
    yield "leads of a status by nextFollowUpAt", path, planned | of_status
    yield "leads of a rare status by nextFollowUpAt", path, planned | {"status": "won"}
    for word in Planned.words:
        yield f"leads with followUp={word}", path, {"followUp": word}
        yield f"leads with followUp={word} by nextFollowUpAt", path, {"followUp": word, **planned}
        yield f"leads of a status with followUp={word}", path, {"followUp": word, **of_status}
    without = {"followUp": NONE, "status": "new,contacted,qualified"}
    yield "open leads with followUp=none", path, without


def _last(client: FlaskClient, path: str, **query: Any) -> int:
    answer = in_process.ask(client, f"{path}?{urlencode(query)}").json
    total: int = answer["pagination"]["total"]
    return max(1, -(-total // in_process.LIMIT))


def time_all(counts: list[int]) -> dict[str, dict[str, Timing]]:
    """Time every kind of call at every size."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        of_size = {}
        for count in counts:
            clients = []
            for plan in (plans.plan_some, plans.plan_nearly_all):
                path = Path(folder) / f"{plan.__name__}-{count}.db"
                shutil.copyfile(plans.planned_file(count, plan), path)
                # No time limit: a slow query must show in the result.
                config = {"DATABASE": path, "QUERY_TIMEOUT": 0}
                app = create_app(config, Clock(lambda: plans.NOW))
                stack.callback(app.extensions["leadbook"].close)
                clients.append(app.test_client())
            of_size[f"{count:,}"] = calls(*clients)
            print(f"what is planned for {count:,} leads is there", file=sys.stderr)
        return {
            kind: in_process.time_calls({size: of_size[size][kind] for size in of_size})
            for kind in next(iter(of_size.values()))
        }


def table(timings: dict[str, dict[str, Timing]]) -> str:
    """Return a table with a line for each kind of call."""
    lines = []
    for kind, by_size in timings.items():
        first, last = (list(by_size.values())[place].p50 for place in (0, -1))
        is_search = kind.startswith(("tickets with", "open tickets with"))
        is_search &= "tag" not in kind
        bound = _GROWTH if kind in _GROWING else _SEARCH if is_search else None
        told = [f"{each.p50:.2f} / {each.p99:.2f}" for each in by_size.values()]
        verdict = judged(bound, last / first if bound is _GROWTH else last)
        lines.append([kind, *told, f"{last / first:.2f}", *verdict])
    sizes = next(iter(timings.values()))
    head = ["p50 / p99 in ms, of leads:", *sizes, "p50, last / first", "target", ""]
    return report.table(head, lines)


def memory_and_size(count: int) -> Iterator[list[str]]:
    """Measure the memory of a server after all calls, and its file beside what it exports."""
    path = plans.planned_file(count, plans.plan_some)

    def prepare(folder: Path, _: int) -> None:
        shutil.copyfile(path, folder / "leadbook.db")

    patient = {"LEADBOOK_QUERY_TIMEOUT": "0"}
    server = replace(SERVERS["leadbook"], prepare=prepare, environment=patient)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        copy = Path(folder) / "leadbook" / "leadbook.db"
        ours = stack.enter_context(running(server, count, copy.parent))
        paths = [f"{each}?{urlencode(query)}" for each, query in _paths(copy)]
        load.run(ours.port, map(load.get, paths * 1000), _MIXED_SECONDS)
        memory = ours.peak_memory()
        as_csv = _csv_bytes(copy)
    title = "peak memory of the server after all calls"
    yield [title, f"{memory:.0f} MB", *judged(_MEMORY, memory)]
    size = path.stat().st_size
    told = f"{size / as_csv:.2f} ({size / 1e6:.0f} MB / {as_csv / 1e6:.0f} MB)"
    yield ["file / all records as CSV", told, *judged(_SIZE, size / as_csv)]


def _paths(path: Path) -> list[tuple[str, dict[str, Any]]]:
    app = create_app({"DATABASE": path, "QUERY_TIMEOUT": 0})
    with closing(app.extensions["leadbook"]):
        return [(each, query) for _, each, query in _requests(app.test_client())]


def _csv_bytes(path: Path) -> int:
    """Return the size of all kinds of records as CSV."""
    app = create_app({"DATABASE": path, "QUERY_TIMEOUT": 0})
    with closing(app.extensions["leadbook"]) as database:
        kinds = map(kind_of, RECORDS)
        return sum(len(part) for kind in kinds for part in export(database, kind, "csv"))


def main() -> None:
    """Measure, print the report, and save it with --results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--results", type=Path, help="the folder for the report")
    given = parser.parse_args()
    parts, largest = [report.machine()], given.counts[-1]
    timings = time_all(given.counts)
    head = [f"of {largest:,} leads with what is planned", "measured", "target", ""]
    parts += [report.table(head, memory_and_size(largest)), table(timings)]
    report.publish("planning", parts, None, given.results)


if __name__ == "__main__":
    main()
