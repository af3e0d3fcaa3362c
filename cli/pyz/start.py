"""The start of leadbook.pyz: unpack the archive into the user's cache once, and start from there.

This module uses only the standard library, and no other module of Leadbook.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit("Leadbook needs Python 3.11 or newer.")
if sys.platform == "win32":
    sys.exit("Leadbook runs on Linux and macOS, but not on Windows. Use WSL or a container there.")

import os
from contextlib import ExitStack
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from zipimport import zipimporter

# The compiled parts that fit this Python, such as `cpython-313-darwin-arm64`.
KIND = f"{EXTENSION_SUFFIXES[0].split('.')[1]}-{os.uname().machine}"


def main() -> None:
    """Run the command of this archive."""
    archive = Path(__file__).parent
    with ExitStack() as stack:
        try:
            site = _unpacked(archive)
        except OSError as error:
            from tempfile import TemporaryDirectory  # seldom needed

            print(  # noqa: T201
                f"leadbook.pyz unpacks itself for this run only, without its cache: {error}",
                file=sys.stderr,
            )
            site = Path(stack.enter_context(TemporaryDirectory(prefix="leadbook-")))
            _unpack(archive, site)
        sys.path.insert(0, str(site))
        from leadbook.cli.main import main as command  # it is there by now

        command()


def _unpacked(archive: Path) -> Path:
    """Unpack the archive for this Python if needed; return the folder. Raises OSError."""
    content = zipimporter(str(archive)).get_data("content").decode()
    cache = _private_folder()
    site = cache / f"{content}-{KIND}"
    if not site.is_dir():
        from tempfile import TemporaryDirectory  # once for each version

        with TemporaryDirectory(dir=cache) as unfinished:
            fresh = Path(unfinished, "site")
            _unpack(archive, fresh)
            # Without this, a power cut could leave a folder of that name with empty files.
            os.sync()
            try:
                fresh.rename(site)
            except OSError:
                # Another process may have been faster.
                if not site.is_dir():
                    raise
    return site


def _private_folder() -> Path:
    """Return a folder that only this user can read and write. Raises OSError."""
    # https://specifications.freedesktop.org/basedir-spec/latest/
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():
        cache = Path(os.path.expanduser("~/.cache"))  # noqa: PTH111  # the other one raises
    if not cache.is_absolute():
        raise FileNotFoundError("This user has no home folder.")
    folder = cache / "leadbook"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        # The owner could put other code there.
        raise PermissionError(f"{folder} belongs to another user.")
    folder.chmod(0o700)
    return folder


def _unpack(archive: Path, into: Path) -> None:
    from zipfile import ZipFile  # once for each version

    with ZipFile(archive) as whole:
        names = whole.namelist()
        if f"{KIND}.zip" not in names:
            known = sorted(name.removesuffix(".zip") for name in names if "-" in name)
            sys.exit(f"leadbook.pyz has no libraries for {KIND}, only for {', '.join(known)}.")
        for name in ("common.zip", f"{KIND}.zip"):
            with whole.open(name) as file, ZipFile(file) as part:
                part.extractall(into)


if __name__ == "__main__":
    main()
