"""The URLs in answers: below PUBLIC_URL or, without it, where the request was sent to."""

from urllib.parse import quote

from flask import current_app, request


def base_url() -> str:
    """Return the URL of the service without `/v1`: PUBLIC_URL, or the path of its mount."""
    public_url: str | None = current_app.config["PUBLIC_URL"]
    mount = request.root_path
    if _is_v1():
        mount = mount.removesuffix("/v1")
    return quote(mount) if public_url is None else public_url


def url_of(path: str) -> str:
    """Return the URL of a path of the service, with `/v1` if the request has it.

    Without PUBLIC_URL, it is an absolute path.
    """
    return base_url() + ("/v1" if _is_v1() else "") + quote(path)


def whole_url_of(path: str) -> str:
    """Return the URL of a path of the service with scheme and host, if they are known."""
    url = url_of(path)
    is_path = url.startswith("/")
    return f"{request.scheme}://{request.host}{url}" if is_path and request.host else url


def _is_v1() -> bool:
    return "leadbook.is_v1" in request.environ
