"""The OpenAPI document, and a page to read and try it. The page loads nothing from other hosts."""

from importlib.util import find_spec
from io import BytesIO
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from flask import Response, current_app, jsonify, request, send_file
from werkzeug.exceptions import NotFound

from leadbook.storage.system import read_file, stat
from leadbook.web.operations import Operations

blueprint = Operations("docs", __name__, description="This document.")

_OWN = PurePath(__file__).with_name("static")
_MEDIA_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
# The files that the page loads from us. Swagger UI chose the names of its own.
ASSETS = ("docs.js", "swagger-ui-bundle.js", "swagger-ui.css")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def _content(*media_types: str, type: str = "string") -> dict[int, Any]:
    return {200: {"content": {each: {"schema": {"type": type}} for each in media_types}}}


@blueprint.read("/openapi.json", responses=_content("application/json", type="object"))
def get_open_api() -> Response:
    """Get this OpenAPI document.

    The first request builds it. Its `servers` show the path that the service is mounted at.
    """
    mount = request.root_path
    if "leadbook.is_v1" in request.environ:
        mount = mount.removesuffix("/v1")
    mount = quote(mount)
    servers = [{"url": mount or "/"}, {"url": f"{mount}/v1"}]
    document = current_app.extensions["leadbook.api"].document()
    return jsonify(document | {"servers": servers})


@blueprint.read("/docs", responses=_content("text/html"))
def get_docs() -> Response:
    """Get a page to read this document and try the calls.

    The page works offline: it loads everything from this service.
    """
    page = _send(_OWN / "docs.html")
    page.headers["Content-Security-Policy"] = _POLICY
    return page


@blueprint.read(
    "/docs/<asset>",
    responses=_content("text/javascript", "text/css"),
    path_parameter={"description": "The file's name.", "example": "swagger-ui.css"},
)
def get_docs_asset(asset: str) -> Response:
    """Get a script or style of the documentation page.

    The files are those of Swagger UI, and the script that starts it.
    """
    if asset not in ASSETS:
        raise NotFound
    return _send((_OWN if asset == "docs.js" else _swagger_ui()) / asset)


def _swagger_ui() -> PurePath:
    spec = find_spec("flask_swagger_ui")
    if spec is None or spec.origin is None:
        raise NotFound
    return PurePath(spec.origin).with_name("dist")


def _send(path: PurePath) -> Response:
    """Send a file. Flask would open it itself, and find nothing while a test fakes the files."""
    body, changed = read_file(str(path)), stat(str(path)).st_mtime
    return send_file(
        BytesIO(body),
        mimetype=_MEDIA_TYPES[path.suffix],
        download_name=path.name,
        last_modified=changed,
        etag=f"{changed}-{len(body)}",
        conditional=False,
    )
