"""Settings: who wins, and what a wrong one says."""

from pathlib import Path

import pytest

from leadbook.app import create_app
from leadbook.settings import SettingError, resolve


def test_defaults(monkeypatch):
    monkeypatch.delenv("LEADBOOK_DATABASE", raising=False)
    assert resolve({}) == {
        "DATABASE": Path("data/leadbook.db"),
        "HOST": "127.0.0.1",
        "PORT": 8000,
        "THREADS": 4,
    }


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
