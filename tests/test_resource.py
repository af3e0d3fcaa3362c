"""A resource takes a model, a schema, a migration, a file of routes and one line: notes/ has one.

These are added to a copy of the source, which is then used as it is.
"""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from places import ROOT, TESTS

from server import Server

NOTES = TESTS / "notes"
LEFT_OUT = shutil.ignore_patterns(
    ".*", "tests", "bench", "docs", "data", "build", "dist", "*.egg-info", "__pycache__"
)
MOODS = ("calm", "glad", "grim")
PEOPLE = ["Ada", "Björn", "Carmen", "Dagny", "Elif"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("resource")
    package = folder / "leadbook"
    shutil.copytree(ROOT, package, ignore=LEFT_OUT)
    for name in ("models.py", "schemas.py"):
        with (package / name).open("a", encoding="utf-8") as file:
            file.write((NOTES / name).read_text(encoding="utf-8"))
    shutil.copy(NOTES / "routes.py", package / "routes" / "notes.py")
    scripts = package / "storage" / "sqlite" / "migrations"
    number = max(int(each.name[:4]) for each in scripts.glob("0*.py")) + 1
    shutil.copy(NOTES / "migration.py", scripts / f"{number:04}_notes.py")
    register = package / "routes" / "__init__.py"
    line = "from leadbook.routes import notes; BLUEPRINTS += (notes.blueprint,)"
    register.write_text(
        re.sub(r"^(BLUEPRINTS = .*)$", rf"\1\n{line}", register.read_text(), flags=re.MULTILINE)
    )
    return folder


def run(folder, *arguments, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "leadbook.cli", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def serving(folder):
    with pytest.MonkeyPatch.context() as patch:
        # A module is looked for in the working directory first.
        patch.chdir(folder)
        server = Server("--test-mode", is_new=True)
    with server.process.stdout:
        yield server
        assert server.stop() == 0


@pytest.fixture
def server(serving):
    assert serving.request("POST", "/_test/reset")[0] == 204
    return serving


@pytest.fixture
def note(server):
    _, note = server.request("POST", "/notes", {"subject": "Call Ada", "text": "Engines"})
    return note


@pytest.fixture
def notes(server):
    for number, name in enumerate(PEOPLE):
        body = {"subject": f"Call {name}", "flag": number % 2 == 0, "rankBy": number - 2}
        body |= {"text": f"Number {number}.", "mood": MOODS[number % 3]}
        assert server.request("POST", "/notes", body)[0] == 201


def subjects(server, query=""):
    status, page = server.request("GET", f"/notes?limit=2&{query}")
    assert status == 200, page
    found = [each["subject"].removeprefix("Call ") for each in page["data"]]
    while following := page["pagination"]["next"]:
        _, page = server.request("GET", f"/notes?limit=2&cursor={quote(following)}")
        found += [each["subject"].removeprefix("Call ") for each in page["data"]]
    assert page["pagination"]["total"] == len(found)
    return found


def test_note_is_created_and_read(server, note):
    assert list(note) == [
        "id",
        "version",
        "createdAt",
        "updatedAt",
        "subject",
        "text",
        "flag",
        "rankBy",
        "mood",
    ]
    assert (note["text"], note["flag"], note["version"]) == ("Engines", False, 1)
    assert server.request("GET", f"/notes/{note['id']}") == (200, note)
    unchanged = {"If-None-Match": '"1"'}
    assert server.request("GET", f"/notes/{note['id']}", None, unchanged) == (304, None)


def test_wrong_note_is_refused(server):
    status, answer = server.request(
        "POST", "/notes", {"text": "x", "flag": "yes", "email": "a@b.c"}
    )
    assert status == 400
    assert {each["field"] for each in answer["error"]["details"]} == {"subject", "flag", "email"}


def test_note_is_changed_in_the_version_that_was_read(server, note):
    place, seen = f"/notes/{note['id']}", {"If-Match": '"1"'}
    status, changed = server.request("PUT", place, {"flag": True}, seen)
    assert (status, changed["flag"], changed["version"]) == (200, True, 2)
    assert server.request("PUT", place, {"flag": False}, seen)[0] == 412
    assert server.request("PUT", place, changed) == (200, changed)


@pytest.mark.usefixtures("notes")
def test_notes_are_listed_sorted_filtered_and_found(server):
    assert subjects(server) == PEOPLE[::-1]
    assert subjects(server, "sort=subject&order=asc") == PEOPLE
    assert subjects(server, "flag=true&order=asc") == PEOPLE[::2]
    assert subjects(server, "flag=false") == ["Dagny", "Björn"]
    assert subjects(server, "search=number+call+BJÖ".replace("Ö", "%C3%96")) == ["Björn"]
    assert subjects(server, "search=1&flag=false") == ["Björn"]
    assert subjects(server, "search=1&flag=true") == []
    assert subjects(server, "rankBy=2") == ["Elif"]
    _, page = server.request("GET", "/notes?limit=2&page=2")
    assert [each["subject"] for each in page["data"]] == ["Call Carmen", "Call Björn"]
    assert page["pagination"]["total"] == len(PEOPLE)
    assert subjects(server, "rankBy=-2") == ["Ada"]
    assert subjects(server, "rankByMin=1&sort=subject") == ["Elif", "Dagny"]
    assert subjects(server, "rankByMin=-1&flag=false") == ["Dagny", "Björn"]
    assert subjects(server, "mood=glad,calm") == ["Elif", "Dagny", "Björn", "Ada"]
    assert subjects(server, "mood=grim&mood=glad&order=asc&flag=true") == ["Carmen", "Elif"]
    assert subjects(server, "text=NUMBER+3.") == ["Dagny"]
    assert subjects(server, "createdBefore=2020-01-01T00:00:00Z") == []
    for wrong in (
        "flag=yes", "sort=flag", "status=new", "email=a@b.c", "mood=sad", "mood=all", "rankBy=x",
        f"rankByMin={2**63}", "flag=true&flag=false",
    ):  # fmt: skip
        assert server.request("GET", f"/notes?{wrong}")[0] == 400


def test_retry_with_its_key_makes_no_second_note(server):
    attempts = [
        server.request("POST", "/notes", {"subject": "Once"}, {"Idempotency-Key": "once"})
        for _ in range(2)
    ]
    assert attempts[0] == attempts[1]
    assert subjects(server) == ["Once"]


def test_erased_note_leaves_nothing_to_replay(server):
    key = {"Idempotency-Key": "gone"}
    _, note = server.request("POST", "/notes", {"subject": "Gone"}, key)
    assert server.request("DELETE", f"/notes/{note['id']}") == (204, None)
    assert server.request("GET", f"/notes/{note['id']}")[0] == 404
    assert server.request("POST", "/notes", {"subject": "Gone"}, key)[0] == 410
    assert subjects(server, "search=gone") == []


@pytest.mark.usefixtures("notes")
def test_links_tags_and_patches_follow_from_the_resource(server, note):
    with urllib.request.urlopen(f"{server.url}/notes?flag=true&limit=1", timeout=30) as answer:
        tag, link = answer.headers["ETag"], answer.headers["Link"]
    assert [each in link for each in ('rel="next"', 'rel="first"', 'rel="last"')] == [True] * 3
    cursor = re.search(r"cursor=([^>]*)", link)[1]
    with urllib.request.urlopen(f"{server.url}/notes?limit=1&cursor={cursor}", timeout=30) as it:
        # The parameters of the list come from its cursor.
        assert "flag=true&" in it.headers["Link"]
    assert server.request("GET", "/notes", None, {"If-None-Match": tag})[0] == 304
    assert server.request("PATCH", f"/notes/{note['id']}", {"text": "x"})[1]["text"] == "x"
    assert server.request("GET", "/notes", None, {"If-None-Match": tag})[0] == 200


def test_batch_is_done_whole_or_not_at_all(server, note):
    new = {"subject": "New", "flag": True}
    batch = {"create": [new], "update": [{"id": note["id"], "version": 1, "text": None}]}
    status, answer = server.request("POST", "/notes/batch", batch)
    assert (status, answer["updated"]) == (200, [note["id"]])
    stale = {"create": [new], "delete": [{"id": note["id"], "version": 1}]}
    assert server.request("POST", "/notes/batch", stale)[0] == 412
    assert subjects(server, "sort=subject&order=asc") == ["Ada", "New"]


@pytest.mark.usefixtures("notes")
@pytest.mark.parametrize(
    ("media_type", "format"), [("text/csv", "csv"), ("application/x-ndjson", "jsonl")]
)
def test_export_of_notes_can_be_imported(server, media_type, format):
    file = read(server, f"/notes/export?format={format}")
    server.request("POST", "/_test/reset")
    assert send(server, "/notes/import", file, media_type)["created"] == len(PEOPLE)
    assert read(server, f"/notes/export?format={format}") == file
    again = send(server, "/notes/import?onDuplicate=skip", file, media_type)
    assert (again["skipped"], again["rejected"]) == (len(PEOPLE), 0)
    again = send(server, "/notes/import?onDuplicate=update", file, media_type)
    assert (again["updated"], again["rejected"]) == (len(PEOPLE), 0)
    assert read(server, f"/notes/export?format={format}") == file


def test_notes_of_another_tool_are_imported(server):
    file = b"Subject,Flag,Rank By,Colour\r\nCall Fay,true,-7,red\r\n"
    report = send(server, "/notes/import", file, "text/csv")
    fields = {"subject": ["Subject"], "flag": ["Flag"], "rankBy": ["Rank By"]}
    assert report["columns"] == fields
    assert (report["created"], report["leftOut"]) == (1, ["Colour"])
    assert subjects(server, "search=fay&flag=true") == ["Fay"]
    _, page = server.request("GET", "/notes")
    assert (page["data"][0]["rankBy"], page["data"][0]["text"]) == (-7, None)


@pytest.mark.usefixtures("notes")
def test_reset_of_test_mode_leaves_no_note(server):
    assert server.request("PUT", "/_test/snapshots/five")[0] == 204
    assert server.request("POST", "/_test/reset") == (204, None)
    assert subjects(server) == []
    assert server.request("POST", "/_test/snapshots/five/restore")[0] == 204
    assert subjects(server) == PEOPLE[::-1]


def test_document_shows_notes_with_valid_examples(server):
    _, document = server.request("GET", "/openapi.json")
    found = {
        operation["operationId"]: (method, path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method != "parameters" and path.startswith("/notes")
    }
    assert len(found) == 9
    for method, path in found.values():
        operation = document["paths"][path][method]
        messages = [
            operation["responses"][each]
            for each in ("200", "201")
            if each in operation["responses"]
        ]
        messages += [operation["requestBody"]] if "requestBody" in operation else []
        for content in (each for message in messages for each in message["content"].values()):
            schema = content["schema"] | {"components": document["components"]}
            Draft202012Validator(schema).validate(content["example"])
    example = document["paths"]["/notes"]["post"]["requestBody"]["content"]["application/json"][
        "example"
    ]
    assert server.request("POST", "/notes", example)[0] == 201
    flag = next(
        each for each in document["paths"]["/notes"]["get"]["parameters"] if each["name"] == "flag"
    )
    assert flag["description"] == "Only notes with this flag."


def test_check_finds_and_mends_what_is_derived_of_notes(folder, tmp_path):
    database, file = tmp_path / "notes.db", tmp_path / "notes.csv"
    file.write_text("subject,text,flag\nCall Ada,Engines,true\n")
    run(folder, "import", "notes", str(file), "--database", str(database))
    assert "Call Ada" in run(folder, "export", "notes", "--database", str(database))
    filters = ("--flag", "true", "--rank-by-min", "-1", "--mood", "calm", "--mood", "grim")
    assert "Call Ada" in run(folder, "export", "notes", *filters, "--database", str(database))
    filters = ("--text", "ENGINES", "--mood", "glad,grim")
    assert "Ada" not in run(folder, "export", "notes", *filters, "--database", str(database))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE notes SET subject_key = 'x'")
        connection.execute("UPDATE note_counts SET count = 9")
    faults = ("the comparison keys of notes: 1 wrong", "the counts of notes: 1 wrong")
    said = run(folder, "check", "--database", str(database), code=1)
    assert all(each in said for each in faults)
    run(folder, "check", "--repair", "--database", str(database))
    run(folder, "check", "--database", str(database))


def test_older_file_gets_the_table(folder, tmp_path):
    for version in (1, 5):
        database = tmp_path / f"{version}.db"
        shutil.copy(TESTS / "databases" / f"version-{version}.db", database)
        assert run(folder, "export", "notes", "--database", str(database)).startswith("id,")
        run(folder, "check", "--database", str(database))


def read(server, path):
    with urllib.request.urlopen(server.url + path, timeout=30) as answer:
        return answer.read()


def send(server, path, file, media_type):
    request = urllib.request.Request(server.url + path, file, {"Content-Type": media_type})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())
