"""Leadbook for test suites: a real server in a thread, and an object to control it."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from flask import Flask

from leadbook import models
from leadbook.people.contacts import Contact
from leadbook.reminders.announcer import announcing
from leadbook.server.front import Front
from leadbook.server.listener import EVERYWHERE, listen, listen_on_loopback, url_of
from leadbook.settings import SETTINGS, resolve
from leadbook.storage.listing import list_page
from leadbook.storage.private_files import temporary_folder
from leadbook.storage.rendering import Shown
from leadbook.testing.app import DEFAULT_SEED, create_test_app, defaults_of
from leadbook.testing.clock import AdjustableClock
from leadbook.testing.controls import Controls
from leadbook.testing.fake_files import load_late_modules, on_real_files
from leadbook.testing.fault_schemas import FaultInput
from leadbook.testing.journal import Entry
from leadbook.web.queries import list_query

if TYPE_CHECKING:
    from flask.testing import FlaskClient

Json = dict[str, Any]


class Leadbook:
    """A running service, controlled by a test.

    The methods do not use the API: they are not in the journal, and faults do not affect them.
    """

    def __init__(self, app: Flask, url: str, api_key: str | None = None) -> None:
        self.app = app
        self.url = url
        self.api_key = api_key
        self._controls: Controls = app.extensions["leadbook.controls"]
        self._database = app.extensions["leadbook"]

    @property
    def headers(self) -> dict[str, str]:
        """The headers that a request must send; empty if no key is needed."""
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    @property
    def client(self) -> "FlaskClient":
        """A new Flask test client on the same database; it sends the key by itself."""
        client = self.app.test_client()
        if self.api_key:
            client.environ_base["HTTP_AUTHORIZATION"] = self.headers["Authorization"]
        return client

    @property
    def clock(self) -> AdjustableClock:
        """The clock of every timestamp and expiry: set, advance, run, stop, now."""
        return self._controls.clock

    @property
    def requests(self) -> list[Entry]:
        """The last 1,000 requests, oldest first."""
        return self._controls.journal.entries()

    def add_lead(self, **fields: Any) -> Json:
        """Add a lead and return it; a missing name or address is made up.

        Raises marshmallow.ValidationError.
        """
        return self._add(models.Lead, fields)

    def add_client(self, **fields: Any) -> Json:
        """Add a client and return it, as add_lead does. Raises DuplicateEmailError too."""
        return self._add(models.Client, fields)

    def leads(self, **filters: Any) -> list[Json]:
        """Return all leads, oldest first; `filters` are those of `GET /leads`."""
        return self._list(models.Lead, filters)

    def clients(self, **filters: Any) -> list[Json]:
        """Return active clients, oldest first; `filters` are those of `GET /clients`."""
        return self._list(models.Client, filters)

    def seed(
        self,
        leads: int = 50,
        clients: int = 10,
        seed: int = 42,
        *,
        follow_ups: int = 0,
        tickets: int = 0,
    ) -> None:
        """Add believable records; the same seed gives the same bytes in an empty database."""
        self._controls.seed(leads, clients, seed, follow_ups=follow_ups, tickets=tickets)

    def fail(self, method: str = "*", path: str = "*", **fault: Any) -> None:
        """Make the next matching request fail, or the next `times` requests.

        `query` gives the parameters that it must have. `status`, `code`, `body`, `delay_ms`, `drop`
        ("before" or "after" it takes effect), `truncate` and `headers` say how. Raises
        marshmallow.ValidationError.
        """
        fault |= {"method": method, "path": path}
        if "delay_ms" in fault:
            fault["delayMs"] = fault.pop("delay_ms")
        self._controls.faults.add(FaultInput().load(fault))

    def snapshot(self, name: str = "snapshot") -> None:
        """Save all records and the clock under `name`."""
        self._controls.snapshots.take(name)

    def restore(self, name: str = "snapshot") -> None:
        """Return to the snapshot `name`. Raises leadbook.storage.record.NotFoundError."""
        self._controls.snapshots.restore(name)

    def forget(self, name: str) -> None:
        """Delete the snapshot `name`. Raises leadbook.storage.record.NotFoundError."""
        self._controls.snapshots.forget(name)

    @property
    def snapshots(self) -> set[str]:
        """The names of all snapshots."""
        return self._controls.snapshots.names()

    def deliver_webhooks(self) -> list[Json]:
        """Send what is due to webhooks on the clock; return the tries, in their order."""
        return self._controls.deliver_webhooks()

    def reset(self) -> None:
        """Remove everything except keys and snapshots."""
        self._controls.reset()

    def _add(self, model: type[Contact], fields: Json) -> Json:
        with self._database.use(), self._database.write():
            kind, number = model.__name__.lower(), next(self._controls.numbers)
            person = {"name": f"Ada Byron {number}", "email": f"{kind}{number}@engines.test"}
            record = model.create_from(model.new().load(person | fields))
            return Shown.of(record).fields

    def _list(self, model: type[Contact], filters: Json) -> list[Json]:
        query = list_query(model)().load({"order": "asc", **filters}, unknown="raise")
        with self._database.use():
            page = list_page(model, **query | {"limit": 2**31})
        return page.data


def _run(server: Front, ready: "Future[None]") -> None:
    """Serve; set `ready` when the server answers, or to the error that stopped it."""
    try:
        server.run(lambda: ready.set_result(None))
    except BaseException as error:
        if ready.done():
            raise
        ready.set_exception(error)


def running_server(
    database: Path | str | None = None,
    *,
    seed: int = DEFAULT_SEED,
    api_key: str | None = None,
    exposed: bool = False,
    **settings: Any,
) -> AbstractContextManager[Leadbook]:
    """Serve in test mode during the block, in a thread and on loopback.

    Without `database`, the file is temporary; otherwise it must be new or made by test mode.
    If it is `exposed`, other machines can use it, on all addresses unless there is a HOST.
    `settings` are those of create_app, in capitals, such as RATE_LIMIT. Without PORT, a free port
    is used. Nothing is read from the environment. Raises SettingError, DatabaseFileError and
    CannotServeError.
    """
    return on_real_files(_serving(database, seed, api_key, exposed, settings))


@contextmanager
def _serving(
    database: Path | str | None,
    seed: int,
    api_key: str | None,
    exposed: bool,
    settings: dict[str, Any],
) -> Iterator[Leadbook]:
    defaults = {setting.name: setting.default for setting in SETTINGS}
    defaults |= {**defaults_of(exposed=exposed), "PORT": 0}
    defaults |= {"HOST": EVERYWHERE} if exposed else {}
    listen_there = listen if exposed else listen_on_loopback
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        config = defaults | {"DATABASE": database or folder / "leadbook.db"} | settings
        given: dict[str, Any] = resolve(config)
        listener = stack.enter_context(closing(listen_there(given["HOST"], given["PORT"])))
        app = create_test_app(config, seed=seed, api_key=api_key, exposed=exposed)
        load_late_modules(app)
        beside = partial(announcing, app.extensions["leadbook"])
        server = Front(app, listener, given["THREADS"], beside=beside)
        ready: Future[None] = Future()
        thread = Thread(target=_run, args=(server, ready), name="leadbook", daemon=True)
        thread.start()
        try:
            ready.result()
            yield Leadbook(app, url_of(listener), api_key)
        finally:
            app.extensions["leadbook.controls"].close()
            server.stop()
            thread.join()
            app.extensions["leadbook"].close()
