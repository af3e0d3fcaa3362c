"""Leadbook in somebody else's application, whose own ways are left alone."""

import json
import logging
import subprocess
import sys
from decimal import Decimal

import pytest
from flask import Flask, abort, jsonify
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from leadbook.app import create_app

LEAD = {"name": "Ada Byron", "email": "ada@engines.test"}


class PricesAsText(DefaultJSONProvider):
    sort_keys = True

    def dumps(self, obj, **kwargs):
        return super().dumps(obj, **kwargs).replace("price", "PRICE")


@pytest.fixture
def host(tmp_path):
    host = Flask("host")
    host.json = PricesAsText(host)

    @host.get("/price")
    def price():
        return jsonify(price=Decimal("1.5"), amount=1)

    @host.get("/broken")
    def broken():
        abort(418)

    @host.errorhandler(Exception)
    def fail(error):
        return f"the host's own: {error.code}", error.code

    mounts = {
        f"/{name}": create_app({"DATABASE": tmp_path / f"{name}.db"}) for name in ("north", "south")
    }
    host.wsgi_app = DispatcherMiddleware(host.wsgi_app, mounts)
    yield host
    for app in mounts.values():
        app.extensions["leadbook"].close()


def test_two_of_them_live_in_one_host(host):
    client = host.test_client()
    made = client.post("/north/v1/leads", json=LEAD)
    assert made.headers["Location"] == f"/north/v1/leads/{made.json['id']}"
    client.post("/south/clients", json=LEAD)
    totals = {
        path: client.get(path).json["pagination"]["total"]
        for path in ("/north/leads", "/north/clients", "/south/leads", "/south/clients")
    }
    assert list(totals.values()) == [1, 0, 0, 1]


def test_errors_and_json_of_the_host_are_its_own(host):
    client = host.test_client()
    assert client.get("/broken").text == "the host's own: 418"
    assert client.get("/nowhere").text == "the host's own: 404"
    assert client.get("/north/nowhere").json["error"]["code"] == "NOT_FOUND"
    assert client.get("/price").text == '{"amount":1,"PRICE":"1.5"}\n'
    assert list(client.post("/north/leads", json=LEAD).json)[:2] == ["id", "name"]


def test_logging_of_the_host_is_left_alone(tmp_path):
    script = f"""
import logging, json
before = (logging.root.handlers[:], logging.root.level, set(logging.root.manager.loggerDict))
from leadbook.app import create_app
app = create_app({{"DATABASE": {str(tmp_path / "crm.db")!r}}})
app.test_client().get("/leads")
ours = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("leadbook")]
print(json.dumps([
    (logging.root.handlers[:], logging.root.level) == before[:2],
    [logger.handlers for logger in ours],
    [logger.level for logger in ours],
]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    is_untouched, handlers, levels = json.loads(done.stdout)
    assert is_untouched
    assert not any(handlers)
    assert not any(levels)
    assert done.stderr == ""


def test_host_may_have_the_log_lines(app, client, caplog):
    with caplog.at_level(logging.INFO, logger="leadbook.requests"):
        client.get("/leads")
    [record] = caplog.records
    assert record.request["route"] == "/leads"
