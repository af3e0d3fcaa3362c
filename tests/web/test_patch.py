"""PATCH: what PUT does, also with a merge patch."""

import json

import pytest

MERGE_PATCH = "application/merge-patch+json"
TYPES = "application/json, application/merge-patch+json"


@pytest.fixture
def place(kind, make):
    record = make(phone="1", notes="kept")
    return f"/{kind}/{record['id']}"


def patch(client, place, body, media_type=MERGE_PATCH, **headers):
    data = body if isinstance(body, str) else json.dumps(body)
    return client.patch(place, data=data, content_type=media_type, headers=headers)


@pytest.mark.parametrize("media_type", ["application/json", MERGE_PATCH, f"{MERGE_PATCH};q=1"])
@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_patch_changes_the_fields_in_the_body(client, place, media_type, prefix):
    answer = patch(client, prefix + place, {"phone": None, "company": "ACME"}, media_type)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert answer.json == client.get(place).json
    assert (answer.json["phone"], answer.json["company"]) == (None, "ACME")
    assert answer.json["notes"] == "kept"
    assert patch(client, place, answer.json, media_type).json == answer.json


def test_patch_and_put_answer_the_same(client, kind, make):
    bodies = [
        {}, {"name": "B"}, {"name": None}, {"name": ""}, {"nmae": "x"}, {"email": "x"},
        {"version": 9, "id": "x"}, [], "x", 7, None, [{"op": "remove", "path": "/phone"}],
        '{"a": 1, "a": 2}', "{", "", "NaN", {"notes": "a\0"},
    ]  # fmt: skip
    for body in bodies:
        answers = []
        for method in ("PUT", "PATCH"):
            record = make(phone="1")
            data = body if isinstance(body, str) else json.dumps(body)
            answer = client.open(
                f"/{kind}/{record['id']}", method=method, data=data, content_type="application/json"
            )
            shown = {"name", "phone", "version"}
            told = answer.json.get("error") or {name: answer.json[name] for name in shown}
            told.pop("requestId", None)
            answers.append((answer.status_code, told))
        assert answers[0] == answers[1], body


def test_if_match_holds_for_patch(client, place):
    assert patch(client, place, {"phone": "2"}, **{"If-Match": '"7"'}).status_code == 412
    assert patch(client, place, {"phone": "2"}, **{"If-Match": '"1"'}).status_code == 200
    assert patch(client, place, {"phone": "3"}, **{"If-Match": '"1"'}).status_code == 412
    assert client.get(place).json["phone"] == "2"


def test_rules_hold_for_patch(client, make_lead, make_client):
    lead, first, second = make_lead(), make_client(), make_client()
    client.post(f"/leads/{lead['id']}/convert", json={"email": "other@a.test"})
    answer = patch(client, f"/leads/{lead['id']}", {"status": "lost"})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "LEAD_CONVERTED")
    answer = patch(client, f"/clients/{second['id']}", {"email": first["email"]})
    assert answer.json["error"]["details"][0]["existingId"] == first["id"]
    client.delete(f"/clients/{first['id']}")
    answer = patch(client, f"/clients/{first['id']}", {"name": "B"})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "CLIENT_ARCHIVED")
    assert patch(client, "/leads/nobody", {}).status_code == 404


@pytest.mark.parametrize(
    "media_type", ["application/json-patch+json", "text/plain", "application/xml", "", "*/*"]
)
def test_other_media_types_are_refused_with_what_to_send(client, place, media_type):
    answer = patch(client, place, [{"op": "remove", "path": "/phone"}], media_type)
    assert (answer.status_code, answer.json["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    wanted = "The Content-Type must be application/json or application/merge-patch+json."
    assert answer.json["error"]["message"].startswith(wanted)
    assert answer.headers["Accept-Patch"] == TYPES
    assert client.get(place).json["phone"] == "1"


def test_merge_patch_is_only_for_patch(client, place, kind):
    answer = client.put(place, data="{}", content_type=MERGE_PATCH)
    assert answer.status_code == 415
    assert "Accept-Patch" not in answer.headers
    assert client.post(f"/{kind}", data="{}", content_type=MERGE_PATCH).status_code == 415


def test_options_name_what_patch_accepts(client, place, kind):
    answer = client.options(place)
    assert "PATCH" in answer.headers["Allow"]
    assert answer.headers["Accept-Patch"] == TYPES
    assert "Accept-Patch" not in client.options(f"/{kind}").headers
    assert "PATCH" in client.post(place).headers["Allow"]
    answer = client.patch(f"/{kind}", json={})
    assert (answer.status_code, "Accept-Patch" in answer.headers) == (405, False)


def test_patch_is_in_the_document_with_its_own_name(client, kind):
    path = client.get("/openapi.json").json["paths"][f"/{kind}/{{id}}"]
    one = kind.removesuffix("s").title()
    assert path["patch"]["operationId"] == f"patch{one}"
    assert path["put"]["operationId"] == f"update{one}"
    assert set(path["patch"]["requestBody"]["content"]) == set(TYPES.split(", "))
    assert set(path["put"]["requestBody"]["content"]) == {"application/json"}
    assert path["patch"]["responses"].keys() == path["put"]["responses"].keys()
    assert path["patch"]["parameters"] == path["put"]["parameters"]
