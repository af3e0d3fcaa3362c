"""`leadbook serve` that waits for minutes where it waits for seconds: for a lock, clients, its end.

A machine with other work may hold up a test for some seconds. What a test does between two steps
then takes longer than a server waits, unless it is this one.
"""

import sys

from leadbook.storage.sqlite import connected_file

LONG = 300
# Before the others read it.
connected_file.LOCK_TIMEOUT_SECONDS = LONG

from leadbook.server import connection, front, workers  # noqa: E402

connection._HEAD_SECONDS = connection._BODY_SECONDS = LONG
front.LONGEST_FAREWELL_SECONDS = LONG
workers._LONGEST_FAREWELL_SECONDS = LONG

from leadbook.cli.main import main  # noqa: E402

main(["serve", "--query-timeout", "0", *sys.argv[1:]])
