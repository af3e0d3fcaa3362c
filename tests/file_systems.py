"""Commands on file systems that lack something, or on mounts of their own, without being root."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import LEADBOOK

# $LACKS has pairs such as "link=1 flock=37": the call, and the error that it gets.
_SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int lacks(const char *call) {
    const char *at = getenv("LACKS");
    size_t length = strlen(call);
    while (at && *at) {
        if (!strncmp(at, call, length) && at[length] == '=') return errno = atoi(at + length + 1);
        at = strchr(at, ' ');
        if (at) at++;
    }
    return 0;
}
#define REAL(type, name) ((type) dlsym(RTLD_NEXT, name))

int link(const char *from, const char *to) {
    if (lacks("link")) return -1;
    return REAL(int (*)(const char *, const char *), "link")(from, to);
}
int flock(int file, int operation) {
    if (lacks("flock")) return -1;
    return REAL(int (*)(int, int), "flock")(file, operation);
}
int fchmod(int file, mode_t mode) {
    if (lacks("fchmod")) return -1;
    return REAL(int (*)(int, mode_t), "fchmod")(file, mode);
}
int fchown(int file, uid_t user, gid_t group) {
    if (lacks("fchown")) return -1;
    return REAL(int (*)(int, uid_t, gid_t), "fchown")(file, user, group);
}
int fsync(int file) {
    struct stat status;
    if (!fstat(file, &status) && S_ISDIR(status.st_mode) && lacks("fsync-folder")) return -1;
    return REAL(int (*)(int), "fsync")(file);
}
int rename(const char *from, const char *to) {
    size_t length = strlen(to);
    if (length > 3 && !strcmp(to + length - 3, ".db") && lacks("rename")) return -1;
    return REAL(int (*)(const char *, const char *), "rename")(from, to);
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    if (lacks("pwrite")) return -1;
    return REAL(ssize_t (*)(int, const void *, size_t, off64_t), "pwrite64")(file, bytes, count, at);
}
static int locked(const char *name, int file, int command, void *argument) {
    if ((command == F_SETLK || command == F_SETLKW) && lacks("fcntl")) return -1;
    return REAL(int (*)(int, int, ...), name)(file, command, argument);
}
#define LOCKED(name) int name(int file, int command, ...) { \
    va_list rest; va_start(rest, command); void *argument = va_arg(rest, void *); va_end(rest); \
    return locked(#name, file, command, argument); }
static int opened(const char *name, const char *path, int flags, mode_t mode) {
    if (flags & O_DIRECTORY && strstr(path, "leadbook-") && lacks("open-folder")) return -1;
    return REAL(int (*)(const char *, int, ...), name)(path, flags, mode);
}
#define OPENED(name) int name(const char *path, int flags, ...) { \
    va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
    return opened(#name, path, flags, mode); }
OPENED(open)
OPENED(open64)
LOCKED(fcntl)
LOCKED(fcntl64)
"""


def shim_in(folder: Path) -> Path:
    """Build the library that takes calls away, in `folder`."""
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux has LD_PRELOAD, which puts the poor file system in place")
    if not shutil.which("gcc"):
        pytest.skip("there is no gcc to build the poor file system with")
    source, library = folder / "poor.c", folder / "poor.so"
    source.write_text(_SHIM)
    command = ["gcc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)
    return library


def run_on(shim, lacking, *arguments):
    """Run a command where the calls in `lacking` fail, each with the error of that name."""
    lacks = " ".join(f"{call}={getattr(errno, name)}" for call, name in lacking.items())
    return _run([*LEADBOOK, *map(str, arguments)], LACKS=lacks, LD_PRELOAD=str(shim))


def run_mounted(mount, *arguments, listed="."):
    """Run a command after the shell command `mount`; return also the files in `listed` at its end.

    Nobody else sees the mounts.
    """
    able = ["unshare", "--map-root-user", "--mount"]
    if not shutil.which("unshare") or _run([*able, "sh", "-c", mount]).returncode:
        pytest.skip("this user may not mount anything in a namespace of its own")
    script = f'{mount} && "$@"; code=$?; echo; ls -A {listed}; exit $code'
    done = _run([*able, "sh", "-c", script, "sh", *LEADBOOK, *map(str, arguments)])
    done.stdout, _, files = (
        done.stdout.rpartition("\n\n") if "\n\n" in done.stdout else ("", "", done.stdout[1:])
    )
    return done, sorted(files.split())


def read_only(folder):
    """Return the shell command that makes a folder a read-only mount."""
    return f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}"


def _run(command, **environment):
    # Without the coverage of child processes: its file would be on the poor file system too.
    kept = {name: each for name, each in os.environ.items() if not name.startswith("COVERAGE_")}
    return subprocess.run(
        command,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
