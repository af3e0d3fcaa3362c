"""One line a request, and nothing in it that is somebody's."""

import json
import logging
import re
import subprocess
import sys
import urllib.request
from contextlib import closing

import peewee
import pytest

from leadbook.access.keys import create_key
from leadbook.app import create_app
from leadbook.web.logs import JsonFormatter, TextFormatter


def serve(tmp_path, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "leadbook.cli", "serve", "--port", "0", "--database", str(tmp_path / "leadbook.db"), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def lines_of(tmp_path, *arguments, requests):
    process = serve(tmp_path, *arguments)
    url = re.search(r"http://\S+", process.stdout.readline())[0]
    for method, path, body in requests:
        request = urllib.request.Request(
            url + path, body, {"Content-Type": "application/json"}, method=method
        )
        try:
            urllib.request.urlopen(request, timeout=30).close()
        except urllib.error.HTTPError as error:
            error.close()
    process.terminate()
    _, logged = process.communicate(timeout=30)
    return logged.splitlines()


REQUESTS = [
    ("POST", "/v1/leads", b'{"name": "Secret Name", "email": "secret@engines.test"}'),
    ("GET", "/leads?search=secretword&email=secret@engines.test", None),
    ("GET", "/leads/secret-id", None),
    ("GET", "/secret/path%0Ainjected", None),
    ("POST", "/leads", b'{"secret": 1'),
]


def test_every_request_is_one_line_of_json(tmp_path):
    lines = [json.loads(line) for line in lines_of(tmp_path, requests=REQUESTS)]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("POST", "/leads", 201),
        ("GET", "/leads", 200),
        ("GET", "/leads/<record:id>", 404),
        ("GET", None, 404),
        ("POST", "/leads", 400),
    ]
    for line in lines:
        assert set(line) == {"time", "method", "route", "status", "ms", "requestId", "key"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        assert line["ms"] > 0
    assert "secret" not in json.dumps(lines).lower()


def test_text_is_for_people(tmp_path):
    lines = lines_of(tmp_path, "--log-format", "text", requests=REQUESTS)
    assert len(lines) == len(REQUESTS)
    assert re.fullmatch(r"\S+Z POST /leads 201 [\d.]+ [0-9a-f-]{36}", lines[0])
    assert "secret" not in "".join(lines).lower()


_BROKEN = """
import logging, os
from leadbook.web.logs import write_logs

write_logs("json")
logging.error("%d is no number", "secret")
logging.error("before")
ours, theirs = os.pipe()
os.dup2(theirs, 2)
os.close(ours), os.close(theirs)
logging.error("nobody reads this")
"""


def test_line_that_cannot_be_made_or_written_stops_nothing():
    command = [sys.executable, "-c", _BROKEN]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0
    assert [json.loads(line)["message"] for line in done.stderr.splitlines()] == ["before"]


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_no_value_makes_a_second_line(formatter):
    record = logging.LogRecord(
        "x", logging.ERROR, "x.py", 1, "a\nb\r\u2028\x1b[31m %s", ("c\nd",), None
    )
    assert len(formatter.format(record).splitlines()) == 1
    assert "\x1b" not in formatter.format(record)


@pytest.mark.parametrize(
    ("error", "is_told"),
    [(ValueError("secret@engines.test"), False), (peewee.OperationalError("disk I/O error"), True)],
)
def test_cause_is_told_without_the_words_of_a_caller(error, is_told):
    try:
        raise error
    except type(error):
        record = logging.LogRecord(
            "x", logging.ERROR, "x.py", 1, "Request %s failed.", ("1",), sys.exc_info()
        )
    line = JsonFormatter().format(record)
    assert (str(error) in line) is is_told
    assert "test_logs.py" in line
    assert type(error).__name__ in line


def test_key_is_named_and_not_shown(tmp_path, caplog):
    app = create_app({"DATABASE": tmp_path / "leadbook.db"})
    with closing(app.extensions["leadbook"]) as database:
        with database.use(), database.write():
            token = create_key("robot", "write", None)
        with caplog.at_level(logging.INFO, "leadbook.requests"):
            app.test_client().get("/leads", headers={"Authorization": f"Bearer {token}"})
    [record] = [each for each in caplog.records if each.name == "leadbook.requests"]
    assert record.request["key"] == "robot"
    assert token not in JsonFormatter().format(record)


def test_logging_of_a_host_is_left_alone(tmp_path):
    before = (logging.root.level, list(logging.root.handlers))
    app = create_app({"DATABASE": tmp_path / "leadbook.db"})
    app.test_client().get("/leads")
    app.extensions["leadbook"].close()
    assert (logging.root.level, list(logging.root.handlers)) == before
