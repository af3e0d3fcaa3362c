"""If-Match and If-None-Match of a record: https://www.rfc-editor.org/rfc/rfc9110#section-13.1."""

from collections.abc import Container

from flask import request

from leadbook.storage.refusals import VersionMismatchError
from leadbook.web.compression import compressed_tag, is_compressed

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
        excluded = request.if_none_match
        return _is_wanted(version) and not any(map(excluded.contains_weak, _tags_of(version)))


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


def unchanged_tag(version: int, length: int) -> str | None:
    """Return the tag of `version` in the If-None-Match of a GET, or None if there is none.

    If there are several, it is that of the full answer, whose body has `length` bytes.
    """
    if request.method not in ("GET", "HEAD") or "If-None-Match" not in request.headers:
        return None
    plain, small = _tags_of(version)
    tags = (small, plain) if is_compressed(length) else (plain, small)
    return next(filter(request.if_none_match.contains_weak, tags), None)


def _is_wanted(version: object) -> bool:
    """Return whether If-Match allows `version`; it compares strongly."""
    wanted = request.if_match
    return "If-Match" not in request.headers or any(map(wanted.contains, _tags_of(version)))


def _tags_of(version: object) -> tuple[str, str]:
    """Return the tags of a record, plain and compressed. Both are valid if the setting changes."""
    return str(version), compressed_tag(str(version))
