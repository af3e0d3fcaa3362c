"""The README is a front page of which every line works."""

import json
import re
import subprocess

import pytest
from places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
CONSOLE = "".join(re.findall(r"```console\n(.*?)```", README, re.DOTALL))
ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Those that are another one each time.
VARYING = {"id", "createdAt", "updatedAt", "requestId"}


def calls():
    """Return each command of the console, and what is shown of its output."""
    parts = re.split(r"^\$ ", CONSOLE, flags=re.MULTILINE)[1:]
    for part in parts:
        command = re.match(r"(?:.*\\\n)*.*\n", part)[0]
        yield command.strip(), part[len(command) :].strip()


def without_varying(value):
    if isinstance(value, list):
        return [without_varying(each) for each in value]
    if isinstance(value, dict):
        return {
            key: "…" if key in VARYING else without_varying(each) for key, each in value.items()
        }
    return value


def test_it_is_short():
    assert len(README.split()) <= 700


def test_calls_with_curl_answer_what_is_shown(start_server, tmp_path):
    server = start_server("--database", str(tmp_path / "leadbook.db"))
    outputs, variable = [], ""
    for command, shown in calls():
        if command.startswith("ID="):
            variable = f"ID={re.search(ID, outputs[-1])[0]}\n"
            continue
        script = variable + command.replace("http://127.0.0.1:8000", server.url)
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
        answer, expected = without_varying(json.loads(outputs[-1])), json.loads(shown)
        # In the same order, too.
        assert json.dumps(answer) == json.dumps(without_varying(expected))
    assert len(outputs) == 5


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_line_is_wider_than_a_screen(page):
    text = page.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if len(line) > 120] == []
