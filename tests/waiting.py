"""Waiting for what another thread or process does, as long as it takes on a busy machine."""

import time

# For what takes milliseconds on a quiet machine.
PATIENCE_SECONDS = 60


def wait_until(is_so):
    """Ask until it is so; nobody tells, so that there is only asking."""
    deadline = _now() + PATIENCE_SECONDS
    while not is_so():
        assert _now() < deadline, "It has not come about."
        time.sleep(0.01)


def _now():
    # The clock that no test of frozen time stops.
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def wait_out_midnight():
    """Let the day change first where it is about to: every limit of a day begins anew then."""
    wait_until(lambda: time.time() % 86_400 < 86_400 - 50)
