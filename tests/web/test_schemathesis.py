"""Thousands of generated requests against the running service, with every check there is."""

import os
import random
import re
import subprocess
import sys

import pytest
from places import TESTS

FOLDER = TESTS / "schemathesis"


def run_schemathesis(server, tmp_path, *arguments, headers=None):
    ada = {"name": "Ada", "email": "ada@of-follow-ups.test"}
    person = server.request("POST", "/clients", ada, headers=headers)[1]["id"]
    sent = [f"--header={name}: {value}" for name, value in (headers or {}).items()]
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", FOLDER / "schemathesis.toml", "run", f"{server.url}/openapi.json"),
            *("--checks", "all", "--no-color", *arguments, *sent),
            # To delete a client is to archive it: it stays readable, and can be taken back. That
            # a deleted lead is gone is shown in test_leads.py.
            *("--exclude-checks", "use_after_free"),
            # No schema says what a file is: test_import_hostile.py makes up files.
            *("--exclude-path-regex", "/import$"),
        ],
        cwd=tmp_path,
        env=os.environ
        | {"SCHEMATHESIS_HOOKS": "padding", "PYTHONPATH": str(FOLDER), "LEADBOOK_PERSON": person},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    generated, passed = re.search(r"(\d+) generated, (\d+) passed", finished.stdout).groups()
    assert int(generated) == int(passed) >= 1000


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, None], ids=["fixed", "random"])
def test_generated_requests_get_documented_answers(start_server, tmp_path, seed):
    server = start_server("--database", str(tmp_path / "leadbook.db"))
    seed = seed or random.randrange(2**32)
    run_schemathesis(server, tmp_path, "--max-examples", "20", "--seed", str(seed))
    assert server.request("GET", "/health")[0] == 200


@pytest.mark.long
def test_the_same_with_keys_and_limits_on(start_server, tmp_path):
    database = tmp_path / "leadbook.db"
    command = [
        sys.executable,
        "-m",
        "leadbook.cli",
        "key",
        "create",
        "a",
        *("--scope", "admin"),
        "--create",
        "--database",
        str(database),
    ]
    created = subprocess.run(command, capture_output=True, text=True, check=True)
    server = start_server("--database", str(database), "--rate-limit", "1000000/minute")
    headers = {"Authorization": f"Bearer {created.stdout.strip()}"}
    run_schemathesis(server, tmp_path, "--max-examples", "20", "--seed", "2", headers=headers)
    assert server.request("GET", "/leads", headers=headers)[0] == 200
    assert server.request("GET", "/leads")[0] == 401
