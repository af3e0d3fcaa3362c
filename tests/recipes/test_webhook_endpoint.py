"""Your own webhook endpoint, end to end."""

import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from flask import Flask, request
from standardwebhooks import Webhook, WebhookVerificationError


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def create_shop(secret):
    shop = Flask("shop")
    shop.won = []

    @shop.post("/hooks/leadbook")
    def hear():
        try:
            message = Webhook(secret()).verify(request.get_data(), dict(request.headers))
        except WebhookVerificationError:
            return "", 400
        if message["type"] == "lead.converted":
            shop.won.append(message["data"]["record"]["email"])
        return "", 204

    return shop


@contextmanager
def running(app):
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def shop(leadbook):
    # The library compares the time of a message with the time of the machine.
    leadbook.clock.set(datetime.now(UTC))
    made = {}
    shop = create_shop(lambda: made["secret"])
    with running(shop) as url:
        webhook = {"url": f"{url}/hooks/leadbook", "events": ["lead.*"]}
        made |= leadbook.client.post("/webhooks", json=webhook).json
        yield shop


def test_shop_hears_of_a_won_lead(leadbook, shop):
    lead = leadbook.add_lead(email="ada@engines.example")
    leadbook.client.post(f"/leads/{lead['id']}/convert")
    tries = leadbook.deliver_webhooks()
    assert [(each["type"], each["status"]) for each in tries] == [
        ("lead.created", 204),
        ("lead.converted", 204),
    ]
    assert shop.won == ["ada@engines.example"]


def test_shop_hears_of_it_later_if_it_fails(leadbook, shop):
    shop.before_request_funcs[None] = [lambda: ("", 503)]
    leadbook.add_lead()
    [failed] = leadbook.deliver_webhooks()
    shop.before_request_funcs.clear()
    assert leadbook.deliver_webhooks() == []
    leadbook.clock.advance("10s")
    [again] = leadbook.deliver_webhooks()
    assert (failed["status"], again["status"]) == (503, 204)
    assert failed["messageId"] == again["messageId"]
