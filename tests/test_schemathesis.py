"""Thousands of generated requests against the running service, with every check there is."""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "schemathesis"


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, None], ids=["fixed", "random"])
def test_generated_requests_get_documented_answers(start_server, tmp_path, seed):
    server = start_server("--database", str(tmp_path / "leadbook.db"))
    seed = seed or random.randrange(2**32)
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", FOLDER / "schemathesis.toml", "run", f"{server.url}/openapi.json"),
            *("--checks", "all", "--max-examples", "80", "--seed", str(seed), "--no-color"),
        ],
        cwd=tmp_path,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "padding", "PYTHONPATH": str(FOLDER)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    generated, passed = re.search(r"(\d+) generated, (\d+) passed", finished.stdout).groups()
    assert int(generated) == int(passed) >= 1000
    assert server.request("GET", "/health")[0] == 200
