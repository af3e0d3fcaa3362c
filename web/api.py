"""The flask-smorest extension: it collects the blueprints, and builds the document from them."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from threading import Lock
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, jsonify
from flask_smorest import Api
from werkzeug.routing import BaseConverter

from leadbook.fields.schema import CamelCaseSchema
from leadbook.web.assets import Asset
from leadbook.web.files import FILES
from leadbook.web.openapi import complete_document


def _names_of_properties(_: Any, field: Any, **__: Any) -> dict[str, Any]:
    """Return what a field says about the names in an object; apispec leaves that out."""
    return {key: field.metadata[key] for key in ("propertyNames",) if key in field.metadata}


def record_id(paths: Iterable[str]) -> type[BaseConverter]:
    """Return the converter of `<record:id>`: any text except the name of a call beside it.

    Otherwise `GET /leads/batch` would look for a lead instead of answering with a 405.
    """
    known = set(paths)
    split = (path.rpartition("/") for path in known)
    calls = {last for before, _, last in split if f"{before}/<record:id>" in known}
    return _any_except(frozenset(calls - {"<record:id>"}))


@cache
def _any_except(names: frozenset[str]) -> type[BaseConverter]:
    regex = rf"(?!(?:{'|'.join(map(re.escape, sorted(names)))})\Z)[^/]+"
    return type("RecordId", (BaseConverter,), {"regex": regex, "part_isolating": True})


class DocumentedApi(Api):
    """The flask-smorest extension without its error handling, which errors.py does.

    The first request for the document builds it: that takes as long as the rest of the start.
    """

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        self._blueprints: list[Any] = []
        self._document: dict[str, Any] = {}
        self._lock = Lock()
        # The schemas that the document refers to, by their names in it.
        self._schemas: dict[str, type[CamelCaseSchema]] = {}
        # One service is seen at few URLs.
        self.served_at = lru_cache(maxsize=8)(self._served_at)
        plugin = MarshmallowPlugin(schema_name_resolver=self._name_of)
        super().__init__(app, spec_kwargs={"marshmallow_plugin": plugin})
        converter: Any = plugin.converter
        converter.add_attribute_function(_names_of_properties)

    def _name_of(self, schema: Any) -> str:
        known = schema if isinstance(schema, type) else type(schema)
        self._schemas[known.__name__] = known
        return known.__name__

    def register_blueprint(self, blueprint: Any) -> None:
        """Serve the blueprint; `document` describes it."""
        self._blueprints.append(blueprint)
        self._app.register_blueprint(blueprint)

    def document(self) -> dict[str, Any]:
        """Return the OpenAPI document, without its servers."""
        with self._lock:
            if not self._document:
                for each in self._blueprints:
                    each.register_views_in_doc(
                        self, self._app, self.spec, name=each.name, parameters=None
                    )
                    self.spec.tag({"name": each.name, "description": each.description})
                self.spec.tag({"name": FILES, "description": "Import and export of files."})
                self._document = complete_document(self.spec, self._schemas)
            return self._document

    def _served_at(self, base: str) -> Asset:
        """Return the document for callers who reach the service at `base`, a URL or a path."""
        servers = [{"url": base or "/"}, {"url": f"{base}/v1"}]
        body = jsonify(self.document() | {"servers": servers}).get_data()
        return Asset(body, "application/json")

    def _register_nothing(self) -> None:
        """Register no responses or headers: openapi.py adds ours to the document."""

    _register_responses = _register_pagination_header = _register_nothing
