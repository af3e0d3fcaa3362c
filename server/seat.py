"""One of the processes that accept from a socket, among the others."""

from array import array


class Seat:
    """Seat `number` of `loads`, which hold how many connections each process has."""

    def __init__(
        self, loads: "array[int] | memoryview[int] | None" = None, number: int = 0
    ) -> None:
        self._loads = array("i", [0]) if loads is None else loads
        self._number = number

    def set_load(self, connections: int) -> None:
        """Tell the others how many connections this process has."""
        self._loads[self._number] = connections

    def is_next(self) -> bool:
        """Return whether no other process has fewer."""
        return self._loads[self._number] <= min(self._loads)
