"""The pytest plugin, in projects of its users: each is a folder of its own, tested by a pytest."""

import re
import subprocess
import sys
import textwrap

import pytest

ISOLATED = """
    import json, urllib.request

    import pytest


    @pytest.mark.parametrize("number", range(40))
    def test_sees_its_own_rows_alone(leadbook, number):
        assert leadbook.leads() == []
        lead = leadbook.add_lead(name=f"Lead {number}")
        with urllib.request.urlopen(leadbook.url + "/leads") as answer:
            assert json.load(answer)["data"] == [lead]
"""
RECORDED = """
    import os, urllib.request

    import pytest


    @pytest.mark.parametrize("number", range(3))
    def test_records_what_it_gets(leadbook, number):
        leadbook.seed(5, 2)
        request = urllib.request.Request(
            leadbook.url + "/leads",
            b'{"name": "Ada", "email": "ada@engines.test"}',
            {"Content-Type": "application/json"},
        )
        with open(os.environ["RECORD"], "a") as record:
            for each in (request, leadbook.url + "/leads?limit=3", leadbook.url + "/clients"):
                with urllib.request.urlopen(each) as answer:
                    print(answer.status, answer.headers.items(), answer.read(), file=record)
"""


@pytest.fixture
def suite(tmp_path, monkeypatch):
    """Run a test file in a project of its own, and return what pytest said."""

    def run(source, *arguments, options="", passed=1):
        (tmp_path / "pyproject.toml").write_text(f"[tool.pytest.ini_options]\n{options}\n")
        (tmp_path / "test_it.py").write_text(textwrap.dedent(source))
        command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider"]
        # Their users need not have it, and it takes seconds to import.
        command += ["-p", "no:schemathesis"]
        done = subprocess.run(
            [*command, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        said = done.stdout + done.stderr
        assert passed is None or re.search(rf"\b{passed} passed in", said), said
        return said

    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    # The sample is no part of this run.
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    return run


def test_each_test_begins_with_nothing(suite):
    suite(ISOLATED, passed=40)


@pytest.mark.long
def test_no_test_sees_rows_of_another_under_xdist(suite):
    said = suite(ISOLATED, "-n", "4", passed=40)
    assert "4 workers" in said


@pytest.mark.long
def test_same_seed_gets_the_same_bytes(suite, tmp_path, monkeypatch):
    records = {}
    for run, seed in (("first", 5), ("second", 5), ("other", 6)):
        monkeypatch.setenv("RECORD", str(tmp_path / run))
        suite(RECORDED, options=f"leadbook_seed = '{seed}'", passed=3)
        records[run] = re.sub(r"127\.0\.0\.1:\d+", "", (tmp_path / run).read_text())
    assert records["first"].count("201 ") == 3
    assert records["first"] == records["second"] != records["other"]


def test_api_key_of_the_options_is_needed(suite):
    source = """
        import urllib.error, urllib.request

        import pytest


        def test_key(leadbook):
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(leadbook.url + "/leads")
            request = urllib.request.Request(leadbook.url + "/leads", headers=leadbook.headers)
            with urllib.request.urlopen(request) as answer:
                assert answer.status == 200
            assert leadbook.client.get("/leads").status_code == 200
            assert leadbook.headers == {"Authorization": "Bearer leadbook_test"}
    """
    suite(source, options="leadbook_api_key = 'leadbook_test'")


def test_seed_that_is_no_number_is_one_clear_line(suite):
    said = suite(ISOLATED, options="leadbook_seed = 'x'", passed=None)
    assert "leadbook_seed must be a whole number, not 'x'" in said


@pytest.mark.long
def test_async_tests_can_use_it(suite):
    source = """
        import asyncio, json, urllib.request

        import pytest


        @pytest.fixture
        def anyio_backend():
            return "asyncio"


        @pytest.mark.anyio
        async def test_async(leadbook):
            leadbook.add_lead()

            def ask():
                with urllib.request.urlopen(leadbook.url + "/leads") as answer:
                    return json.load(answer)["pagination"]["total"]

            assert await asyncio.gather(*[asyncio.to_thread(ask) for _ in range(5)]) == [1] * 5
            assert leadbook.client.get("/leads").json["pagination"]["total"] == 1
    """
    suite(source)


@pytest.mark.long
def test_unittest_classes_can_use_it(suite):
    source = """
        import unittest

        import pytest


        class TestSignup(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _leadbook(self, leadbook):
                self.leadbook = leadbook

            def test_one(self):
                self.leadbook.add_lead()
                self.assertEqual(len(self.leadbook.leads()), 1)

            def test_two(self):
                self.assertEqual(self.leadbook.leads(), [])
    """
    suite(source, passed=2)


def test_suite_that_does_not_use_it_imports_none_of_it(suite):
    source = """
        import sys


        def test_nothing_is_imported():
            ours = {name for name in sys.modules if name.split(".")[0] == "leadbook"}
            inner = {"leadbook.testing.fake_files", "leadbook.testing.pytest_plugin"}
            assert ours == {"leadbook", "leadbook.testing"} | inner
            assert not {"flask", "peewee", "httptools", "marshmallow"} & sys.modules.keys()
    """
    suite(source)


def test_fixtures_are_listed_with_what_they_do(suite):
    said = suite(ISOLATED, "--fixtures", passed=None)
    assert "Return the running Leadbook, emptied before each test." in said
    assert "leadbook_server [session scope]" in said


def test_snapshot_of_a_test_goes_with_it_and_one_of_the_session_stays(suite):
    source = """
        import pytest


        @pytest.fixture(scope="session")
        def signed_up(leadbook_server):
            leadbook_server.reset()
            leadbook_server.add_lead()
            leadbook_server.snapshot("signed up")


        def test_one(signed_up, leadbook):
            assert leadbook.leads() == []
            leadbook.snapshot("mine")
            assert leadbook.snapshots == {"signed up", "mine"}


        def test_two(signed_up, leadbook):
            assert leadbook.snapshots == {"signed up"}
            leadbook.restore("signed up")
            assert len(leadbook.leads()) == 1
    """
    suite(source, passed=2)
