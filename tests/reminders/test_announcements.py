"""When a follow-up is announced: once for each of its times, and not if nothing is to be done."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from leadbook.app import create_app
from leadbook.models import FollowUp
from leadbook.reminders import announcer
from leadbook.reminders.announcer import announce_due
from leadbook.storage import announcements, event_log


def test_time_is_announced_once(client, plan, go_on, announced):
    follow_up = plan(10)
    assert go_on(9) == 0
    assert go_on(1) == 1
    assert [go_on(), go_on(1000)] == [0, 0]
    assert announced() == [follow_up["id"]]
    # The record has not changed.
    answer = client.get(f"/follow-ups/{follow_up['id']}")
    assert (answer.json, answer.headers["ETag"]) == (follow_up, '"1"')


def test_event_says_that_nobody_has_changed_anything(client, plan, go_on, at):
    follow_up = plan(10)
    go_on(12)
    due, created = client.get(f"/follow-ups/{follow_up['id']}/history").json["data"]
    assert (due["type"], due["time"], due["version"]) == ("follow-up.due", at(12), 1)
    assert (due["actor"], due["requestId"], due["changes"]) == (None, None, {})
    # What the record began with is still told.
    assert created["changes"]["subject"] == {"from": None, "to": "Call"}


def test_time_is_announced_once_over_a_restart(path, plan, go_on, clock, announced):
    follow_ups = [plan(10), plan(20)]
    go_on(10)
    app = create_app({"DATABASE": path}, clock)
    with closing(app.extensions["leadbook"]) as database:
        assert announce_due(database) == 0
    assert go_on(10) == 1
    assert announced() == [each["id"] for each in follow_ups]


def test_all_that_came_meanwhile_is_announced_in_order(
    plan, go_on, announced, make_lead, monkeypatch
):
    for module in (announcements, announcer):
        monkeypatch.setattr(module, "MOST", 3)
    lead = make_lead()
    later, sooner = ([plan(m, leadId=lead["id"])["id"] for m in range(n, n + 5)] for n in (20, 10))
    assert go_on(1000) == 10
    assert announced() == sooner + later


def test_time_to_remind_comes_before_the_time_when_it_is_due(plan, go_on, at, announced):
    follow_up = plan(20, remindAt=at(10))
    assert [go_on(9), go_on(1), go_on(100)] == [0, 1, 0]
    assert announced() == [follow_up["id"]]


def test_past_time_is_announced_at_once(plan, go_on):
    plan(-10)
    assert go_on() == 1


@pytest.mark.parametrize("status", ["done", "cancelled"])
def test_nothing_to_do_is_not_announced(client, plan, go_on, status):
    plan(10, status=status)
    ended = plan(10)
    client.put(f"/follow-ups/{ended['id']}", json={"status": status})
    client.delete(f"/follow-ups/{plan(10)['id']}")
    assert go_on(20) == 0
    # It is to be done again.
    client.put(f"/follow-ups/{ended['id']}", json={"status": "open"})
    assert go_on() == 1


def test_put_off_before_its_time_is_announced_at_the_new_one(client, plan, go_on, at):
    path = f"/follow-ups/{plan(10)['id']}"
    client.put(path, json={"dueAt": at(20)})
    assert [go_on(15), go_on(5), go_on(100)] == [0, 1, 0]


def test_put_off_after_its_time_is_announced_again(client, plan, go_on, at, announced):
    follow_up = plan(10)
    path = f"/follow-ups/{follow_up['id']}"
    assert go_on(10) == 1
    client.put(path, json={"subject": "Call again", "dueAt": follow_up["dueAt"]})
    assert go_on(1) == 0
    client.put(path, json={"dueAt": at(20)})
    assert [go_on(8), go_on(1)] == [0, 1]
    assert announced() == [follow_up["id"]] * 2


def test_new_due_time_replaces_a_reminder_that_was_announced(client, plan, go_on, at):
    follow_up = plan(20, remindAt=at(10))
    path = f"/follow-ups/{follow_up['id']}"
    # One that is still to come stays.
    assert client.put(path, json={"dueAt": at(30)}).json["remindAt"] == at(10)
    assert go_on(10) == 1
    # Sent back as it was read, or left out.
    moved = client.put(path, json=follow_up | {"dueAt": at(40)}).json
    assert (moved["remindAt"], moved["dueAt"]) == (None, at(40))
    assert [go_on(29), go_on(1)] == [0, 1]
    again = client.put(path, json={"dueAt": at(60), "remindAt": at(50)}).json
    assert again["remindAt"] == at(50)
    assert [go_on(9), go_on(1), go_on(100)] == [0, 1, 0]


@pytest.mark.parametrize("status", ["done", "cancelled"])
@pytest.mark.parametrize("is_moved_first", [True, False])
def test_used_up_reminder_is_gone_when_a_new_plan_is_made(
    client, plan, go_on, at, status, is_moved_first
):
    path = f"/follow-ups/{plan(20, remindAt=at(10))['id']}"
    assert go_on(10) == 1
    client.put(path, json={"status": status})
    assert go_on(30) == 0
    changes = [{"dueAt": at(200)}, {"status": "open"}]
    for change in changes if is_moved_first else [changes[0] | changes[1]]:
        answer = client.put(path, json=change).json
    assert (answer["remindAt"], answer["dueAt"]) == (None, at(200))
    assert [go_on(), go_on(159), go_on(1), go_on(100)] == [0, 0, 1, 0]


def test_reminder_that_is_past_is_used_up_even_if_nobody_has_announced_it(client, plan, go_on, at):
    path = f"/follow-ups/{plan(20, remindAt=at(-10))['id']}"
    assert client.put(path, json={"dueAt": at(30)}).json["remindAt"] is None
    assert [go_on(29), go_on(1)] == [0, 1]


@pytest.mark.parametrize(
    ("planned", "change"),
    [
        ({}, {"remindAt": 10}),
        ({"remindAt": 10}, {"remindAt": 10}),
        ({"remindAt": 10}, {"dueAt": 10}),
        ({"remindAt": 10}, {"dueAt": 10, "remindAt": None}),
        ({}, {"dueAt": 30, "remindAt": 10}),
    ],
)
def test_same_time_in_another_field_is_not_announced_again(
    client, plan, go_on, at, planned, change
):
    minutes = {"dueAt": 20} if planned else {"dueAt": 10}
    follow_up = plan(0, **{name: at(each) for name, each in (minutes | planned).items()})
    assert go_on(10) == 1
    body = {name: each and at(each) for name, each in change.items()}
    assert client.put(f"/follow-ups/{follow_up['id']}", json=body).status_code == 200
    assert [go_on(), go_on(100)] == [0, 0]


def test_archived_client_is_quiet_until_it_is_restored(client, make_client, plan, go_on, announced):
    customer = make_client()
    told, waiting = (plan(minutes, clientId=customer["id"])["id"] for minutes in (10, 20))
    assert go_on(10) == 1
    client.delete(f"/clients/{customer['id']}")
    assert go_on(20) == 0
    client.post(f"/clients/{customer['id']}/restore")
    assert go_on() == 1
    assert announced() == [told, waiting]


def test_unstored_event_is_announced_later(plan, go_on, announced, monkeypatch):
    follow_up, add, errors = plan(10), event_log.add_of_same, [ZeroDivisionError()]

    def fail_once(*arguments):
        add(*arguments)
        if errors:
            raise errors.pop()

    monkeypatch.setattr(event_log, "add_of_same", fail_once)
    with pytest.raises(ZeroDivisionError):
        go_on(10)
    assert announced() == []
    assert go_on() == 1
    assert announced() == [follow_up["id"]]


def test_several_that_look_at_once_announce_each_once(app, plan, time, announced, make_lead):
    lead = make_lead()["id"]
    planned = [plan(minutes, leadId=lead)["id"] for minutes in range(1, 31)]
    time[0] += 60 * 60_000
    with ThreadPoolExecutor(8) as pool:
        counts = [*pool.map(lambda _: announce_due(app.extensions["leadbook"]), range(8))]
    assert sum(counts) == 30
    assert announced() == planned


def test_next_time_is_read_from_its_index(app, plan):
    plan(10)
    with app.extensions["leadbook"].use() as database:
        rule, seen = FollowUp.announcement, []
        database.connection().set_trace_callback(seen.append)
        announcements.next_time(FollowUp)
        announcements.announce(FollowUp)
        database.connection().set_trace_callback(None)
        reads = [sql for sql in seen if sql.startswith("SELECT") and rule.time in sql]
        assert len(reads) == 2
        for sql in reads:
            plan_of = database.execute_sql(f"EXPLAIN QUERY PLAN {sql}").fetchall()
            assert len(plan_of) == 1
            assert "follow_ups USING INDEX follow_up_reminder" in plan_of[0][-1].replace(
                "COVERING ", ""
            )
