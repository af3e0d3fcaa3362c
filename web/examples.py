"""The examples of the OpenAPI document, made from those of the fields."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from leadbook.models import RECORDS

ID = "019b76da-a800-7000-8000-000000000001"
REQUEST_ID = "019b76da-a800-7000-8000-0000000000ff"
TEXT = {
    "text/csv": "name,email\r\nAda Byron,ada@analytical.example\r\n",
    "application/x-ndjson": '{"name": "Ada Byron", "email": "ada@analytical.example"}\n',
    "application/json": {"openapi": "3.1.0", "info": {"title": "Leadbook"}, "paths": {}},
    "text/html": "<!DOCTYPE html>",
    "text/javascript": "SwaggerUIBundle({});",
    "text/css": "body { margin: 0; }",
}


def example_of(schema: type[ma.Schema]) -> Mapping[str, Any]:
    """Return the example of `schema`: its own, or one made from its fields.

    A field that the body can set has the same example in the record as in the body.
    """
    own: Mapping[str, Any] | None = getattr(schema, "example", None)
    if own is not None:
        return own
    written = next((example_of(each.new) for each in RECORDS if each.schema is schema), {})
    shown = {}
    for field in schema().fields.values():
        name = str(field.data_key)
        if (value := written.get(name, _example(field))) is not ma.missing:
            shown[name] = value
    return shown


def _example(field: fields.Field[Any]) -> Any:
    if "example" in field.metadata:
        return field.metadata["example"]
    if isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
        return [_example(field.inner)]
    if isinstance(field, fields.Nested):
        return example_of(type(field.schema))
    return ma.missing
