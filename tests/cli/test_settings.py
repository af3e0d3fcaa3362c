"""Settings: who wins, and what a wrong one says."""

from pathlib import Path

import pytest

from leadbook.access.rate_limit import Rate
from leadbook.app import create_app
from leadbook.settings import SettingError, resolve


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
        "TRUSTED_HOSTS": (),
        "CORS_ORIGINS": (),
        "RATE_LIMIT": None,
        "PROXY_HOPS": 0,
        "METRICS": False,
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
        ("TRUSTED_HOSTS", "", ()),
        ("QUERY_TIMEOUT", "0.5", 0.5),
        ("SYNCHRONOUS", "off", "off"),
        ("FILE_MODE", "660", 0o660),
        ("FILE_MODE", "0640", 0o640),
        ("FILE_MODE", 640, 0o640),
    ],
)
def test_value_is_parsed_to_its_type(name, text, value):
    assert resolve({name: text})[name] == value


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
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "null"),
        ("CORS_ORIGINS", "app.example"),
        ("CORS_ORIGINS", "https://app.example/"),
    ],
)
def test_wrong_value_names_itself(name, value):
    with pytest.raises(SettingError, match=name):
        resolve({name: value})


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
