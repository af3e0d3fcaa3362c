"""Which call runs next, with real threads and a real loop."""

import asyncio
import threading
import time
from contextlib import contextmanager

import pytest
from waiting import PATIENCE_SECONDS, wait_until

from leadbook.server.lanes import Lane, LaneFullError
from leadbook.server.threads import Call
from leadbook.storage.stamps import FairLock


@contextmanager
def lane_of(threads, longest_wait=None):
    lane = Lane(asyncio.get_running_loop(), "test", threads, 100, 0.005, longest_wait)
    try:
        yield lane
    finally:
        lane.close(5)


async def ends_in_order(lane, calls):
    """Run the calls, which come in this order, and return the names in the order of their turns."""
    order, gate = [], threading.Event()

    async def run(name, call):
        order.append(await lane.run(call) or name)

    first = asyncio.create_task(lane.run(Call(gate.wait)))
    await asyncio.sleep(0)
    tasks = [asyncio.create_task(run(name, call)) for name, call in calls]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, *tasks)
    return order


def nothing():
    return None


def test_who_has_sent_one_request_goes_before_who_has_sent_many():
    async def run():
        with lane_of(1) as lane:
            many = [(f"many {number}", Call(nothing, has_more=True)) for number in range(3)]
            one = [(f"one {number}", Call(nothing)) for number in range(10)]
            return await ends_in_order(lane, many + one)

    order = asyncio.run(run())
    assert [each for each in order if each.startswith("one")] == [f"one {n}" for n in range(10)]
    assert order.index("many 0") in range(5, 8)
    assert order[-2:] == ["many 1", "many 2"]


def test_writers_that_wait_leave_a_thread_to_others():
    async def run():
        lock = threading.Lock()
        lock.acquire()
        with lane_of(2) as lane:
            writers = [
                asyncio.create_task(lane.run(Call(lock.acquire, writes=True))) for _ in range(3)
            ]
            await asyncio.sleep(0)
            for number in range(5):
                assert await lane.run(Call(lambda number=number: number)) == number
            for writer in writers:
                lock.release()
                await writer

    asyncio.run(run())


@contextmanager
def two_writers(lane):
    """Have one that writes at work, and yield another that has to wait for it."""
    gate = threading.Event()
    first = asyncio.create_task(lane.run(Call(gate.wait, writes=True)))
    second = asyncio.create_task(begin_after(first, lane))
    try:
        yield first, second
    finally:
        gate.set()


async def begin_after(first, lane):
    await asyncio.sleep(0)
    return await lane.run(Call(nothing, writes=True))


def test_who_has_waited_to_write_for_too_long_is_refused():
    async def run():
        with (
            lane_of(2, longest_wait=0.01) as lane,
            two_writers(lane) as (_, second),
            pytest.raises(LaneFullError),
        ):
            # Nobody else has to come for that.
            await asyncio.wait_for(second, PATIENCE_SECONDS)

    asyncio.run(run())


def test_who_may_wait_for_ever_is_waited_for_without_a_look_at_the_clock():
    async def run():
        with lane_of(2) as lane:
            with two_writers(lane) as (first, second):
                # The first has not taken its time yet when it begins: that one look is needed.
                deadline = time.monotonic() + PATIENCE_SECONDS
                while not lane._count or lane._timer:
                    assert time.monotonic() < deadline
                    await asyncio.sleep(0.005)
            await asyncio.gather(first, second)

    asyncio.run(run())


def test_thread_is_free_before_anybody_is_told_that_its_call_is_done():
    call = Call(nothing)
    told = []
    call.run(lambda: told.append(call.is_done))
    assert told == [False]
    assert call.is_done


def test_call_whose_client_has_gone_keeps_no_place():
    async def run():
        gate = threading.Event()
        with lane_of(1) as lane:
            first = asyncio.create_task(lane.run(Call(gate.wait)))
            await asyncio.sleep(0)
            second = asyncio.create_task(lane.run(Call(nothing)))
            await asyncio.sleep(0)
            for each in (first, second):
                each.cancel()
            gate.set()
            assert (
                await asyncio.wait_for(lane.run(Call(lambda: "third")), PATIENCE_SECONDS) == "third"
            )

    asyncio.run(run())


def test_fair_lock_goes_to_who_has_waited_for_the_longest_time():
    lock, order = FairLock(), []
    assert lock.acquire()

    def wait(name):
        assert lock.acquire(timeout=PATIENCE_SECONDS)
        order.append(name)
        lock.release()

    threads = []
    for count, name in enumerate("abc", 1):
        threads.append(threading.Thread(target=wait, args=(name,)))
        threads[-1].start()
        wait_until(lambda count=count: len(lock._waiting) == count)
    assert not lock.acquire(blocking=False)
    assert not lock.acquire(timeout=0.01)
    lock.release()
    wait("last")
    for thread in threads:
        thread.join()
    assert order == ["a", "b", "c", "last"]


def pausing(go, end, paused):
    """Return a call that writes, pauses when it may go, and ends when it may end."""

    def write():
        assert go.wait(PATIENCE_SECONDS)
        call.pause()
        paused.append(call)
        assert end.wait(PATIENCE_SECONDS)

    call = Call(write, writes=True)
    return call


@contextmanager
def ending():
    """Yield an event that is set at the end of the block, however that ends."""
    end = threading.Event()
    try:
        yield end
    finally:
        end.set()


def test_call_that_pauses_lets_a_waiting_one_begin():
    async def run():
        go, paused = threading.Event(), []
        with lane_of(2) as lane:
            with ending() as end:
                # Of two threads, one is for writers.
                first = asyncio.create_task(lane.run(pausing(go, end, paused)))
                await asyncio.sleep(0)
                second = asyncio.create_task(lane.run(Call(nothing, writes=True)))
                await asyncio.sleep(0)
                assert lane._count == 1
                go.set()
                await asyncio.wait_for(second, PATIENCE_SECONDS)
                assert not first.done()
            await first

    asyncio.run(run())


def test_many_paused_calls_leave_room_for_readers():
    async def run():
        go, paused = threading.Event(), []
        go.set()
        with lane_of(2) as lane:
            with ending() as end:
                writers = [
                    asyncio.create_task(lane.run(pausing(go, end, paused))) for _ in range(20)
                ]
                await asyncio.to_thread(wait_until, lambda: len(paused) == 9)
                for number in range(5):
                    reader = lane.run(Call(lambda number=number: number))
                    assert await asyncio.wait_for(reader, PATIENCE_SECONDS) == number
                # One place of a writer, and eight of paused ones.
                assert len(paused) == 9
            await asyncio.gather(*writers)

    asyncio.run(run())
