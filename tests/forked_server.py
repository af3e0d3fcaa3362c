"""`leadbook` as a process of its own that does not import everything again.

A new process spends 0.3 seconds on imports, and the tests start hundreds. So each run of pytest
has one process that has imported the modules, and forks a server when it is asked to. Run as a
file, this is that process.

A server is parsed, opened, served and ended as `python -m leadbook.cli serve`, and any other
command as well. It has the environment, the folder and the limits of the test. Only its modules
were imported before, so it is not for `--exit-with-parent`, for another umask, or for a file that
changes a module first.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import resource
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

# What the interpreter or the loader reads before any module: these need a new process.
_READ_AT_THE_START = ("PYTHON", "LD_", "DYLD_")
# With what they import, all that `leadbook serve` may need.
_MODULES = """
    leadbook.cli.main leadbook.app leadbook.server.workers leadbook.testing.app
    leadbook.testing.demo leadbook.webhooks.courier
""".split()
_LENGTH = struct.Struct("!I")
_STATUS = struct.Struct("!i")
_asking = threading.Lock()


class ForkedServer:
    """A server that was forked, with the part of subprocess.Popen that tests use.

    It may be another command of `leadbook`, too.
    """

    def __init__(self, arguments, stderr, *, start_new_session=False):
        output, theirs = os.pipe()
        self._status, status = os.pipe()
        request = {
            "arguments": arguments,
            "environment": dict(os.environ),
            "folder": str(Path.cwd()),
            "descriptors": resource.getrlimit(resource.RLIMIT_NOFILE),
            "session": start_new_session,
        }
        message = json.dumps(request).encode()
        with Path(os.devnull).open("wb") as nowhere:
            errors = nowhere if stderr == subprocess.DEVNULL else stderr
            # A file, or the descriptor of one.
            number = errors if isinstance(errors, int) else errors.fileno()
            descriptors = [theirs, number, status]
            # A test may start several from threads of its own.
            with _asking:
                socket.send_fds(_forking(), [_LENGTH.pack(len(message))], descriptors)
                _forking().sendall(message)
        os.close(theirs)
        os.close(status)
        self.returncode = None
        self.stdout = os.fdopen(output)
        (self.pid,) = _STATUS.unpack(os.read(self._status, _STATUS.size))

    def poll(self):
        if self.returncode is None and select.select([self._status], [], [], 0)[0]:
            self._read_status()
        return self.returncode

    def wait(self, timeout=None):
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("leadbook", timeout)
            self._read_status()
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def _read_status(self):
        (self.returncode,) = _STATUS.unpack(os.read(self._status, _STATUS.size))
        os.close(self._status)


def can_fork():
    """Return whether a server that is forked now is the same as one that is started."""
    return _at_the_start() == _at_first()


def _at_the_start():
    return {name: os.environ[name] for name in os.environ if name.startswith(_READ_AT_THE_START)}


@functools.cache
def _at_first():
    _forking()
    return _at_the_start()


@functools.cache
def _forking():
    """Start the process that forks; return the socket on which it is asked."""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, __file__, str(theirs.fileno())],
        pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
        # As that of a server: Python remembers that it cannot seek there.
        stdout=subprocess.PIPE,
    )  # fmt: skip
    theirs.close()

    @atexit.register
    def end():
        ours.close()
        process.communicate()

    return ours


def _fork_when_asked(control):
    """Fork a server for each request; return the request in the process of the server."""
    while True:
        length, descriptors, _, _ = socket.recv_fds(control, _LENGTH.size, 3)
        if not length:
            sys.exit()
        message = b""
        while (missing := _LENGTH.unpack(length)[0] - len(message)) > 0:
            if not (part := control.recv(missing)):
                # Who has asked has ended meanwhile.
                sys.exit()
            message += part
        if os.fork():
            for each in descriptors:
                os.close(each)
        elif _is_server(*descriptors):
            control.close()
            for number, descriptor in enumerate(descriptors[:2], 1):
                os.dup2(descriptor, number)
                os.close(descriptor)
            return json.loads(message)


def _is_server(output, errors, status):
    """Fork the server; this process waits for it and passes on how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if not pid:
        os.close(status)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        return True
    os.close(output)
    os.close(errors)
    os.write(status, _STATUS.pack(pid))
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(status, _STATUS.pack(ended))
    os._exit(0)


def _import_all():
    for name in _MODULES:
        importlib.import_module(name)
    gc.freeze()


def _become(request):
    if request["session"]:
        os.setsid()
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["folder"])
    resource.setrlimit(resource.RLIMIT_NOFILE, request["descriptors"])
    # As `python -m` does it.
    sys.path[0] = request["folder"]
    sys.argv[1:] = request["arguments"]
    runpy.run_module("leadbook.cli", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    # Ctrl-C is for pytest; and nobody waits for those that wait for a server.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asked = socket.socket(fileno=int(sys.argv[1]))
    _import_all()
    _become(_fork_when_asked(asked))
