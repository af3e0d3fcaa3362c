"""The JSON in which the service tells of itself: where things are, and how it is."""

from marshmallow import fields, validate

from leadbook.fields.schema import CamelCaseSchema


class Service(CamelCaseSchema):
    """Where things are: URLs, or absolute paths if the service has no PUBLIC_URL."""

    name = fields.String(required=True, metadata={"example": "Leadbook"})
    version = fields.String(required=True, metadata={"example": "0.1.0"})
    docs = fields.String(required=True, metadata={"example": "/docs"})
    document = fields.String(required=True, metadata={"example": "/openapi.json"})
    health = fields.String(required=True, metadata={"example": "/health"})


class PartHealth(CamelCaseSchema):
    """Whether a part of the service can be used."""

    ok = fields.Boolean(required=True)
    message = fields.String(required=True)


def _part(message: str) -> fields.Nested:
    example = {"ok": True, "message": message}
    return fields.Nested(PartHealth, required=True, metadata={"example": example})


class Live(CamelCaseSchema):
    """Whether the process answers."""

    status = fields.String(
        required=True, validate=validate.OneOf(("ok", "failing")), metadata={"example": "ok"}
    )
    version = fields.String(required=True, metadata={"example": "0.1.0"})


class Health(Live):
    """Whether the service is up."""

    database = _part("The database can be read and written.")


class Ready(Health):
    """Whether requests can be served."""

    search_index = _part("The search index can be used.")
    disk = _part("51,200 MiB are free on the disk of the database.")
