"""What is sent to a webhook, in which order, and what becomes of a try; on the clock of a test."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from receivers import OK
from standardwebhooks import Webhook, WebhookVerificationError

from leadbook.testing import running_server
from leadbook.webhooks.retries import DELAYS
from leadbook.webhooks.signing import make_secret

GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"


def failing(status=503, more=""):
    return f"HTTP/1.1 {status} No\r\n{more}Content-Length: 2\r\n\r\nno".encode()


class Answers:
    """Answers each request as told, and then with OK."""

    def __init__(self, *told):
        self.told = list(told)

    def __call__(self, connection, _):
        connection.sendall(self.told.pop(0) if self.told else OK)


@pytest.fixture
def subscribe(leadbook, receive):
    """Make a webhook for a receiver that answers as told; return both."""

    def subscribe(*told, events=("lead.*", "client.*"), **fields):
        receiver = receive(Answers(*told))
        new = {"url": f"http://127.0.0.1:{receiver.port}/hook", "events": [*events]} | fields
        answer = leadbook.client.post("/webhooks", json=new)
        assert answer.status_code == 201, answer.json
        return answer.json, receiver

    return subscribe


def call(leadbook, method, path, body=None, status=200):
    answer = leadbook.client.open(path, method=method, json=body)
    assert answer.status_code == status, answer.json
    return answer.json


def deliveries(leadbook, webhook):
    return call(leadbook, "GET", f"/webhooks/{webhook['id']}/deliveries")


def messages(receiver):
    return [json.loads(body) for _, _, body in receiver.requests]


def ids(receiver):
    return [headers["webhook-id"] for _, headers, _ in receiver.requests]


def test_events_arrive_in_order_with_their_records(leadbook, subscribe):
    _, receiver = subscribe()
    lead = leadbook.add_lead(name="Ada")
    path = f"/leads/{lead['id']}"
    call(leadbook, "PUT", path, {"score": 5})
    client = call(leadbook, "POST", f"{path}/convert", status=201)
    call(leadbook, "DELETE", f"/clients/{client['id']}?permanent=true", status=204)
    tries = leadbook.deliver_webhooks()
    assert leadbook.deliver_webhooks() == []
    [feed] = [call(leadbook, "GET", "/events")["data"]]
    sent = messages(receiver)
    assert [
        message["data"]["event"] | {"record": message["data"]["record"]} for message in sent
    ] == feed
    assert [(message["type"], message["timestamp"]) for message in sent] == [
        (event["type"], event["time"]) for event in feed
    ]
    assert [each["number"] for each in tries] == [event["number"] for event in feed]
    assert messages(receiver)[-1]["data"]["record"] is None
    assert len(set(ids(receiver))) == len(feed)


def test_request_is_that_of_the_specification(leadbook, subscribe):
    webhook, receiver = subscribe()
    leadbook.clock.set(datetime.now(UTC))
    leadbook.add_lead()
    leadbook.deliver_webhooks()
    [(line, headers, body)] = receiver.requests
    assert line == "POST /hook HTTP/1.1"
    assert headers["content-type"] == "application/json"
    assert Webhook(webhook["secret"]).verify(body, headers)["type"] == "lead.created"
    with pytest.raises(WebhookVerificationError):
        Webhook(make_secret()).verify(body, headers)


def test_only_wanted_types_arrive(leadbook, subscribe):
    _, clients = subscribe(events=["client.archived"])
    _, leads = subscribe(events=["lead.*"])
    client = leadbook.add_client()
    leadbook.add_lead()
    call(leadbook, "DELETE", f"/clients/{client['id']}")
    leadbook.deliver_webhooks()
    assert [message["type"] for message in messages(clients)] == ["client.archived"]
    assert [message["type"] for message in messages(leads)] == ["lead.created"]


def test_nothing_before_the_webhook_arrives(leadbook, subscribe):
    leadbook.add_lead()
    _, receiver = subscribe()
    assert leadbook.deliver_webhooks() == []
    leadbook.add_lead()
    assert len(leadbook.deliver_webhooks()) == len(receiver.requests) == 1


def test_failed_event_is_tried_again_before_the_next_ones(leadbook, subscribe):
    webhook, receiver = subscribe(failing(), failing(500))
    leadbook.add_lead()
    leadbook.add_lead()
    [first] = leadbook.deliver_webhooks()
    assert (first["status"], first["answer"], first["error"]) == (503, "no", None)
    assert leadbook.deliver_webhooks() == []
    leadbook.clock.advance("6s")
    [second] = leadbook.deliver_webhooks()
    leadbook.clock.advance("2m")
    third, fourth = leadbook.deliver_webhooks()
    assert [each["status"] for each in (first, second, third, fourth)] == [503, 500, 200, 200]
    assert [each["number"] for each in (first, second, third, fourth)] == [1, 1, 1, 2]
    assert ids(receiver)[0] == ids(receiver)[1] == ids(receiver)[2] != ids(receiver)[3]
    shown = deliveries(leadbook, webhook)
    assert shown["data"] == [fourth, third, second, first]
    assert (shown["after"], shown["failures"], shown["nextTry"]) == (2, 0, None)


def test_tries_are_after_the_documented_delays_and_the_tenth_is_the_last(leadbook, subscribe):
    webhook, receiver = subscribe(*[failing()] * 10)
    leadbook.add_lead()
    for number, delay in enumerate(DELAYS, 1):
        [failed] = leadbook.deliver_webhooks()
        waits = moment(failed["nextTry"]) - moment(failed["time"])
        assert 0.9 * delay <= waits <= 1.1 * delay
        shown = deliveries(leadbook, webhook)
        assert (shown["failures"], shown["nextTry"]) == (number, failed["nextTry"])
        leadbook.clock.set(moment(failed["nextTry"]) - timedelta(milliseconds=1))
        assert leadbook.deliver_webhooks() == []
        leadbook.clock.advance(timedelta(milliseconds=1))
    [last] = leadbook.deliver_webhooks()
    assert last["nextTry"] is None
    off = call(leadbook, "GET", f"/webhooks/{webhook['id']}")
    assert (off["active"], off["version"]) == (False, 2)
    assert off["reason"] == "Event 1 failed 10 times; the last time: status 503."
    leadbook.clock.advance("90d")
    leadbook.add_lead()
    assert leadbook.deliver_webhooks() == []
    on = call(leadbook, "PUT", f"/webhooks/{webhook['id']}", {"active": True})
    assert (on["active"], on["reason"]) == (True, None)
    assert [each["number"] for each in leadbook.deliver_webhooks()] == [1, 2]
    assert len(receiver.requests) == 12


def moment(text):
    return datetime.fromisoformat(text)


def test_receiver_may_ask_for_a_later_try(leadbook, subscribe):
    subscribe(failing(429, "Retry-After: 3600\r\n"))
    leadbook.add_lead()
    [failed] = leadbook.deliver_webhooks()
    assert moment(failed["nextTry"]) - moment(failed["time"]) == timedelta(hours=1)


def test_gone_switches_off(leadbook, subscribe):
    webhook, _ = subscribe(GONE)
    leadbook.add_lead()
    [gone] = leadbook.deliver_webhooks()
    assert (gone["status"], gone["nextTry"]) == (410, None)
    off = call(leadbook, "GET", f"/webhooks/{webhook['id']}")
    assert (off["active"], off["reason"]) == (False, "The receiver has answered 410 Gone.")
    call(leadbook, "PUT", f"/webhooks/{webhook['id']}", {"active": True})
    assert [each["number"] for each in leadbook.deliver_webhooks()] == [1]


def test_redirect_is_not_followed(leadbook, subscribe, receive):
    other = receive()
    subscribe(failing(302, f"Location: http://127.0.0.1:{other.port}/\r\n"))
    leadbook.add_lead()
    assert [each["status"] for each in leadbook.deliver_webhooks()] == [302]
    assert other.connected == 0


def test_switched_off_webhook_goes_on_from_its_place(leadbook, subscribe):
    webhook, receiver = subscribe()
    call(leadbook, "PUT", f"/webhooks/{webhook['id']}", {"active": False})
    leadbook.add_lead()
    assert leadbook.deliver_webhooks() == []
    call(leadbook, "PUT", f"/webhooks/{webhook['id']}", {"active": True})
    assert len(leadbook.deliver_webhooks()) == len(receiver.requests) == 1


def test_change_lets_it_try_again_at_once(leadbook, subscribe, receive):
    webhook, _ = subscribe(failing())
    leadbook.add_lead()
    leadbook.deliver_webhooks()
    mended = receive()
    url = f"http://127.0.0.1:{mended.port}/"
    call(leadbook, "PUT", f"/webhooks/{webhook['id']}", {"url": url})
    assert [each["status"] for each in leadbook.deliver_webhooks()] == [200]
    assert len(mended.requests) == 1


def test_replay_sends_events_again_with_their_ids(leadbook, subscribe):
    leadbook.add_lead()
    webhook, receiver = subscribe()
    leadbook.add_lead()
    leadbook.deliver_webhooks()
    call(leadbook, "POST", f"/webhooks/{webhook['id']}/replay", {"after": 0})
    assert [each["number"] for each in leadbook.deliver_webhooks()] == [1, 2]
    assert ids(receiver)[0] == ids(receiver)[2]


def test_old_secret_signs_too_for_a_day(leadbook, subscribe):
    webhook, receiver = subscribe()
    leadbook.clock.set(datetime.now(UTC) - timedelta(hours=24))
    new = call(leadbook, "POST", f"/webhooks/{webhook['id']}/rotate")
    leadbook.clock.advance(timedelta(hours=24) - timedelta(milliseconds=1))
    leadbook.add_lead()
    leadbook.deliver_webhooks()
    leadbook.clock.advance(timedelta(milliseconds=1))
    leadbook.add_lead()
    leadbook.deliver_webhooks()
    for (_, headers, body), secrets in zip(receiver.requests, ([new, webhook], [new]), strict=True):
        assert len(headers["webhook-signature"].split()) == len(secrets)
        for each in secrets:
            assert Webhook(each["secret"]).verify(body, headers)


def test_ping_is_sent_now_and_is_no_event(leadbook, subscribe):
    webhook, receiver = subscribe(failing(500))
    leadbook.add_lead()
    path = f"/webhooks/{webhook['id']}"
    ping = call(leadbook, "POST", f"{path}/test")
    assert (ping["type"], ping["number"], ping["status"], ping["nextTry"]) == (
        "ping",
        None,
        500,
        None,
    )
    assert messages(receiver) == [
        {"type": "ping", "timestamp": ping["time"], "data": {"event": None, "record": None}}
    ]
    shown = deliveries(leadbook, webhook)
    assert (shown["data"], shown["after"], shown["failures"]) == ([ping], 0, 0)
    # Also while it is switched off: that is how to find out whether it works again.
    call(leadbook, "PUT", path, {"active": False})
    assert call(leadbook, "POST", f"{path}/test")["status"] == 200


def test_ping_to_nobody_says_why(leadbook, subscribe):
    webhook, receiver = subscribe()
    receiver.close()
    ping = call(leadbook, "POST", f"/webhooks/{webhook['id']}/test")
    assert (ping["status"], ping["error"], ping["answer"]) == (None, "refused", "")


def test_last_hundred_tries_are_kept(leadbook, subscribe):
    webhook, receiver = subscribe()
    other, _ = subscribe(events=["client.*"])
    leadbook.add_client()
    for _ in range(105):
        leadbook.add_lead()
    leadbook.deliver_webhooks()
    assert len(receiver.requests) == 106
    shown = deliveries(leadbook, webhook)["data"]
    assert [each["number"] for each in shown] == [*range(106, 6, -1)]
    assert len(deliveries(leadbook, other)["data"]) == 1
    with leadbook._database.use():
        [(count,)] = leadbook._database.execute_sql("SELECT count(*) FROM deliveries").fetchall()
    assert count == 101


def test_removed_webhook_gets_nothing_and_leaves_nothing(leadbook, subscribe):
    webhook, receiver = subscribe()
    leadbook.add_lead()
    leadbook.deliver_webhooks()
    call(leadbook, "DELETE", f"/webhooks/{webhook['id']}", status=204)
    leadbook.add_lead()
    assert leadbook.deliver_webhooks() == []
    assert len(receiver.requests) == 1
    with leadbook._database.use():
        for table in ("webhooks", "deliveries"):
            found = leadbook._database.execute_sql(f"SELECT count(*) FROM {table}").fetchall()
            assert found == [(0,)]


def test_removed_events_are_told_and_the_rest_arrives(receive):
    with running_server(EVENTS_KEPT="1d") as leadbook:
        receiver = receive()
        new = {"url": f"http://127.0.0.1:{receiver.port}/", "events": ["lead.*"]}
        webhook = call(leadbook, "POST", "/webhooks", new, 201)
        leadbook.add_lead()
        leadbook.clock.advance("3d")
        leadbook.add_lead()
        leadbook.add_lead()
        assert [each["number"] for each in leadbook.deliver_webhooks()] == [2, 3]
        missed = deliveries(leadbook, webhook)["data"][-1]
        assert (missed["type"], missed["number"], missed["status"]) == ("missed", None, None)
        assert missed["error"] == "Events before number 2 are not kept any more."


def test_same_seed_gives_the_same_bytes(receive):
    requests = []
    receiver = receive(lambda connection, _: connection.sendall(failing()))
    for _ in range(2):
        with running_server(seed=7) as leadbook:
            for again in range(2):
                leadbook.reset()
                new = {"url": f"http://127.0.0.1:{receiver.port}/", "events": ["lead.*"]}
                made = call(leadbook, "POST", "/webhooks", new, 201)
                leadbook.add_lead()
                tries = leadbook.deliver_webhooks()
                leadbook.clock.advance("6s")
                tries += leadbook.deliver_webhooks()
                rotated = call(leadbook, "POST", f"/webhooks/{made['id']}/rotate")
                told = [{**each, "ms": 0} for each in tries]
                requests.append((receiver.requests[-2:], made, told, rotated, again and None))
    assert all(each[:4] == requests[0][:4] for each in requests)
    assert len(base64.b64decode(requests[0][1]["secret"].removeprefix("whsec_"))) == 24


def test_answers_about_erased_people_are_erased(leadbook, receive):
    def repeat(connection, receiver):
        body = receiver.requests[-1][2]
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)

    receiver = receive(repeat)
    new = {"url": f"http://127.0.0.1:{receiver.port}/", "events": ["lead.*", "client.*"]}
    webhook = call(leadbook, "POST", "/webhooks", new, 201)
    lead = leadbook.add_lead(name="Secretia", email="secretia@hidden.test")
    kept = leadbook.add_lead(name="Ada")
    leadbook.deliver_webhooks()
    assert "Secretia" in str(deliveries(leadbook, webhook))
    call(leadbook, "DELETE", f"/leads/{lead['id']}", status=204)
    leadbook.deliver_webhooks()
    shown = deliveries(leadbook, webhook)["data"]
    assert "ecreti" not in str(shown)
    assert [each["answer"] for each in shown if each["number"] == 1] == [""]
    assert kept["name"] in str(shown)
    path = leadbook.app.config["DATABASE"]
    for file in (path, path.with_name(f"{path.name}-wal")):
        assert b"ecreti" not in (file.read_bytes() if file.exists() else b"")


def test_answer_that_comes_after_the_erasure_is_not_kept(leadbook, receive):
    """The receiver erases the record before it answers with its words."""

    def erase(connection, receiver):
        body = receiver.requests[-1][2]
        record = json.loads(body)["data"]["record"]
        if record:
            call(leadbook, "DELETE", f"/leads/{record['id']}", status=204)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)

    receiver = receive(erase)
    new = {"url": f"http://127.0.0.1:{receiver.port}/", "events": ["lead.*"]}
    webhook = call(leadbook, "POST", "/webhooks", new, 201)
    leadbook.add_lead(name="Secretia")
    leadbook.deliver_webhooks()
    assert [each["type"] for each in deliveries(leadbook, webhook)["data"]] == [
        "lead.deleted",
        "lead.created",
    ]
    assert "ecreti" not in str(deliveries(leadbook, webhook))


@pytest.mark.parametrize("column", ["url", "secret", "events", "old_secrets"])
def test_damaged_webhook_harms_nobody(leadbook, subscribe, column):
    webhook, _ = subscribe()
    _, other = subscribe()
    with leadbook._database.use(), leadbook._database.write():
        sql = f"UPDATE webhooks SET {column} = 'damaged' WHERE id = ?"
        stored = bytes.fromhex(webhook["id"].replace("-", ""))
        leadbook._database.execute_sql(sql, (stored,))
    leadbook.add_lead()
    tries = leadbook.deliver_webhooks()
    assert len(other.requests) == 1
    failed = [each for each in tries if each["webhookId"] == webhook["id"]]
    assert all("damaged" in each["error"] for each in failed if column != "old_secrets")
    assert len(failed) == (0 if column == "events" else 1)
    assert call(leadbook, "GET", "/webhooks")


@pytest.fixture
def subscribe_meddler(leadbook, receive):
    """Make a webhook whose receiver makes a call before it answers."""

    def subscribe(method, path, body, answer, status=200):
        made = {}

        def meddle(connection, receiver):
            if len(receiver.requests) == 1:
                call(leadbook, method, path.format(made["id"]), body, status)
                connection.sendall(answer)
            else:
                connection.sendall(OK)

        receiver = receive(meddle)
        new = {"url": f"http://127.0.0.1:{receiver.port}/", "events": ["lead.*"]}
        made |= call(leadbook, "POST", "/webhooks", new, 201)
        leadbook.add_lead()
        return made, receiver

    return subscribe


def test_failure_before_a_change_does_not_count(leadbook, subscribe_meddler):
    subscribe_meddler("PUT", "/webhooks/{}", {"description": "New."}, failing())
    assert [each["nextTry"] for each in leadbook.deliver_webhooks()] == [None, None]


def test_success_before_a_replay_does_not_move_it_on(leadbook, subscribe_meddler):
    leadbook.add_lead()
    webhook, receiver = subscribe_meddler("POST", "/webhooks/{}/replay", {"after": 0}, OK)
    leadbook.deliver_webhooks()
    sent = [message["data"]["event"]["number"] for message in messages(receiver)]
    assert sent == [2, 1, 2]
    assert deliveries(leadbook, webhook)["after"] == 2


def test_webhook_that_is_removed_meanwhile_stays_removed(leadbook, subscribe_meddler):
    subscribe_meddler("DELETE", "/webhooks/{}", None, OK, 204)
    assert leadbook.deliver_webhooks() == []
    assert call(leadbook, "GET", "/webhooks")["data"] == []


def test_webhook_for_rare_events_does_not_read_all_others_again(leadbook, subscribe):
    webhook, _ = subscribe(events=["client.archived"])
    leadbook.seed(leads=2000, clients=0)
    client = leadbook.add_client()
    assert leadbook.deliver_webhooks() == []
    # Its place has moved, although nothing was sent.
    assert deliveries(leadbook, webhook)["after"] > 2000
    call(leadbook, "DELETE", f"/clients/{client['id']}")
    assert [each["type"] for each in leadbook.deliver_webhooks()] == ["client.archived"]


def test_other_types_count_from_the_change_on(leadbook, subscribe):
    webhook, receiver = subscribe(events=["client.*"])
    leadbook.add_lead()
    call(leadbook, "PUT", f"/webhooks/{webhook['id']}", {"events": ["lead.*"]})
    assert leadbook.deliver_webhooks() == []
    leadbook.add_lead()
    assert [each["number"] for each in leadbook.deliver_webhooks()] == [2]
    assert len(receiver.requests) == 1


def test_other_types_lose_no_event_that_waits(leadbook, subscribe):
    webhook, _ = subscribe(failing(), events=["client.*"])
    leadbook.add_lead()
    leadbook.add_client()
    leadbook.add_lead()
    leadbook.deliver_webhooks()
    events = ["client.*", "lead.*"]
    call(leadbook, "PUT", f"/webhooks/{webhook['id']}", {"events": events})
    assert [each["number"] for each in leadbook.deliver_webhooks()] == [1, 2, 3]


def test_switching_on_what_is_on_tries_again_at_once(leadbook, subscribe):
    webhook, _ = subscribe(failing())
    leadbook.add_lead()
    leadbook.deliver_webhooks()
    on = call(leadbook, "PUT", f"/webhooks/{webhook['id']}", {"active": True})
    assert on["version"] == 1
    assert [each["status"] for each in leadbook.deliver_webhooks()] == [200]


def stored_webhook(leadbook, column):
    with leadbook._database.use():
        [(value,)] = leadbook._database.execute_sql(f"SELECT {column} FROM webhooks").fetchall()
    return value


def test_several_old_secrets_sign_each_for_its_day(leadbook, subscribe):
    webhook, receiver = subscribe()
    leadbook.clock.set(datetime.now(UTC) - timedelta(hours=24))
    path = f"/webhooks/{webhook['id']}/rotate"
    second = call(leadbook, "POST", path)
    leadbook.clock.advance("1h")
    third = call(leadbook, "POST", path)
    assert third["oldSecretUntil"] > second["oldSecretUntil"]
    leadbook.clock.advance("22h")
    leadbook.add_lead()
    leadbook.deliver_webhooks()
    leadbook.clock.advance("1h")
    leadbook.add_lead()
    leadbook.deliver_webhooks()
    signatures = [headers["webhook-signature"].split() for _, headers, _ in receiver.requests]
    assert [len(each) for each in signatures] == [3, 2]
    _, headers, body = receiver.requests[1]
    for each in (second, third):
        assert Webhook(each["secret"]).verify(body, headers)
    leadbook.clock.advance("2h")
    leadbook.add_lead()
    leadbook.deliver_webhooks()
    assert call(leadbook, "GET", f"/webhooks/{webhook['id']}")["oldSecretUntil"] is None
    assert stored_webhook(leadbook, "old_secrets") == "[]"


def test_clock_that_was_set_back_stops_nothing(leadbook, subscribe):
    webhook, receiver = subscribe(failing())
    call(leadbook, "POST", f"/webhooks/{webhook['id']}/rotate")
    leadbook.add_lead()
    leadbook.deliver_webhooks()
    leadbook.clock.set("2025-01-01T00:00:00Z")
    assert [each["status"] for each in leadbook.deliver_webhooks()] == [200]
    # Nor does it let an old secret sign for a year.
    assert len(receiver.requests[1][1]["webhook-signature"].split()) == 1


def test_time_of_a_delivery_is_that_of_the_try(leadbook, receive):
    def wait(connection, _):
        leadbook.clock.advance("5s")
        connection.sendall(OK)

    receiver = receive(wait)
    new = {"url": f"http://127.0.0.1:{receiver.port}/", "events": ["lead.*"]}
    call(leadbook, "POST", "/webhooks", new, 201)
    leadbook.add_lead()
    [sent] = leadbook.deliver_webhooks()
    assert sent["time"] == "2026-01-01T00:00:00.000Z"
