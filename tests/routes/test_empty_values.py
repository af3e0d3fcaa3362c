"""An empty string in an optional field means null, as forms send it: for every kind of record."""

import pytest
from marshmallow import fields

from leadbook.models import RECORDS, Comment
from leadbook.people.belonging import OfPerson

LINKS = ("leadId", "clientId")
TEXTS = [
    (model, field)
    for model in RECORDS
    for field in model.new().fields.values()
    if isinstance(field, fields.String)
]
OPTIONAL = [(model, str(field.data_key)) for model, field in TEXTS if field.allow_none]
REQUIRED = [(model, str(field.data_key)) for model, field in TEXTS if field.required]


def named(cases):
    return [f"{model.__name__}-{name}" for model, name in cases]


@pytest.fixture
def place(client, model):
    """Where new records of the kind go."""
    if model is Comment:
        return f"/tickets/{client.post('/tickets', json={'subject': 'Stops'}).json['id']}/comments"
    return model.path_of({"id": ""}).rstrip("/")


@pytest.fixture
def body(model, name, make_lead, make_client):
    """An example of a new record, whose person exists and is not in the field that is empty."""
    found = dict(model.new.as_example())
    if OfPerson in model.__mro__:
        found |= dict.fromkeys(LINKS)
        if name == "leadId":
            found["clientId"] = make_client()["id"]
        else:
            found["leadId"] = make_lead()["id"]
    return found


def test_there_are_optional_fields_of_every_kind():
    assert {model for model, _ in OPTIONAL} == set(RECORDS)
    assert {*LINKS, "requesterEmail", "remindAt", "author"} <= {name for _, name in OPTIONAL}


@pytest.mark.parametrize("value", ["", " \t ", "\u200b"])
@pytest.mark.parametrize(("model", "name"), OPTIONAL, ids=named(OPTIONAL))
def test_empty_string_is_null(client, name, place, body, value):
    created = client.post(place, json=body | {name: value})
    assert created.status_code == 201, created.json
    assert created.json[name] is None
    path = f"{place}/{created.json['id']}"
    if name in body:
        client.put(path, json={name: body[name]})
    changed = client.put(path, json={name: value})
    assert changed.status_code == 200, changed.json
    assert changed.json[name] is None


@pytest.mark.parametrize("value", ["", " \t ", "\u200b"])
@pytest.mark.parametrize(("model", "name"), REQUIRED, ids=named(REQUIRED))
def test_required_string_is_not_empty(client, name, place, body, value):
    refused = client.post(place, json=body | {name: value})
    assert refused.status_code == 400
    assert [each["field"] for each in refused.json["error"]["details"]] == [name]
