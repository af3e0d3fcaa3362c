"""The inner parts of libraries that we override or use are there, and still do what they did."""

import inspect
import threading

import flask_smorest
import peewee
import pytest
from marshmallow import fields

from leadbook.fields.values import WholeNumber
from leadbook.storage.database import Database
from leadbook.web.api import DocumentedApi


@pytest.mark.parametrize(
    ("ours", "theirs", "name"),
    [
        (DocumentedApi, flask_smorest.Api, "_register_responses"),
        (DocumentedApi, flask_smorest.Api, "_register_pagination_header"),
        (DocumentedApi, flask_smorest.Api, "register_blueprint"),
        (Database, peewee.SqliteDatabase, "_connect"),
        (WholeNumber, fields.Integer, "_deserialize"),
    ],
)
def test_what_we_override_is_there(ours, theirs, name):
    assert inspect.isfunction(getattr(theirs, name))
    assert getattr(ours, name) is not getattr(theirs, name)


def test_what_we_override_is_called_at_the_start():
    source = inspect.getsource(flask_smorest.Api._init_spec)
    for name in ("_register_responses", "_register_pagination_header"):
        assert f"self.{name}()" in source


def test_document_holds_nothing_that_flask_smorest_adds(client):
    components = client.get("/openapi.json").json["components"]
    assert "PaginationMetadata" not in components["schemas"]
    assert set(components["schemas"]["Error"]["properties"]) == {"error"}
    assert "DEFAULT_ERROR" not in components["responses"]


def test_document_is_made_of_a_blueprint_as_flask_smorest_does_it():
    wanted = inspect.signature(flask_smorest.Blueprint.register_views_in_doc)
    assert [*wanted.parameters] == ["self", "api", "app", "spec", "name", "parameters"]


def test_connections_are_counted_under_the_lock_that_a_fork_renews():
    assert type(peewee.SqliteDatabase(None)._lock) is type(threading.Lock())
    assert "self._lock" in inspect.getsource(peewee.Database.connect)


def test_errors_of_many_statements_become_those_of_peewee():
    with pytest.raises(peewee.OperationalError), peewee.__exception_wrapper__:
        raise peewee.sqlite3.OperationalError
