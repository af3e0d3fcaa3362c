"""Where things are, the OpenAPI document, and a page to read and try it.

The page loads nothing from other hosts.
"""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import PurePath
from typing import Any

from flask import Response, current_app
from werkzeug.exceptions import NotFound

from leadbook.storage.system import read_file
from leadbook.web import health
from leadbook.web.assets import ASK_AGAIN, FOREVER, Asset
from leadbook.web.links import base_url, url_of
from leadbook.web.operations import Operations

blueprint = Operations("docs", __name__, description="Where things are, and this document.")

_OWN = PurePath(__file__).with_name("static")
# The files that the page loads from us. Swagger UI chose the names of its own.
ASSETS = {
    "docs.js": "text/javascript",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
_PLACES = {"docs": "/docs", "document": "/openapi.json", "health": "/health"}
_FINGERPRINT = re.compile(r"\.[0-9a-f]{16}(?=\.[a-z]+\Z)")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def _content(*media_types: str, type: str = "string") -> dict[int, Any]:
    content = {each: {"schema": {"type": type}} for each in media_types}
    return {200: {"content": content}, 304: {"description": "Not Modified"}}


@blueprint.read("/", health.Service)
def get_service() -> dict[str, str]:
    """Show where things are.

    Everybody may read it, as the document and the health of the service.
    """
    version = current_app.config["API_VERSION"]
    places = {name: url_of(path) for name, path in _PLACES.items()}
    return {"name": "Leadbook", "version": version, **places}


@blueprint.read("/openapi.json", responses=_content("application/json", type="object"))
def get_open_api() -> Response:
    """Get this OpenAPI document.

    The first request builds it. Its `servers` show where callers reach the service.
    """
    document: Asset = current_app.extensions["leadbook.api"].served_at(base_url())
    return document.answer(ASK_AGAIN)


@blueprint.read("/docs", responses=_content("text/html"))
def get_docs() -> Response:
    """Get a page to read this document and try the calls.

    The page works offline: it loads everything from this service.
    """
    page = _page().answer(ASK_AGAIN)
    page.headers["Content-Security-Policy"] = _POLICY
    return page


@blueprint.read(
    "/docs/<asset>",
    responses=_content("text/javascript", "text/css"),
    path_parameter={"description": "The file's name.", "example": "swagger-ui.css"},
)
def get_docs_asset(asset: str) -> Response:
    """Get a script or style of the documentation page.

    The files are those of Swagger UI, and the script that starts it. A name with a fingerprint,
    such as `swagger-ui.0123456789abcdef.css`, always has the same content.
    """
    plain = _FINGERPRINT.sub("", asset)
    if plain not in ASSETS or asset not in (plain, _marked(plain)):
        raise NotFound
    return _files()[plain].answer(ASK_AGAIN if asset == plain else FOREVER)


@cache
def _page() -> Asset:
    """Return the page. The name of each file that it loads has a fingerprint."""
    text = read_file(str(_OWN / "docs.html")).decode()
    for name in ASSETS:
        text = text.replace(f"docs/{name}", f"docs/{_marked(name)}")
    return Asset(text.encode(), "text/html")


@cache
def _files() -> dict[str, Asset]:
    """Return the files that the page loads, by name."""
    found = {}
    for name, media_type in ASSETS.items():
        folder = _OWN if name == "docs.js" else _swagger_ui()
        found[name] = Asset(read_file(str(folder / name)), media_type)
    return found


def _swagger_ui() -> PurePath:
    spec = find_spec("flask_swagger_ui")
    if spec is None or spec.origin is None:
        raise NotFound
    return PurePath(spec.origin).with_name("dist")


def _marked(name: str) -> str:
    """Return the name of a file with its fingerprint."""
    path = PurePath(name)
    return f"{path.stem}.{_files()[name].fingerprint}{path.suffix}"
