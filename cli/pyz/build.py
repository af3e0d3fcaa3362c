"""Build leadbook.pyz: one file with what pip would install, for each Python and machine.

Usage: python -m leadbook.cli.pyz.build FILE
"""

import hashlib
import io
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_CHECKOUT = Path(__file__).parent.parent.parent
_VERSIONS = ("3.11", "3.12", "3.13", "3.14")
# The name that Python has for a machine (see start.py), and the name that uv has.
_MACHINES = {
    "x86_64-linux-gnu-x86_64": "x86_64-manylinux_2_28",
    "aarch64-linux-gnu-aarch64": "aarch64-manylinux_2_28",
    "darwin-arm64": "aarch64-apple-darwin",
    "darwin-x86_64": "x86_64-apple-darwin",
}
# These contain the place and time of the installation.
_NOT_PACKED = {".lock", "RECORD", "REQUESTED", "direct_url.json", "uv_cache.json"}

Files = dict[str, bytes]


def build(file: Path) -> None:
    """Write the archive to `file`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _uv("build", _CHECKOUT, "--out-dir", folder)
        [wheel] = folder.glob("*.whl")
        installed = {
            f"cpython-{version.replace('.', '')}-{kind}": _install(
                wheel, version, machine, folder / f"{version}-{machine}"
            )
            for version in _VERSIONS
            for kind, machine in _MACHINES.items()
        }
    write(file, installed)


def write(file: Path, installed: dict[str, Files]) -> None:
    """Write an archive of what is installed for each kind of Python; store equal files once."""
    common = dict(set.intersection(*(set(files.items()) for files in installed.values())))
    parts = {"common": common}
    for kind, files in installed.items():
        parts[kind] = dict(files.items() - common.items())
    archive = {f"{name}.zip": _zip(files, ZIP_DEFLATED) for name, files in parts.items()}
    archive["__main__.py"] = Path(__file__).with_name("start.py").read_bytes()
    # Few entries, since each start reads their list. `content` names the cache of this archive.
    content = hashlib.sha256(_zip(archive, ZIP_STORED)).hexdigest()
    archive["content"] = content[:16].encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"#!/usr/bin/env python3\n" + _zip(archive, ZIP_STORED))
    file.chmod(0o755)


def _install(wheel: Path, version: str, machine: str, folder: Path) -> Files:
    """Return the files of the wheel and of its dependencies, by path."""
    kind = ("--python-version", version, "--python-platform", machine)
    # Who has only this file cannot add a library.
    whole = f"{wheel}[metrics]"
    _uv("pip", "install", *kind, "--only-binary", ":all:", "--target", folder, whole)
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in _NOT_PACKED and path.parent != folder / "bin"
    }


def _zip(files: Files, compression: int) -> bytes:
    """Return a zip file of `files` that is the same for each build."""
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        for name, data in sorted(files.items()):
            entry = ZipInfo(name)
            entry.compress_type = compression
            archive.writestr(entry, data)
    return file.getvalue()


def _uv(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "uv", "--quiet", *arguments], check=True)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
