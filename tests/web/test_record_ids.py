"""The names of calls are no ids: they follow from the routes."""

import re

import pytest

from leadbook.web.api import record_id


@pytest.fixture
def calls(app):
    """The paths of calls beside `<record:id>`, such as /leads/batch, with their methods."""
    methods = {}
    for rule in app.url_map.iter_rules():
        methods.setdefault(rule.rule, set()).update(rule.methods)
    return {
        path: allowed
        for path, allowed in methods.items()
        if f"{path.rpartition('/')[0]}/<record:id>" in methods and "<" not in path
    }


def test_name_of_a_call_is_a_405_and_no_id(client, calls):
    assert {"/leads/batch", "/follow-ups/calendar.ics", "/tickets/export"} <= calls.keys()
    for path, allowed in calls.items():
        answer = client.put(path, json={})
        assert answer.status_code == 405, path
        assert set(answer.headers["Allow"].split(", ")) == allowed


def test_name_of_a_call_is_no_id_of_another_kind(client, calls):
    for kind in ("leads", "clients", "follow-ups", "tickets", "webhooks"):
        for name in {path.rpartition("/")[2] for path in calls}:
            if f"/{kind}/{name}" not in calls:
                answer = client.get(f"/{kind}/{name}")
                assert answer.status_code == 404
                assert "at this path" in answer.json["error"]["message"]


def test_ids_are_all_other_texts():
    converter = record_id({"/notes", "/notes/<record:id>", "/notes/a.b", "/other/c"})
    texts = ("a.b", "a.bc", "axb", "c", "notes", "a/b", "")
    found = [text for text in texts if re.fullmatch(converter.regex, text)]
    assert found == ["a.bc", "axb", "c", "notes"]
