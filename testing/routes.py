"""The calls under /_test."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import marshmallow as ma
from flask import current_app, g, jsonify, request

from leadbook.access.gate import OPEN_TO_ALL, TEST_MODE
from leadbook.access.refusals import ForbiddenError
from leadbook.storage.database import current
from leadbook.testing import schemas
from leadbook.testing.controls import Controls
from leadbook.testing.fault_schemas import FaultInput, FaultList, FaultOutput
from leadbook.testing.faults import Fault, TooManyFaultsError
from leadbook.testing.snapshots import TooManySnapshotsError
from leadbook.web.operations import Operations
from leadbook.web.webhook_schemas import Deliveries

blueprint = Operations(TEST_MODE, __name__, description="Reset, seed, clock, faults, journal.")


_SNAPSHOT = {"description": "The snapshot's name.", "example": "signed-up"}


def _controls() -> Controls:
    controls: Controls = current_app.extensions["leadbook.controls"]
    return controls


@blueprint.before_request
def require_someone_here() -> None:
    """Refuse all requests, reads included, of web pages of other origins.

    Unless test mode is exposed, refuse those of other machines too.
    """
    if not (current_app.extensions[OPEN_TO_ALL] or _is_loopback(request.remote_addr)):
        raise ForbiddenError("Test mode can be used from this machine only, unless it is exposed.")
    origin = request.headers.get("Origin", request.host_url.rstrip("/"))
    site = request.headers.get("Sec-Fetch-Site", "none")
    if origin != request.host_url.rstrip("/") or site not in ("none", "same-origin"):
        raise ForbiddenError("A web page of another origin must not use test mode.")
    # These calls may take long, for example with ten thousand records.
    current.time_limit.lift()


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


@contextmanager
def _refused_as(field: str) -> Iterator[None]:
    """Turn errors in the block into a validation error of `field`."""
    try:
        yield
    except ValueError as error:
        raise ma.ValidationError(f"Must be {error}.", field) from None
    except (TooManySnapshotsError, TooManyFaultsError) as error:
        raise ma.ValidationError(str(error), field) from None


@blueprint.act("POST", "/_test/reset", status=204)
def reset_everything() -> None:
    """Remove every record, stored answer, fault and journal entry.

    Time, ids and rate limits restart. Keys and snapshots stay.
    """
    _controls().reset()
    # Otherwise the id would still depend on the number of earlier requests.
    g.request_id = _controls().clock.new_id()


@blueprint.act("PUT", "/_test/snapshots/<name>", status=204, path_parameter=_SNAPSHOT)
def take_snapshot(name: str) -> None:
    """Save all records under a name.

    The snapshot includes the time and the next ids. It replaces a snapshot with the same name.
    There may be 100 snapshots.
    """
    with _refused_as("name"):
        _controls().snapshots.take(name)


@blueprint.act("DELETE", "/_test/snapshots/<name>", status=204, path_parameter=_SNAPSHOT)
def forget_snapshot(name: str) -> None:
    """Delete a snapshot.

    This frees its memory.
    """
    _controls().snapshots.forget(name)


@blueprint.act("POST", "/_test/snapshots/<name>/restore", status=204, path_parameter=_SNAPSHOT)
def restore_snapshot(name: str) -> None:
    """Restore all records of a snapshot.

    Time and ids continue from there too. A snapshot can be restored many times.
    """
    _controls().snapshots.restore(name)


@blueprint.act("POST", "/_test/seed", schemas.Seeded, status=201, body=schemas.Seed)
def add_seed(body: dict[str, Any]) -> Any:
    """Add believable records.

    In an empty database, the same seed makes the same bytes on every machine. The times of people
    are in the last quarter of 2025. Follow-ups and tickets are around the day of the clock.
    """
    return jsonify(schemas.Seeded().dump(_controls().seed(**body))), 201


@blueprint.read("/_test/clock", schemas.ClockReading)
def get_clock() -> Any:
    """Get the time of the service.

    It is the time of every timestamp and expiry.
    """
    clock = _controls().clock
    return jsonify(at=clock.now(), running=clock.is_running)


@blueprint.act("PUT", "/_test/clock", schemas.ClockReading, body=schemas.ClockSetting)
def set_clock(body: dict[str, Any]) -> Any:
    """Set, move, stop or start the clock.

    If the body has several fields, they are applied in this order. It is the clock of every
    timestamp, expiry, rate limit and `Date` header.
    """
    with _refused_as("at" if "at" in body else "advance"):
        _controls().clock.change(body.get("at"), body.get("advance"), body.get("running"))
    return get_clock()


@blueprint.act("POST", "/_test/webhooks/deliver", Deliveries, is_long=True)
def deliver_webhooks() -> Any:
    """Send what is due to webhooks, and return the tries.

    In test mode, nothing is sent by itself. What has failed is due again later on the clock.
    """
    return jsonify(data=_controls().deliver_webhooks())


@blueprint.act("POST", "/_test/faults", FaultOutput, status=201, body=FaultInput)
def add_fault(body: Fault) -> Any:
    """Make the next matching requests fail.

    A fault is an answer with any status and body, a delay, a dropped connection, a truncated body,
    or changed headers.
    Each request takes the oldest fault that matches it.
    """
    shown = FaultOutput().dump(body)
    with _refused_as("body"):
        _controls().faults.add(body)
    return jsonify(shown), 201


@blueprint.read("/_test/faults", FaultList)
def list_faults() -> Any:
    """List the faults still to come.

    The oldest comes first. `times` is the remaining number.
    """
    return jsonify(FaultList().dump({"data": _controls().faults.coming()}))


@blueprint.act("DELETE", "/_test/faults", status=204)
def clear_faults() -> None:
    """Remove all faults.

    Requests that a fault still delays are dropped.
    """
    _controls().faults.clear()


@blueprint.read("/_test/requests", schemas.JournalPage, query=schemas.JournalQuery)
def list_requests(**query: Any) -> Any:
    """List the last 1,000 requests, oldest first.

    Requests to `/_test` and headers that contain a key are left out.
    """
    entries = _controls().journal.entries(**query)
    return jsonify(schemas.JournalPage().dump({"data": entries}))


@blueprint.act("DELETE", "/_test/requests", status=204)
def clear_requests() -> None:
    """Empty the journal of requests.

    New requests are still added.
    """
    _controls().journal.clear()
