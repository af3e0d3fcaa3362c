"""The table of settings: name, type, default and meaning; and where a value comes from."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from leadbook.access.rate_limit import a_rate
from leadbook.access.urls import a_public_url, header_names, hosts, origins
from leadbook.storage.private_files import FileMode, a_file_mode
from leadbook.storage.sweeping import an_age
from leadbook.webhooks.targets import PUBLIC, a_policy

ENVIRONMENT_PREFIX = "LEADBOOK_"
# https://www.rfc-editor.org/rfc/rfc3986#section-3.1; also the drive of a path on Windows.
# A file with settings may put a space or quotes before a URL.
_SCHEME = re.compile("""[\\s"']*[A-Za-z][A-Za-z0-9+.-]*:""")
_SCHEME_AND_SLASH = re.compile(f"{_SCHEME.pattern}/")
# The name and password in a URL, which must not get into a log.
_CREDENTIALS = re.compile("(?<=//)[^/]*@")


class SettingError(ValueError):
    """The value of a setting is not valid; the message names the setting and the value."""


def a_path(value: object) -> Path:
    """Parse a file path, or a URL of SQLite as SQLAlchemy reads it.

    `sqlite:///x.db` is x.db in the current directory, and `sqlite:////x.db` is /x.db.
    """
    path = os.fspath(value) if isinstance(value, str | os.PathLike) else ""
    url = re.fullmatch("sqlite:///([^?#]+)", path, re.IGNORECASE)
    path = url[1] if url else path
    # SQLite's own name for a database in memory, which no second connection would see.
    if path in (":memory:", "sqlite://"):
        raise ValueError("a file; --test-mode needs none and deletes its records at the end")
    # Otherwise a new folder would get the name of the scheme. A Path has lost a slash of its URL.
    looks_like_url = _SCHEME if isinstance(value, str) else _SCHEME_AND_SLASH
    if not url and looks_like_url.match(path):
        raise ValueError("a file path such as ./x.db, or a URL such as sqlite:///x.db")
    if not path or "\0" in path:
        raise ValueError("a file path")
    return Path(path)


