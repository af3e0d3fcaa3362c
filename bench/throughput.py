"""How many requests a server answers in a second, when its clients never pause."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from leadbook.bench import load, report, traffic
from leadbook.bench.running import Running
from leadbook.bench.servers import Server
from leadbook.bench.verdict import with_spread

ROWS = 10_000


@dataclass(frozen=True)
class Case:
    """One kind of request, and how many clients send it."""

    request: str
    traffic: traffic.Traffic
    clients: int = load.CONNECTIONS
    writes: bool = False

    @property
    def title(self) -> str:
        """The request; for writes, with the number of clients, since these share the disk."""
        clients = "1 client" if self.clients == 1 else f"{self.clients} clients"
        return f"{self.request}, {clients}" if self.writes else self.request

    def label(self, server: Server) -> str:
        """Return the name of a server; for writes, it says how the server commits."""
        return f"{server.label} ({server.synchronous})" if self.writes else server.label

    def compares(self, server: Server) -> bool:
        """Return whether to measure the server: some differ from others only in their writes."""
        return self.writes or not server.only_writes


CASES = {
    "list20": Case(f"GET /leads?limit=20 of {ROWS:,}", traffic.pages(20)),
    "list100": Case(f"GET /leads?limit=100 of {ROWS:,}", traffic.pages(100)),
    "one": Case("GET /leads/{id}", traffic.single_records),
    # Last, because they add rows.
    "post": Case("POST /leads", traffic.new_leads, writes=True),
    "post1": Case("POST /leads", traffic.new_leads, clients=1, writes=True),
}

# By case and server, one load for each round.
Loads = dict[str, dict[str, list[load.Load]]]


def measure(servers: Mapping[str, Running], cases: list[str], rounds: int, seconds: float) -> Loads:
    """Load the servers in turn, for each case."""
    loads: Loads = {}
    for name in cases:
        case = CASES[name]
        turns = {
            each: partial(load.run, server.port, case.traffic(server), connections=case.clients)
            for each, server in servers.items()
            if case.compares(server.server)
        }
        loads[name] = load.in_turn(name, turns, rounds, seconds)
    return loads


def speed_table(loads: Loads, name: str, servers: Mapping[str, Server]) -> str:
    """Return the speeds and latencies of all servers for one case."""
    case = CASES[name]
    lines = []
    for each, done in loads[name].items():
        speeds = with_spread([one.per_second for one in done], 0)
        latencies = (
            f"{statistics.median(times):.1f}"
            for times in ([one.p50 for one in done], [one.p99 for one in done])
        )
        lines.append([case.label(servers[each]), speeds, *latencies])
    head = [case.title, "answers a second (least to most)", "p50 ms", "p99 ms"]
    return report.table(head, lines)
