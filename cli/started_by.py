"""The id of the process that started this one."""

import os

STARTED_BY = os.getppid()
