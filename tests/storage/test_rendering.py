"""Records are shown as marshmallow and json would show them, byte for byte."""

import json
import subprocess
import sys

import pytest

from leadbook import schemas
from leadbook.bench.fill import RowClock
from leadbook.models import Client, Lead
from leadbook.people.conversion import convert
from leadbook.storage.json_text import encode, encode_plainly
from leadbook.storage.rendering import Shown, show

# What JSON escapes, what it need not, and what encoders like to change.
AWKWARD = [
    'a "quoted" \\ name / <b>&amp;</b>',
    "Łukasz Ængström 漢字 😀 \U0010ffff",
    "line\u2028separator\u2029 \u00a0 \ufeff \u00ad é",
    "%s %d {} ${x} '; DROP TABLE leads; --",
    "null",
    "0",
    "1e5",
    '{"id": 1}',
    "".join(map(chr, range(1, 0x100))),
]


@pytest.fixture
def database(app):
    with app.extensions["leadbook"].use() as database:
        yield database


def assert_shown_as_by_the_schema(record, schema):
    shown = show(type(record), record.id)
    expected = schema.dump(type(record).fetch(record.id))
    text = json.dumps(expected, ensure_ascii=False, separators=(",", ":"))
    assert encode(shown.fields) == encode_plainly(shown.fields) == f"{text}\n".encode()
    # As it was just stored, without another look at the file.
    assert Shown.of(record) == shown
    assert (shown.id, shown.version) == (record.id, record.version)


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_text_in_every_field(database, text):
    fields = dict.fromkeys(("name", "email", "phone", "company", "source"), text)
    fields |= {"notes": f"{text}\n\t{text}\n", "custom": {text: text, "a": 1, "b": 0.5, "c": True}}
    with database.write():
        assert_shown_as_by_the_schema(Lead.create_from(fields | {"score": 100}), schemas.Lead())
        assert_shown_as_by_the_schema(Client.create_from(fields), schemas.Client())


@pytest.mark.parametrize("score", [0, 1, 99, 100])
def test_record_with_nothing_optional(database, score):
    with database.write():
        fields = {"name": "Ada", "email": "ada@engines.test"}
        assert_shown_as_by_the_schema(Lead.create_from(fields | {"score": score}), schemas.Lead())
        assert_shown_as_by_the_schema(Client.create_from(fields), schemas.Client())


def test_links_times_and_versions_of_changed_records(database):
    with database.write():
        lead = Lead.create_from({"name": "Ada", "email": "ada@engines.test"})
        client, _ = convert(lead, Client, {"notes": "x" * 10_000}, "reject")
        client.archive()
        for record, schema in ((lead, schemas.Lead()), (client, schemas.Client())):
            assert record.version == 2
            assert_shown_as_by_the_schema(record, schema)


@pytest.mark.parametrize(
    "time",
    [
        "1970-01-01T00:00:00.000Z",
        "1999-12-31T23:59:59.999Z",
        "2024-02-29T12:00:00.001Z",
        "2038-01-19T03:14:08.500Z",
        "2262-04-11T23:47:16.854Z",
        "9999-12-31T23:59:59.999Z",
    ],
)
def test_every_time_is_kept_to_the_millisecond(database, time):
    clock = RowClock()
    clock.stamp = time
    with database.write(clock):
        lead = Lead.create_from({"name": "Ada", "email": "ada@engines.test"})
        assert_shown_as_by_the_schema(lead, schemas.Lead())
    assert show(Lead, lead.id).fields["createdAt"] == time


def test_pages_show_the_entries_of_each_row(client, make_lead):
    customs = [{}, {"a": 1}, {}, {"a": "]},{", "b": False}]
    for custom in customs:
        make_lead(custom=custom)
    for limit in (1, 3, 4):
        shown = [
            each["custom"] for each in client.get(f"/leads?order=asc&limit={limit}").json["data"]
        ]
        assert shown == customs[:limit]


def test_answers_are_documents_of_the_schemas(client, make_lead):
    made = make_lead(name=AWKWARD[0], notes="a\nb")
    for answer in (client.get(f"/leads/{made['id']}"), client.get("/leads?limit=1")):
        assert answer.content_type == "application/json"
        assert answer.text.endswith("}\n")
    assert client.get("/leads").json["data"] == [made]
    assert list(made) == [field.data_key for field in schemas.Lead().fields.values()]


def test_answers_are_the_same_without_the_compiled_library(make_lead, client):
    make_lead(name=AWKWARD[1], notes="a\nb")
    answer = client.get("/leads")
    script = (
        "import sys; sys.modules['orjson'] = None; from leadbook.storage.json_text import encode;"
        f"sys.stdout.buffer.write(encode({answer.json!r}))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert run.stdout == answer.data
