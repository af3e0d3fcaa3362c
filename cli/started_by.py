"""Which process has started this one."""

import os

STARTED_BY = os.getppid()
