"""Waiting for what another thread or process does, as long as it takes on a busy machine."""

import time

# For what takes milliseconds on a quiet machine.
PATIENCE_SECONDS = 60


def wait_until(is_so):
    """Ask until it is so; nobody tells, so that there is only asking."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "It has not come about."
        time.sleep(0.01)
