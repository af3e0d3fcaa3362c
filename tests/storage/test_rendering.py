"""What SQLite writes as JSON is what the schemas would."""

import json

import pytest

from leadbook import schemas
from leadbook.bench.fill import RowClock
from leadbook.models import Client, Lead
from leadbook.storage.rendering import show

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
]


@pytest.fixture
def database(app):
    with app.extensions["leadbook"].use() as database:
        yield database


def assert_shown_as_by_the_schema(record, schema):
    shown = show(type(record), record.id)
    expected = schema.dump(type(record).fetch(record.id))
    assert list(json.loads(shown.json).items()) == list(expected.items())
    assert (shown.id, shown.version) == (record.id, record.version)
    assert shown.json.isprintable() or not record.name.isprintable()


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_text_in_every_field(database, text):
    fields = dict.fromkeys(("name", "email", "phone", "company", "source"), text)
    fields |= {"notes": f"{text}\n\t{text}\n"}
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
        client, _ = lead.convert({"notes": "x" * 10_000}, "reject")
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
    assert json.loads(show(Lead, lead.id).json)["createdAt"] == time


def test_answers_are_documents_of_the_schemas(client, make_lead):
    made = make_lead(name=AWKWARD[0], notes="a\nb")
    for answer in (client.get(f"/leads/{made['id']}"), client.get("/leads?limit=1")):
        assert answer.content_type == "application/json"
        assert answer.text.endswith("}\n")
    assert client.get("/leads").json["data"] == [made]
    assert list(made) == [field.data_key for field in schemas.Lead().fields.values()]