def a_name(value: object) -> str:
    """Parse a name that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a host name or address")
    return value.strip()


def an_integer(lowest: int, highest: int) -> Callable[[object], int]:
    """Return a parser of whole numbers between `lowest` and `highest`, both included."""

    def parse(value: object) -> int:
        # int() alone would accept "1_000", " 5 " and True.
        digits = str(value)
        if re.fullmatch("[0-9]{1,9}", digits) and lowest <= int(digits) <= highest:
            return int(digits)
        raise ValueError(f"a whole number from {lowest} to {highest}")

    return parse


class Switch(int):
    """On or off, printed as these words."""

    def __str__(self) -> str:
        return "on" if self else "off"


def a_switch(value: object) -> Switch:
    """Parse `on` or `off`, or the words that other tools use for them."""
    word = str(value).lower()
    if word not in (*_ON, *_OFF):
        raise ValueError("on or off")
    return Switch(word in _ON)


_ON, _OFF = ("on", "true", "yes", "1"), ("off", "false", "no", "0")


def a_choice(*choices: str) -> Callable[[object], str]:
    """Return a parser that accepts one of `choices`."""

    def parse(value: object) -> str:
        if value not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return str(value)

    return parse


def seconds(value: object) -> float:
    """Parse a time in seconds that is not negative."""
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", str(value)):
        raise ValueError("a number of seconds")
    return float(str(value))


@dataclass(frozen=True)
class Setting:
    """One row of the table; `parse` raises a ValueError that says what it expects."""

    name: str
    parse: Callable[[object], object]
    default: object
    meaning: str

    @property
    def shown_default(self) -> str:
        """Return the default as a user would write it."""
        return str(self.default) if self.default not in ((), None, PUBLIC) else "none"


SETTINGS = (
    Setting(
        "DATABASE",
        a_path,
        Path("data/leadbook.db"),
        "The SQLite file, or its URL such as `sqlite:///x.db`. Leadbook creates the file and its "
        "folder if they do not exist.",
    ),
    Setting(
        "FILE_MODE",
        a_file_mode,
        FileMode(0o600),
        "The mode of new files with records. 640 lets the group read, 660 also write.",
    ),
    Setting("HOST", a_name, "127.0.0.1", "The address that `leadbook serve` listens on."),
    Setting(
        "PORT", an_integer(0, 65535), 8000, "The port of `leadbook serve`. 0 picks a free port."
    ),
    Setting("THREADS", an_integer(1, 256), 4, "How many short requests a process handles at once."),
    Setting(
        "WORKERS",
        an_integer(0, 64),
        1,
        "How many processes `leadbook serve` runs. 0 runs one for each processor.",
    ),
    Setting(
        "LOG_FORMAT", a_choice("json", "text"), "json", "The format of the log: `json`, or `text`."
    ),
    Setting(
        "SYNCHRONOUS",
        a_choice("full", "normal", "off"),
        "full",
        "What an acknowledged write survives: a power cut with `full`, only a crash of the process "
        "with `normal` or `off`.",
    ),
    Setting(
        "QUERY_TIMEOUT",
        seconds,
        5.0,
        "How many seconds a request may spend in the database. 0 means no limit.",
    ),
    Setting(
        "EVENTS_KEPT",
        an_age,
        None,
        "How long events are kept, such as `90d`. By default, `all` are. Leadbook removes older "
        "events, and with them parts of histories.",
    ),
    Setting(
        "TRUSTED_HOSTS",
        hosts,
        (),
        "Allowed `Host` names. Empty allows any, except for `leadbook serve` on loopback, where "
        "only localhost, 127.0.0.1 and [::1] work.",
    ),
    Setting(
        "PUBLIC_URL",
        a_public_url,
        None,
        "The URL of the service behind a proxy, such as `https://crm.example.com/leadbook`. Links "
        "begin with it, and its pages may write.",
    ),
    Setting(
        "CORS_ORIGINS",
        origins,
        (),
        "Other origins whose web pages may call the API. `*` works in test mode only.",
    ),
    Setting(
        "CORS_HEADERS",
        header_names,
        (),
        "Other request headers that these web pages may send, such as `traceparent`.",
    ),
    Setting(
        "RATE_LIMIT",
        a_rate,
        None,
        "How many requests each key may send, such as `500/minute`; without a key, each address.",
    ),
    Setting(
        "PROXY_HOPS",
        an_integer(0, 10),
        0,
        "The number of trusted proxies in front, for `X-Forwarded-For` and `X-Forwarded-Proto`.",
    ),
    Setting(
        "WEBHOOK_TARGETS",
        a_policy,
        PUBLIC,
        "Hosts that webhooks may go to although their addresses are not public, such as "
        "`hooks.internal,10.0.0.5:8080`; or `any`.",
    ),
    Setting(
        "METRICS",
        a_switch,
        Switch(False),
        "Whether `/metrics` serves figures for Prometheus: `on`, or `off`. It needs the library of "
        "`leadbook[metrics]`.",
    ),
    Setting(
        "COMPRESS",
        a_switch,
        Switch(False),
        "Whether JSON answers over 1 KiB are compressed with gzip, if the caller accepts that: "
        "`on`, or `off`.",
    ),
)


def resolve(config: Mapping[str, object]) -> dict[str, object]:
    """Return every setting, from `config`, the environment or its default, in this order.

    Raises SettingError for a value that is not valid.
    """
    return {setting.name: _resolve_one(setting, config) for setting in SETTINGS}


def _resolve_one(setting: Setting, config: Mapping[str, object]) -> object:
    variable = ENVIRONMENT_PREFIX + setting.name
    if setting.name in config:
        source, value = setting.name, config[setting.name]
    elif variable in os.environ:
        source, value = variable, os.environ[variable]
    else:
        return setting.default
    try:
        return setting.parse(value)
    except ValueError as error:
        shown = _CREDENTIALS.sub("***@", str(value))
        raise SettingError(f"{source} must be {error}, not {shown!r}.") from None
