"""Settings: who wins, and what a wrong one says."""

import os
from pathlib import Path

import pytest
from command import assert_refused, invoke

from leadbook.access.rate_limit import Rate
from leadbook.app import create_app
from leadbook.settings import SettingError, resolve
from leadbook.testing.app import create_test_app
from leadbook.webhooks.targets import PUBLIC


def test_defaults():
    assert resolve({}) == {
        "DATABASE": Path("data/leadbook.db"),
        "FILE_MODE": 0o600,
        "HOST": "127.0.0.1",
        "PORT": 8000,
        "THREADS": 4,
        "WORKERS": 1,
        "LOG_FORMAT": "json",
        "SYNCHRONOUS": "full",
        "QUERY_TIMEOUT": 5.0,
        "EVENTS_KEPT": None,
        "TRUSTED_HOSTS": (),
        "PUBLIC_URL": None,
        "CORS_ORIGINS": (),
        "CORS_HEADERS": (),
        "RATE_LIMIT": None,
        "PROXY_HOPS": 0,
        "WEBHOOK_TARGETS": PUBLIC,
        "METRICS": False,
        "COMPRESS": False,
    }


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("RATE_LIMIT", "500/minute", Rate(500, 60_000)),
        ("RATE_LIMIT", "", None),
        (
            "CORS_ORIGINS",
            "https://A.example, https://b.example",
            ("https://a.example", "https://b.example"),
        ),
        ("CORS_ORIGINS", "*", ("*",)),
        ("CORS_HEADERS", "Traceparent, x-request-id", ("traceparent", "x-request-id")),
        ("CORS_HEADERS", "", ()),
        ("PUBLIC_URL", "", None),
        ("PUBLIC_URL", "https://CRM.example.com:443/Leadbook/", "https://crm.example.com/Leadbook"),
        ("PUBLIC_URL", "http://10.0.0.1:8080/", "http://10.0.0.1:8080"),
        ("PUBLIC_URL", "http://[::1]:80/a/b%20c", "http://[::1]/a/b%20c"),
        ("TRUSTED_HOSTS", "", ()),
        ("QUERY_TIMEOUT", "0.5", 0.5),
        ("SYNCHRONOUS", "off", "off"),
        ("COMPRESS", "yes", True),
        ("FILE_MODE", "660", 0o660),
        ("FILE_MODE", "0640", 0o640),
        ("FILE_MODE", 640, 0o640),
    ],
)
def test_value_is_parsed_to_its_type(name, text, value):
    assert resolve({name: text})[name] == value


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("sqlite:///x.db", "x.db"),
        ("SQLite:///data/x.db", "data/x.db"),
        ("sqlite:///./x.db", "x.db"),
        ("sqlite:////srv/crm/x.db", "/srv/crm/x.db"),
        ("sqlite:///a%20b c.db", "a%20b c.db"),
        ("sqlite:///a:b.db", "a:b.db"),
        ("./a:b.db", "a:b.db"),
        ("/srv/a:b.db", "/srv/a:b.db"),
        ("2026-01-31T09:00.db", "2026-01-31T09:00.db"),
        (Path("a:b.db"), "a:b.db"),
        ("what?.db", "what?.db"),
    ],
)
def test_database_is_a_path_or_a_url_of_sqlite(monkeypatch, text, path):
    assert resolve({"DATABASE": text})["DATABASE"] == Path(path)
    if isinstance(text, str):
        monkeypatch.setenv("LEADBOOK_DATABASE", text)
        assert resolve({})["DATABASE"] == Path(path)


def test_url_of_a_database_makes_that_file_and_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    create = ("key", "create", "a", "--create", "--database")
    assert invoke(*create, "sqlite:///x.db").returncode == 0
    assert os.listdir(tmp_path) == ["x.db"]
    assert invoke("key", "list", "--database", f"sqlite:///{tmp_path}/x.db").returncode == 0
    for url in ("postgres://localhost/crm", "sqlite:x.db", "sqlite:////x.db?mode=ro"):
        assert_refused(
            invoke(*create, url), "DATABASE must be a file path such as ./x.db, or a URL"
        )
    assert_refused(invoke(*create, "sqlite://"), "--test-mode")
    assert os.listdir(tmp_path) == ["x.db"]


def test_refused_url_does_not_show_its_password():
    with pytest.raises(SettingError) as caught:
        resolve({"DATABASE": "postgres://crm:pass@word@db.example/crm"})
    assert "pass" not in str(caught.value)
    assert "postgres://***@db.example/crm" in str(caught.value)


