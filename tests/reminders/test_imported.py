"""A file announces only times to come: its history must not send old reminders."""

import json


def lines(*records):
    return "".join(json.dumps(each) + "\n" for each in records)


def take(client, text, **query):
    answer = client.post(
        "/follow-ups/import", data=text, content_type="application/x-ndjson", query_string=query
    )
    assert answer.status_code == 200, answer.json
    return answer.json


def test_import_announces_only_times_to_come(client, make_lead, go_on, at):
    lead = make_lead()["id"]
    rows = [
        {"leadId": lead, "subject": "Past", "dueAt": at(-10)},
        {"leadId": lead, "subject": "To come", "dueAt": at(10)},
        {"leadId": lead, "subject": "Reminded", "dueAt": at(10), "remindAt": at(-5)},
        {"leadId": lead, "subject": "Remind", "dueAt": at(-10), "remindAt": at(10)},
    ]
    assert take(client, lines(*rows))["created"] == 4
    assert go_on() == 0
    assert go_on(10) == 2
    events = client.get("/events?type=follow-up.due").json["data"]
    assert [each["record"]["subject"] for each in events] == ["To come", "Remind"]


def test_import_that_updates_announces_only_times_to_come(client, plan, go_on, at):
    past, coming, same = plan(10), plan(20), plan(30)
    new = [past | {"dueAt": at(-10)}, coming | {"dueAt": at(40)}, same]
    take(client, lines(*new), onDuplicate="update")
    assert [go_on(29), go_on(1), go_on(10)] == [0, 1, 1]
    # A time that has come by now, though nobody has announced it, is in the file as it was.
    waiting = plan(50)
    updated = take(client, lines(waiting | {"subject": "Mail"}), onDuplicate="update")
    assert updated["updated"] == 1
    assert go_on(20) == 1
