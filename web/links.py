"""The URLs in answers: below PUBLIC_URL or, without it, where the request was sent to."""

from urllib.parse import quote

from flask import current_app, request


def base_url() -> str:
    """Return the URL of the service without `/v1`: PUBLIC_URL, or the path of its mount."""
    mount = request.root_path.removesuffix(_version())
    return _public_url() or quote(mount)


def url_of(path: str) -> str:
    """Return the URL of a path of the service, with `/v1` if the request has it.

    Without PUBLIC_URL, it is an absolute path.
    """
    if public_url := _public_url():
        return f"{public_url}{_version()}{quote(path)}"
    return quote(request.root_path + path)


def whole_url_of(path: str) -> str:
    """Return the URL of a path of the service with scheme and host, if they are known."""
    url = url_of(path)
    if _public_url() or not (host := request.host):
        return url
    return f"{request.scheme}://{host}{url}"


def _public_url() -> str | None:
    url: str | None = current_app.config["PUBLIC_URL"]
    return url


def _version() -> str:
    return "/v1" if "leadbook.is_v1" in request.environ else ""
