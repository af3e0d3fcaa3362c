"""The calls under /_test."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import marshmallow as ma
from flask import current_app, g, jsonify, request

from leadbook.access.gate import TEST_MODE, ForbiddenError
from leadbook.storage.database import current
from leadbook.testing import schemas
from leadbook.testing.controls import Controls
from leadbook.testing.faults import Fault, TooManyFaultsError
from leadbook.testing.snapshots import TooManySnapshotsError
from leadbook.web.operations import Operations

blueprint = Operations(TEST_MODE, __name__, description="Reset, seed, clock, faults, journal.")


_SNAPSHOT = {"description": "The snapshot's name.", "example": "signed-up"}


def _controls() -> Controls:
    controls: Controls = current_app.extensions["leadbook.controls"]
    return controls


@blueprint.before_request
def require_someone_here() -> None:
    """Refuse what another machine, or a web page of another origin, asks for: reading included."""
    if not _is_loopback(request.remote_addr):
        raise ForbiddenError("Test mode is for this machine alone.")
    origin = request.headers.get("Origin", request.host_url.rstrip("/"))
    site = request.headers.get("Sec-Fetch-Site", "none")
    if origin != request.host_url.rstrip("/") or site not in ("none", "same-origin"):
        raise ForbiddenError("A web page of another origin may not use test mode.")
    # What a test asks for may take its time, such as ten thousand records.
    current.time_limit.lift()


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


@contextmanager
def _refused_as(field: str) -> Iterator[None]:
    """Say what was wrong with `field` in the envelope."""
    try:
        yield
    except ValueError as error:
        raise ma.ValidationError(f"Must be {error}.", field) from None
    except (TooManySnapshotsError, TooManyFaultsError) as error:
        raise ma.ValidationError(str(error), field) from None


@blueprint.act("POST", "/_test/reset", status=204)
def reset_everything() -> None:
    """Remove every record, stored answer, fault and journal entry.

    Time and ids begin anew, and so do the counts of the rate limit. Keys and snapshots stay.
    """
    _controls().reset()
    # Else the answer would still tell how many requests there were before.
    g.request_id = _controls().clock.new_id()


@blueprint.act("PUT", "/_test/snapshots/<name>", status=204, path_parameter=_SNAPSHOT)
def take_snapshot(name: str) -> None:
    """Keep all records as they are now, under a name.

    With the time and the ids that come next. One of the same name is replaced; there may be 100.
    """
    with _refused_as("name"):
        _controls().snapshots.take(name)


@blueprint.act("DELETE", "/_test/snapshots/<name>", status=204, path_parameter=_SNAPSHOT)
def forget_snapshot(name: str) -> None:
    """Give up a snapshot.

    There is room for another one then.
    """
    _controls().snapshots.forget(name)


@blueprint.act("POST", "/_test/snapshots/<name>/restore", status=204, path_parameter=_SNAPSHOT)
def restore_snapshot(name: str) -> None:
    """Bring back all records as they were when the snapshot was taken.

    Time and ids go on from there too. It can be restored again and again.
    """
    _controls().snapshots.restore(name)


@blueprint.act("POST", "/_test/seed", schemas.Seeded, status=201, body=schemas.Seed)
def add_seed(body: dict[str, Any]) -> Any:
    """Add believable records.

    In an empty database the same seed makes the same bytes, on every machine. They are of the last
    quarter of 2025.
    """
    return jsonify(_controls().seed(**body)), 201


@blueprint.read("/_test/clock", schemas.ClockReading)
def get_clock() -> Any:
    """Get the time of the service.

    It stamps every record, and decides what has expired.
    """
    clock = _controls().clock
    return jsonify(at=clock.now(), running=clock.is_running)


@blueprint.act("PUT", "/_test/clock", schemas.ClockReading, body=schemas.ClockSetting)
def set_clock(body: dict[str, Any]) -> Any:
    """Set the clock, let time pass, stop it or let it run.

    In this order, where the body names several. It is the one clock of every time stamp, expiry
    and rate-limit window, and of the `Date` header.
    """
    with _refused_as("at" if "at" in body else "advance"):
        _controls().clock.change(body.get("at"), body.get("advance"), body.get("running"))
    return get_clock()


@blueprint.act("POST", "/_test/faults", schemas.FaultOutput, status=201, body=schemas.FaultInput)
def add_fault(body: Fault) -> Any:
    """Have the next requests that match go wrong.

    A status in the envelope, a delay, a dropped connection or a truncated body; the oldest fault
    that matches strikes.
    """
    shown = schemas.FaultOutput().dump(body)
    with _refused_as("body"):
        _controls().faults.add(body)
    return jsonify(shown), 201


@blueprint.read("/_test/faults", schemas.FaultList)
def list_faults() -> Any:
    """List the faults that are still to come.

    The oldest first, with the times that are left.
    """
    return jsonify(schemas.FaultList().dump({"data": _controls().faults.coming()}))


@blueprint.act("DELETE", "/_test/faults", status=204)
def clear_faults() -> None:
    """Have no fault strike any more.

    Those that have struck already are over.
    """
    _controls().faults.clear()


@blueprint.read("/_test/requests", schemas.JournalPage, query=schemas.JournalQuery)
def list_requests(**query: Any) -> Any:
    """List the last 1,000 requests, the oldest first.

    Those to `/_test` are left out, and so are headers that hold a key.
    """
    entries = _controls().journal.entries(**query)
    return jsonify(schemas.JournalPage().dump({"data": entries}))


@blueprint.act("DELETE", "/_test/requests", status=204)
def clear_requests() -> None:
    """Forget the requests of the journal.

    The next ones are noted as before.
    """
    _controls().journal.clear()
