"""Batches of new leads, compared with clients that send one lead at a time."""

import statistics
import time
import urllib.request
from collections.abc import Iterator
from functools import partial

from leadbook.bench import load, report, traffic
from leadbook.bench.running import Running
from leadbook.bench.verdict import Bound, judged, ratios, with_spread

TARGET = Bound("≥", 5)


def send_batches(server: Running, bodies: Iterator[bytes], seconds: float) -> float:
    """Send one batch after the other for `seconds`; return how many leads a second are stored."""
    count = 0
    begin = now = time.perf_counter()
    while now < begin + seconds:
        url = f"http://127.0.0.1:{server.port}/leads/batch"
        call = urllib.request.Request(url, next(bodies), {"Content-Type": "application/json"})
        with urllib.request.urlopen(call, timeout=60) as answer:
            answer.read()
        count += traffic.BATCH
        now = time.perf_counter()
    # Not `seconds`: they would end in the middle of a batch.
    return count / (now - begin)


def table(server: Running, rounds: int, seconds: float) -> str:
    """Return the leads a second of single requests and of batches, and their ratio."""
    turns = {
        "single": partial(_send_leads, server, traffic.new_leads(server)),
        "batches": partial(send_batches, server, traffic.batches()),
    }
    done = load.in_turn("batches", turns, rounds, seconds)
    found = ratios(done["batches"], done["single"])
    lines = [
        [f"POST /leads, {load.CONNECTIONS} clients", with_spread(done["single"], 0), "", ""],
        [
            f"POST /leads/batch of {traffic.BATCH}, 1 client",
            with_spread(done["batches"], 0),
            "",
            "",
        ],
        ["ratio", with_spread(found), *judged(TARGET, statistics.median(found))],
    ]
    label = f"{server.server.label} ({server.server.synchronous})"
    return report.table([f"leads a second: {label}", "median (least to most)", "target", ""], lines)


def _send_leads(server: Running, requests: Iterator[bytes], seconds: float) -> float:
    return load.run(server.port, requests, seconds).per_second