def test_argument_goes_over_environment_and_that_over_default(monkeypatch):
    monkeypatch.setenv("LEADBOOK_PORT", "1234")
    monkeypatch.setenv("LEADBOOK_DATABASE", "123")
    assert resolve({})["PORT"] == 1234
    assert resolve({})["DATABASE"] == Path("123")
    assert resolve({"PORT": 80})["PORT"] == 80
    assert resolve({"PORT": "80"})["PORT"] == 80


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", True),
        ("PORT", None),
        ("PORT", "9" * 50),
        ("PORT", "٣"),
        ("DATABASE", 5),
        ("DATABASE", ""),
        ("DATABASE", ":memory:"),
        ("DATABASE", "sqlite:///:memory:"),
        ("DATABASE", "sqlite://"),
        ("DATABASE", "sqlite:///"),
        ("DATABASE", "sqlite://x.db"),
        ("DATABASE", "sqlite:x.db"),
        ("DATABASE", "sqlite:///x.db?mode=ro"),
        ("DATABASE", "sqlite:///x.db#part"),
        ("DATABASE", "sqlite:///a\0b"),
        ("DATABASE", " sqlite:///x.db"),
        ("DATABASE", '"sqlite:///x.db"'),
        ("DATABASE", "'postgres://localhost/crm'"),
        ("DATABASE", "sqlite+pysqlite:///x.db"),
        ("DATABASE", "postgres://localhost/crm"),
        ("DATABASE", "postgresql+psycopg://localhost/crm"),
        ("DATABASE", "file:x.db"),
        ("DATABASE", "http://localhost/x.db"),
        ("DATABASE", "jdbc:sqlite:x.db"),
        ("DATABASE", "C:\\crm\\x.db"),
        ("DATABASE", Path("sqlite:///x.db")),
        ("DATABASE", "a\0b"),
        ("PORT", "000000000099999"),
        ("HOST", 1),
        ("FILE_MODE", "644"),
        ("FILE_MODE", 0o640),
        ("FILE_MODE", "666"),
        ("FILE_MODE", ""),
        ("RATE_LIMIT", "many"),
        ("RATE_LIMIT", "0/minute"),
        ("QUERY_TIMEOUT", "-1"),
        ("SYNCHRONOUS", "FULLER"),
        ("TRUSTED_HOSTS", 5),
        ("TRUSTED_HOSTS", "crm.example:8000"),
        ("TRUSTED_HOSTS", "::1"),
        ("CORS_ORIGINS", "*, https://app.example"),
        ("CORS_ORIGINS", "null"),
        ("CORS_ORIGINS", "app.example"),
        ("CORS_ORIGINS", "https://app.example/"),
        ("CORS_HEADERS", "*"),
        ("CORS_HEADERS", "trace parent"),
        ("CORS_HEADERS", "traceparent: 1"),
        ("CORS_HEADERS", "tracepärent"),
        ("CORS_HEADERS", "a\r\nb"),
        ("CORS_HEADERS", 5),
        ("PUBLIC_URL", "crm.example.com"),
        ("PUBLIC_URL", "//crm.example.com"),
        ("PUBLIC_URL", "ftp://crm.example.com"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://crm.example.com?x=1"),
        ("PUBLIC_URL", "https://crm.example.com/#top"),
        ("PUBLIC_URL", "https://ada@crm.example.com"),
        ("PUBLIC_URL", "https://crm.example.com:0"),
        ("PUBLIC_URL", "https://crm.example.com:65536"),
        ("PUBLIC_URL", "https://crm.example.com//crm"),
        ("PUBLIC_URL", "https://crm.example.com/../crm"),
        ("PUBLIC_URL", "https://crm.example.com/a b"),
        ("PUBLIC_URL", "https://crm.example.com/ü"),
        ("PUBLIC_URL", "https://bücher.example"),
        ("PUBLIC_URL", "https://crm.example.com/\r\nX: 1"),
        ("PUBLIC_URL", "https://::1"),
        ("PUBLIC_URL", 5),
    ],
)
def test_wrong_value_names_itself(name, value):
    with pytest.raises(SettingError, match=name):
        resolve({name: value})


@pytest.mark.parametrize("source", ["argument", "environment"])
def test_every_origin_is_allowed_in_test_mode_only(tmp_path, monkeypatch, source):
    config = {"DATABASE": tmp_path / "leadbook.db"}
    if source == "argument":
        config["CORS_ORIGINS"] = "*"
    else:
        monkeypatch.setenv("LEADBOOK_CORS_ORIGINS", "*")
    with pytest.raises(SettingError, match=r"CORS_ORIGINS must name the origins; \* works in test"):
        create_app(config)
    assert not config["DATABASE"].exists()
    create_test_app(config).extensions["leadbook"].close()


def test_unknown_setting_is_refused(tmp_path):
    with pytest.raises(SettingError, match="DATABSE"):
        create_app({"DATABSE": tmp_path / "leadbook.db"})


def test_settings_of_flask_pass_through(tmp_path):
    app = create_app({"DATABASE": str(tmp_path / "leadbook.db"), "TESTING": True})
    assert app.testing
    assert app.config["DATABASE"] == tmp_path / "leadbook.db"


def test_database_stays_when_the_working_directory_changes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = create_app({"DATABASE": "leadbook.db"})
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert app.test_client().get("/leads").status_code == 200
    app.extensions["leadbook"].close()
    assert not list((tmp_path / "other").iterdir())
