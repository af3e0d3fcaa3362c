"""Group commit: writes that wait for each other share one transaction, and so one fsync."""

from collections import deque
from collections.abc import Callable, Iterator
from contextvars import copy_context
from threading import Lock
from typing import Any, TypeVar

import peewee

from leadbook.storage.system import monotonic

# One transaction takes in others for this long, and this many, so that it ends soon.
_LONGEST_SECONDS = 0.02
_MOST = 64
# From this time of a commit on, another request may begin meanwhile. That takes 0.1 ms itself.
_SLOW_COMMIT_SECONDS = 0.001
# The time of a commit is a mean, in which the last one counts this much.
_WEIGHT = 1 / 8

Result = TypeVar("Result")


class _Member:
    """A write that waits: its work, and what its thread must do next."""

    def __init__(self, work: Callable[[], Any], pause: Callable[[], None]) -> None:
        self.work = work
        self.pause = pause
        # Its request, its caller and its time limit, for the thread that runs the work.
        self.context = copy_context()
        self.result: Any = None
        self.error: Exception | None = None
        self.leads = False
        self._next: Callable[[], Any] | None = None
        self._told = Lock()
        self._told.acquire()

    def tell(self, act: Callable[[], Any]) -> None:
        """Let its thread call `act`."""
        self._next = act
        self._told.release()

    def is_told_within(self, seconds: float) -> bool:
        """Wait up to `seconds` until it is told what to do; return whether it is."""
        return self._told.acquire(timeout=seconds)

    def go_on(self) -> Any:
        """Do what it was told."""
        # Without this reference to itself, it is freed at once, with all of its request.
        act, self._next = self._next, None
        return act and act()

    def end(self) -> Any:
        """Return what the work has returned, or raise what it has raised."""
        error, self.error = self.error, None
        try:
            if error:
                raise error
        finally:
            # Its traceback has this frame.
            del error
        return self.result


class GroupCommit:
    """Runs the writes of many threads in few transactions.

    The first thread leads: it opens the transaction, runs its own work, and then that of the
    threads that wait, in savepoints, until nobody waits or the transaction has enough. It commits
    for all. Threads that come during the commit wait, and the first of them leads next. A thread
    that is alone waits for nobody.
    """

    def __init__(self, database: Any) -> None:
        self._database = database
        self._guard = Lock()
        self._waiting: deque[_Member] = deque()
        self._is_led = False
        self._commit_seconds = 0.0

    def run(self, work: Callable[[], Result], pause: Callable[[], None]) -> Result:
        """Run `work` in a write, and return its result when that is stored.

        `pause` is called when this thread begins to wait for others or for a slow disk. If another
        member of the group makes SQLite roll all of it back, `work` runs again, alone. Raises what
        `work` raises, and what `Database.write` raises.
        """
        member = _Member(work, pause)
        with self._guard:
            leads = not self._is_led
            self._is_led = True
            if not leads:
                self._waiting.append(member)
        result: Result
        if leads:
            result = self._lead(member)
            return result
        try:
            pause()
            is_told = member.is_told_within(self._database.patience_seconds)
        except BaseException:
            # For example Ctrl-C: nobody may wait for it.
            if not self._leaves(member) and member.leads:
                self._hand_on()
            raise
        if not is_told and self._leaves(member):
            raise peewee.OperationalError("database is locked")
        result = member.go_on()
        return result

    def _leaves(self, member: _Member) -> bool:
        """Let a member stop waiting; return False if it was told at the last moment."""
        with self._guard:
            if member in self._waiting:
                self._waiting.remove(member)
                return True
        return not member.is_told_within(-1)

    def _lead(self, leader: _Member) -> Any:
        followers: list[_Member] = []
        try:
            with self._database.write():
                result = leader.work()
                self._take_in(followers)
                if self._commit_seconds > _SLOW_COMMIT_SECONDS:
                    leader.pause()
                began = monotonic()
        except BaseException as error:
            self._hand_on()
            culprit = next((each for each in followers if each.error is error), None)
            for each in followers:
                each.tell(self._after(error, each, culprit))
            if culprit is None:
                raise
            return self._alone(leader.work)
        self._commit_seconds += (monotonic() - began - self._commit_seconds) * _WEIGHT
        self._hand_on()
        for each in followers:
            each.tell(each.end)
        return result

    def _take_in(self, followers: list[_Member]) -> None:
        """Run the works of those who wait, and add them to `followers`."""
        for each in self._come():
            followers.append(each)
            try:
                each.result = each.context.run(self._in_part, each.work)
            except Exception as error:
                each.error = error
                # SQLite may have rolled the whole transaction back, for example without memory:
                # https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
                is_grave = isinstance(error, peewee.OperationalError | peewee.InterfaceError)
                if is_grave or not self._database.connection().in_transaction:
                    raise

    def _in_part(self, work: Callable[[], Any]) -> Any:
        with self._database.part():
            return work()

    def _come(self) -> Iterator[_Member]:
        """Yield those who wait, until nobody does, or the transaction has enough."""
        until = monotonic() + _LONGEST_SECONDS
        for _ in range(_MOST):
            with self._guard:
                if not self._waiting or monotonic() > until:
                    return
                member = self._waiting.popleft()
            yield member

    def _hand_on(self) -> None:
        """Let the one who has waited longest lead next."""
        with self._guard:
            self._is_led = bool(self._waiting)
            if self._waiting:
                member = self._waiting.popleft()
                member.leads = True
                member.tell(lambda: self._lead(member))

    def _after(
        self, error: BaseException, member: _Member, culprit: _Member | None
    ) -> Callable[[], Any]:
        """Return what a member must do after an error that has ended the transaction.

        Even its own error may come from what others had changed, which is lost now.
        """
        if culprit and member is not culprit:
            return lambda: self._alone(member.work)
        if not culprit:
            # The commit has failed for all.
            member.error = peewee.OperationalError(str(error))
        return member.end

    def _alone(self, work: Callable[[], Any]) -> Any:
        # Others have used up its time.
        self._database.time_limit.renew()
        with self._database.write():
            return work()
