"""If-Match and If-None-Match of a write: https://www.rfc-editor.org/rfc/rfc9110#section-13.1."""

from collections.abc import Container

from flask import request

from leadbook.storage.record import VersionMismatchError

Versions = Container[int] | None

_WEAK = (
    'A weak tag in If-Match, such as W/"1", never matches. Read the record again, and send its '
    "ETag without W/."
)
_EXISTS = "The record exists; with `If-None-Match: *`, no existing record is changed."
_EXCLUDED = "The record has a version that If-None-Match excludes."


class _Accepted:
    """The versions of a record that both headers of the request accept."""

    def __contains__(self, version: object) -> bool:
        return _is_wanted(version) and not request.if_none_match.contains_weak(str(version))


def accepted_versions() -> Versions:
    """Return the versions of a record that the request may change, or None for any."""
    headers = request.headers
    return _Accepted() if "If-Match" in headers or "If-None-Match" in headers else None


def explained(error: VersionMismatchError) -> VersionMismatchError:
    """Return the error with the reason, if this is not that the record has changed."""
    message = str(error)
    if _is_wanted(error.version):
        message = _EXISTS if request.if_none_match.star_tag else _EXCLUDED
    elif request.if_match.as_set(include_weak=True) > request.if_match.as_set():
        message = _WEAK
    return VersionMismatchError(message, error.version)


def _is_wanted(version: object) -> bool:
    """Return whether If-Match allows `version`; it compares strongly."""
    return "If-Match" not in request.headers or request.if_match.contains(str(version))
