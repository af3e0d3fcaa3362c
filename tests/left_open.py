"""What a block leaves open: descriptors and threads that were not there before."""

import gc
import os
import threading
from contextlib import contextmanager
from pathlib import Path

from waiting import wait_until


def opened():
    """Return the open descriptors, with what they lead to where the system tells it, and threads.

    What others have left behind may go away at any time. So it is no number that is compared.
    """
    gc.collect()
    found = set(threading.enumerate())
    for name in os.listdir("/dev/fd"):
        try:
            found.add((name, str(Path(f"/dev/fd/{name}").readlink())))
        except FileNotFoundError:
            pass  # the descriptor of the folder itself
        except OSError:
            found.add((name, "unknown"))
    return found


@contextmanager
def nothing_left_open():
    """Assert that what the block opens is closed in the end."""
    before = opened()
    yield
    try:
        wait_until(lambda: opened() <= before)
    except AssertionError:
        assert opened() - before == set()
