"""What the processes of a server know about each other, in memory that they share."""

import mmap
import os
from collections.abc import Iterator

from leadbook.access.fronting import Process

# The number of connections of an empty seat, so that the others leave it none.
_ABSENT = 2**31 - 1


class Seats:
    """Seats for `count` processes; `empty` ones have no process yet, or no longer."""

    def __init__(self, count: int = 1) -> None:
        cells = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("i")
        self.connections, self.waiting, self.pids = (
            cells[part * count : (part + 1) * count] for part in range(3)
        )

    def empty(self, number: int) -> None:
        """Forget the process on a seat: it has died."""
        self.connections[number], self.waiting[number], self.pids[number] = _ABSENT, 0, 0

    def processes(self) -> Iterator[Process]:
        """Yield each process and how much it has to do."""
        rows = zip(self.pids, self.connections, self.waiting, strict=True)
        for number, (pid, connections, waiting) in enumerate(rows):
            if pid:
                yield Process(number, pid, connections, waiting)


class Seat:
    """Seat `number` of `seats`, which this process takes."""

    def __init__(self, seats: Seats, number: int = 0) -> None:
        self.seats = seats
        self._number = number
        seats.connections[number], seats.waiting[number] = 0, 0
        seats.pids[number] = os.getpid()

    def set_connections(self, connections: int) -> None:
        """Tell the others how many connections this process has."""
        self.seats.connections[self._number] = connections

    def is_next(self) -> bool:
        """Return whether no other process has fewer connections."""
        return self.seats.connections[self._number] <= min(self.seats.connections)

    def add_waiting(self, change: int) -> None:
        """Tell the others that more requests wait for their turn, or fewer."""
        self.seats.waiting[self._number] += change
