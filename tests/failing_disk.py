"""A disk that fails, for the processes started from here on."""

import shutil
import subprocess
import sys

import pytest

# While a file of that name is in the folder $FAULTS, the disk behaves so.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int is_on(const char *fault) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("FAULTS"), fault);
    return access(path, F_OK) == 0;
}

static int synced(int descriptor, const char *name) {
    if (is_on("fsync")) { errno = EIO; return -1; }
    return ((int (*)(int)) dlsym(RTLD_NEXT, name))(descriptor);
}

int fsync(int descriptor) { return synced(descriptor, "fsync"); }
int fdatasync(int descriptor) { return synced(descriptor, "fdatasync"); }

static ssize_t written(int descriptor, const void *bytes, size_t count, off64_t offset) {
    if (is_on("full")) { errno = ENOSPC; return -1; }
    return ((ssize_t (*)(int, const void *, size_t, off64_t)) dlsym(RTLD_NEXT, "pwrite64"))(
        descriptor, bytes, count, offset);
}

ssize_t pwrite64(int d, const void *b, size_t n, off64_t at) { return written(d, b, n, at); }
ssize_t pwrite(int d, const void *b, size_t n, off_t at) { return written(d, b, n, at); }
"""


def failing_disk(tmp_path, monkeypatch):
    """Return the folder in which a file named `fsync` or `full` makes the disk fail."""
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux has LD_PRELOAD, which puts the failing disk in place")
    if not shutil.which("gcc"):
        pytest.skip("there is no gcc to build the failing disk with")
    source, library, folder = tmp_path / "shim.c", tmp_path / "shim.so", tmp_path / "faults"
    source.write_text(SHIM)
    command = ["gcc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)
    folder.mkdir()
    monkeypatch.setenv("FAULTS", str(folder))
    monkeypatch.setenv("LD_PRELOAD", str(library))
    return folder
