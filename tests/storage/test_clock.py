"""Times and ids."""

import random
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

from leadbook.access.keys import create_key
from leadbook.app import create_app
from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.backup import back_up, restore
from leadbook.storage.times import LATEST, milliseconds_of, text_of


def test_time_ends_with_the_years_of_four_digits(tmp_path, monkeypatch):
    last = 253_402_300_799_999
    assert Clock(lambda: last).after(timedelta(days=1)) == "9999-12-31T23:59:59.999Z"
    path, saved = tmp_path / "leadbook.db", tmp_path / "saved.db"
    for time_ns in (last * 1_000_000, (last + 1) * 1_000_000, last * 10**9):
        monkeypatch.setattr("time.time_ns", lambda now=time_ns: now)
        with closing(create_app({"DATABASE": path}).extensions["leadbook"]) as database:
            with database.use(), database.write():
                create_key(f"key {time_ns}", "write", timedelta(days=1))
            back_up(path, saved, RECORDS, overwrite=True)
        restored = restore(saved, path, Clock())
        restored.kept.unlink()


def test_time_is_written_as_the_contract_wants():
    assert Clock(lambda: 0).now() == "1970-01-01T00:00:00.000Z"
    assert Clock(lambda: 1_767_225_599_007).now() == "2025-12-31T23:59:59.007Z"


def test_id_carries_the_time_and_the_version():
    found = uuid.UUID(Clock(lambda: 1_767_225_600_000).new_id())
    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert found.int >> 80 == 1_767_225_600_000


def test_ids_rise_within_a_millisecond_and_when_time_goes_back():
    times = iter([5] * 5000 + [4] * 10 + [6] * 10)
    clock = Clock(lambda: next(times))
    ids = [clock.new_id() for _ in range(5020)]
    assert ids == sorted(set(ids))
    assert all(uuid.UUID(each).version == 7 for each in ids)


def test_ids_of_many_threads_are_different():
    clock = Clock()
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: clock.new_id(), range(10_000)))
    assert len(set(ids)) == 10_000


def test_same_seed_and_time_give_the_same_ids():
    one, other = (Clock(lambda: 7, random.Random(1)) for _ in range(2))
    assert [one.new_id() for _ in range(3)] == [other.new_id() for _ in range(3)]


def test_ids_of_a_forked_process_are_its_own():
    script = """if True:
        import os
        from leadbook.storage.clock import Clock
        clock = Clock(lambda: 7)
        clock.new_id()
        if child := os.fork():
            os.waitpid(child, 0)
        print(clock.new_id(), flush=True)
    """
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    ids = run.stdout.split()
    assert len(ids) == len({each[-12:] for each in ids}) == 2


def test_texts_of_times_are_those_of_the_calendar():
    dice = random.Random(1)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    edges = [0, -1, 999, 1000, 59_999, 86_399_999, 86_400_000, 951_782_400_000, LATEST]
    for milliseconds in [*edges, *(dice.randrange(LATEST) for _ in range(1000))]:
        moment = epoch + timedelta(milliseconds=milliseconds)
        text = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert text_of(milliseconds) == text
        assert milliseconds_of(text) == milliseconds
