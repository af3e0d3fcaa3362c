"""An unknown field or parameter that is nearly a known one says so."""

import json

import pytest

from leadbook.testing import running_server

LEAD = {"name": "Ada", "email": "ada@engines.test"}
UNKNOWN = "Unknown field."


def said(answer):
    assert answer.status_code == 400, answer.json
    return {each["field"]: each["message"] for each in answer.json["error"]["details"]}


def meant(name):
    return f"Unknown field; did you mean `{name}`?" if name else UNKNOWN


@pytest.mark.parametrize("path", ["/leads", "/clients"])
@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("emial", "email"), ("nmae", "name"), ("Email", "email"), ("EMAIL", "email"),
        ("e-mail", "email"), ("e_mail", "email"), ("mail", "email"), ("emails", "email"),
        ("compnay", "company"), ("Company ", "company"), ("sorce", "source"), ("note", "notes"),
        ("phon", "phone"), ("created_at", "createdAt"), ("UpdatedAt", "updatedAt"),
        ("client_id", "clientId"), ("versoin", "version"),
        ("foo", None), ("x", None), ("", None), ("_", None), ("é", None), ("\ud800", None),
        ("owner", None), ("address", None), ("email" * 3, None), ("constructor", None),
    ],
)  # fmt: skip
def test_field_of_a_record(client, path, wrong, right):
    # json.dumps escapes what is not ASCII: so lone surrogates can be sent.
    body = json.dumps(LEAD | {wrong: "x"})
    answer = client.post(path, data=body, content_type="application/json")
    assert list(said(answer).values()) == [meant(right)]


def test_field_of_a_change_and_of_a_conversion(client, make_lead):
    place = f"/leads/{make_lead()['id']}"
    assert said(client.put(place, json={"Score": 5})) == {"Score": meant("score")}
    assert said(client.put(place, json={"stauts": "won"})) == {"stauts": meant("status")}
    assert said(client.post(f"{place}/convert", json={"phome": "1"})) == {"phome": meant("phone")}
    # A client has no score.
    assert said(client.post("/clients", json=LEAD | {"score": 5})) == {"score": UNKNOWN}


@pytest.mark.parametrize("path", ["/leads/batch", "/clients/batch"])
def test_field_within_a_batch(client, path):
    body = {
        "creates": [],
        "create": [LEAD, LEAD | {"emial": "x", "foo": 1}],
        "update": [{"ID": "x", "id": "y", "nmae": "Ada"}],
        "delete": [{"id": "x", "verison": 1}],
    }
    assert said(client.post(path, json=body)) == {
        "creates": meant("create"),
        "create[1].emial": meant("email"),
        "create[1].foo": UNKNOWN,
        "update[0].ID": meant("id"),
        "update[0].nmae": meant("name"),
        "delete[0].verison": meant("version"),
    }


@pytest.mark.parametrize(
    ("path", "wrong", "right"),
    [
        ("/leads", "limt", "limit"),
        ("/leads", "Page", "page"),
        ("/leads", "created_since", "createdSince"),
        ("/leads", "updatedsince", "updatedSince"),
        ("/leads", "serach", "search"),
        ("/leads", "perPage", None),
        ("/clients", "sortt", "sort"),
        ("/leads/export", "fromat", "format"),
        ("/clients/export", "emial", "email"),
        ("/health", "limit", None),
    ],
)
def test_parameter_of_a_query(client, path, wrong, right):
    assert said(client.get(path, query_string={wrong: "1"})) == {wrong: meant(right)}


@pytest.mark.parametrize(
    ("method", "path", "wrong", "right"),
    [
        ("post", "/leads?on_duplicate=skip", "on_duplicate", "onDuplicate"),
        ("post", "/leads/import?dryrun=true", "dryrun", "dryRun"),
        ("post", "/leads/import?from_line=2", "from_line", "fromLine"),
        ("delete", "/clients/x?permanant=true", "permanant", "permanent"),
        ("post", "/leads/x/convert?onduplicate=link", "onduplicate", "onDuplicate"),
    ],
)
def test_parameter_of_a_write(client, method, path, wrong, right):
    kind = "text/csv" if "import" in path else "application/json"
    body = {} if method == "delete" else {"data": json.dumps(LEAD), "content_type": kind}
    assert said(getattr(client, method)(path, **body)) == {wrong: meant(right)}


def test_field_of_a_call_of_test_mode():
    with running_server() as leadbook:
        client = leadbook.client
        for path, body, wrong, right in (
            ("/_test/faults", {"stauts": 503}, "stauts", "status"),
            ("/_test/faults", {"delay_ms": 5}, "delay_ms", "delayMs"),
            ("/_test/seed", {"lead": 5}, "lead", "leads"),
        ):
            assert said(client.post(path, json=body)) == {wrong: meant(right)}
        assert said(client.get("/_test/requests?methd=GET")) == {"methd": meant("method")}


def test_nearest_of_several_is_the_same_every_time(client):
    body = LEAD | {"sourec": 1, "scroe": 2, "emaill": 3}
    answers = {json.dumps(said(client.post("/leads", json=body))) for _ in range(3)}
    assert answers == {
        json.dumps({"emaill": meant("email"), "scroe": meant("score"), "sourec": meant("source")})
    }


def test_known_names_are_compared_for_shown_details_only(client, monkeypatch):
    compared = []

    def compare(name, names, **_):
        compared.append(name)
        return []

    monkeypatch.setattr("leadbook.web.details.get_close_matches", compare)
    names = [f"{'emial' * 2000}{number}" for number in range(700)]
    body = {"create": [LEAD | dict.fromkeys(names, 1)]}
    details = said(client.post("/leads/batch", json=body))
    assert len(details) == 100
    # A long name is not even compared.
    assert compared == []
    body = {"create": [LEAD | {f"emial{number}": 1} for number in range(500)]}
    assert len(said(client.post("/leads/batch", json=body))) == 100
    assert len(compared) <= 101
