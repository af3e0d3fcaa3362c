"""Replay the requests in recorded/ against a `leadbook` command, and note what it answers.

Each file there has requests in their order, and the answer to each. An answer that has changed
since commit bfc6b83 stands there as `before`, with `because`: one of the reasons in
`test_contract.py`. To note what another version answers:

    python tests/recording.py .venv/bin/leadbook
"""

import http.client
import json
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Start = Callable[[list[str]], Any]
RECORDED = Path(__file__).parent / "recorded"
# Requests name what earlier answers made by these names, too.
NAMED = [
    ("id", re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")),
    ("cursor", re.compile(r'(?<="next":")[^"]+|(?<=[?&]cursor=)[^&>"]+')),
]
# Test mode's clock stands still.
TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")
# In the name of an exported file.
DAY = re.compile(r"\d{4}-\d\d-\d\d")
# Others are those of files.
VERSION = re.compile(r'"\d+"')
ASIDE = [
    (re.compile(r"[\d,]+ MiB are free"), "<size> MiB are free"),
    # Another version of Swagger UI has other files.
    (re.compile(r"(?<=\.)[0-9a-f]{16}(?=\.(?:js|css)\b)"), "<fingerprint>"),
]
HEADERS_ASIDE = {"date": "<time>", "last-modified": "<time>", "x-request-id": "<request>"}


class Names:
    """What stands for each id and cursor: its number in the order of the answers."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def hide(self, text: str) -> str:
        """Return `text` with a name in place of each id and cursor."""
        for kind, pattern in NAMED:
            text = pattern.sub(lambda found, kind=kind: self._name(kind, found[0]), text)
        return text

    def put_back(self, text: str) -> str:
        """Return `text` with the ids and cursors themselves."""
        for value, name in self._names.items():
            text = text.replace(name, value)
        return text

    def _name(self, kind: str, value: str) -> str:
        if value.startswith("<"):
            return value
        if value not in self._names:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[value] = f"<{kind} {self._counts[kind]}>"
        return self._names[value]


def _as_sent(request: dict[str, Any], names: Names, headers: dict[str, str]) -> bytes:
    """Return the bytes of a request: `raw` ones as they are, others with their usual headers."""
    if "raw" in request:
        return names.put_back(request["raw"]).encode("latin-1")
    usual = {"Host": "localhost", **headers}
    text = request.get("text", "")
    if isinstance(text, list):
        text = "".join(part * times for part, times in text)
    body = names.put_back(text).encode()
    if "json" in request:
        body = names.put_back(json.dumps(request["json"])).encode()
        usual["Content-Type"] = "application/json"
    if body or request["line"].split()[0] in ("POST", "PUT"):
        usual["Content-Length"] = str(len(body))
    usual |= request.get("headers", {})
    lines = [f"{request['line']} HTTP/1.1", *(f"{name}: {usual[name]}" for name in usual)]
    return names.put_back("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def _ask(address: tuple[str, int], request: bytes) -> http.client.HTTPResponse:
    """Send a request over a connection of its own, and return its answer, read in full."""
    with socket.create_connection(address, timeout=60) as connection:
        # Refused before all of it was sent; the answer lies there.
        with suppress(ConnectionError):
            connection.sendall(request)
        answer = http.client.HTTPResponse(connection, method=request.split(b" ", 1)[0].decode())
        answer.begin()
        answer.text = answer.read().decode(errors="backslashreplace")
        return answer


def _noted(answer: Any, names: Names, is_test_mode: bool) -> dict[str, Any]:
    """Return what is compared of an answer: all but what chance, time and machine decide."""
    headers = {name.lower(): value for name, value in answer.getheaders()}
    text = answer.text
    if number := headers.get("x-request-id"):
        text = text.replace(number, "<request>")
    for pattern, name in ASIDE if is_test_mode else [*ASIDE, (TIME, "<time>")]:
        text = pattern.sub(name, text)
    for header, value in HEADERS_ASIDE.items():
        if header in headers:
            headers[header] = value
    if not VERSION.fullmatch(headers.get("etag", '"1"')):
        headers["etag"] = "<etag>"
    if "content-disposition" in headers:
        headers["content-disposition"] = DAY.sub("<day>", headers["content-disposition"])
    if "allow" in headers:
        # Flask has a set of them.
        headers["allow"] = ", ".join(sorted(headers["allow"].split(", ")))
    headers = {name: names.hide(headers[name]) for name in sorted(headers)}
    return {"status": answer.status, "headers": headers, "body": names.hide(text)}


@contextmanager
def _serving(start: Start, options: list[str]) -> Iterator[tuple[str, int]]:
    """Serve, and yield the address."""
    process = start(["serve", "--port", "0", *options])
    try:
        url = urlsplit(re.search(r"http://[^\s\"]+", process.stdout.readline())[0])
        yield url.hostname, url.port
    finally:
        # Gracefully, or what it has run would not be measured.
        process.terminate()
        process.wait(timeout=60)
        process.stdout.close()


def recordings() -> list[Path]:
    """Return the files with requests."""
    return sorted(path for path in RECORDED.glob("*.json") if path.stem != "openapi")


def replay(start: Start, recorded: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what is answered to each request of a recorded file.

    `start` starts `leadbook` with arguments, as subprocess.Popen with a pipe for the output.
    """
    names = Names()
    is_test_mode = "--test-mode" in recorded["serve"]
    with tempfile.TemporaryDirectory() as folder:
        options = ["--database", f"{folder}/leadbook.db", *recorded["serve"]]
        keys = {}
        if "keys" in recorded:
            with _serving(start, options):
                pass  # it has made the database
        for name, scope in recorded.get("keys", {}).items():
            process = start(["key", "create", name, "--scope", scope, *options[:2]])
            with process.stdout as said:
                keys[name] = {"Authorization": f"Bearer {said.read().split()[-1]}"}
            assert process.wait() == 0
        with _serving(start, options) as address:
            for each in recorded["requests"]:
                request = each["request"]
                sent = _as_sent(request, names, keys.get(request.get("key"), {}))
                yield _noted(_ask(address, sent), names, is_test_mode)


def record(command: str) -> None:
    """Write into every file what `command` answers, and what it answered before if that differs."""

    def start(arguments: list[str]) -> Any:
        outputs: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        return subprocess.Popen([command, *arguments], text=True, **outputs)

    for path in recordings():
        recorded = json.loads(path.read_text(encoding="utf-8"))
        for each, answer in zip(recorded["requests"], replay(start, recorded), strict=True):
            before = each.pop("before", each.get("answer", answer))
            each["answer"] = answer
            if before != answer:
                each["before"] = before
            else:
                each.pop("because", None)
        path.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record(sys.argv[1])
