"""The pages in docs/ tell all of it, and what they show works."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from places import ROOT

from leadbook.testing import Leadbook, running_server
from leadbook.testing.fault_schemas import FaultInput

DOCS = ROOT / "docs"
RECIPES = sorted((ROOT / "tests" / "recipes").glob("test_*.py"))
API, TESTING = ((DOCS / f"{name}.md").read_text(encoding="utf-8") for name in ("api", "testing"))
NODE = ROOT / "tests" / "node" / "leadbook.test.mjs"
# Those that use the fixture are run by pytest, the others by themselves.
SNIPPETS = [
    (page.name, snippet)
    for page in sorted(DOCS.glob("*.md"))
    for snippet in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    # The recipes are tests themselves.
    if page.name != "recipes.md"
]


def test_every_link_leads_somewhere():
    pages = [*DOCS.glob("*.md"), *ROOT.glob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), (page.name, link)


def test_map_of_the_house_names_every_room():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    folder, named = "", set()
    for line in page.partition("```\napp.py")[2].partition("```")[0].splitlines():
        if opened := re.match(r"( *)(\w+/)", line):
            folder = (folder.partition("/")[0] + "/" if opened[1] else "") + opened[2]
        if names := re.match(r"(?: *\w+/)? +(\w+(?:, [\w./]+)*)  ", line):
            named |= {folder + name for name in names[1].split(", ") if name.isidentifier()}
    there = {
        str(path.relative_to(ROOT).with_suffix(""))
        for wing in (
            "web",
            "webhooks",
            "access",
            "storage",
            "server",
            "transfer",
            "cli",
            "testing",
            "fields",
            "people",
            "reminders",
        )
        for path in (ROOT / wing).rglob("*.py")
        if path.stem not in ("__init__", "__main__") and "migrations" not in path.parts
    }
    assert named == there


def test_figures_are_those_of_the_bench():
    page = (DOCS / "performance.md").read_text(encoding="utf-8")
    results = (ROOT / "bench" / "results" / "suites.md").read_text(encoding="utf-8")
    shown = page.partition("| one test |")[2].partition("\n\n")[0].splitlines()[2:]
    shown += page.partition("| start |")[2].partition("\n\n")[0].splitlines()[2:]
    assert len(shown) >= 6
    for row in shown:
        title, *figures = (cell.strip() for cell in row.strip("| ").split("|"))
        assert any(
            line.startswith(f"| {title} |") and all(figure in line for figure in figures)
            for line in results.splitlines()
        ), row


def test_tests_that_the_page_on_security_names_are_there():
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    names = set(re.findall(r"`(test_\w+\.py)`", page))
    assert names
    assert names <= {path.name for path in (ROOT / "tests").rglob("test_*.py")}


def test_every_route_stands_in_the_page_on_the_api(app):
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert f"| `{method} {path}` |" in API


def test_reference_is_that_of_the_code():
    # In a process of its own: click keeps the help option of a command as its first call had it.
    command = [sys.executable, "-m", "leadbook.cli.reference"]
    page = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert (DOCS / "reference.md").read_text(encoding="utf-8") == page


def test_every_call_of_test_mode_stands_in_it():
    with running_server() as leadbook:
        rules = [rule for rule in leadbook.app.url_map.iter_rules() if "_test" in rule.rule]
    assert rules
    for rule in rules:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert f"| `{method} {path}` |" in TESTING


def test_all_of_the_handle_stands_in_it():
    public = {name for name in vars(Leadbook) if not name.startswith("_")}
    public |= {"app", "api_key", "url"}
    table = TESTING.partition("| on `leadbook` |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`\.(\w+)[`(]", table)) - {
        *("set", "advance", "run", "stop", "now"),
        *("method", "path", "query", "headers", "body", "json", "status"),
    } == public - {"headers"}
    for name in FaultInput().fields:
        assert f"`{name}`" in TESTING or name in ("method", "path", "times")


@pytest.mark.long
@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_snippet_runs(start_server, tmp_path, number):
    _, snippet = SNIPPETS[number]
    if "http://127.0.0.1:8000" in snippet:
        server = start_server("--database", str(tmp_path / "leadbook.db"))
        snippet = snippet.replace("http://127.0.0.1:8000", server.url)
    file = tmp_path / "test_snippet.py"
    file.write_text(snippet.replace("/path/of/a/temporary/folder", str(tmp_path)))
    is_test = "def test_" in snippet
    command = ["-m", "pytest", "-q", str(file)] if is_test else [str(file)]
    done = subprocess.run(
        [sys.executable, "-W", "error", *command],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", ["follow-ups", "tickets"])
def test_calls_with_curl_work(start_server, tmp_path, page):
    server = start_server("--database", str(tmp_path / "leadbook.db"))
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    text = text.replace("http://127.0.0.1:8000", server.url)
    # The calls are about the records of the page's first example.
    first = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    subprocess.run([sys.executable, "-c", first], check=True)
    scripts = re.findall(r"```sh\n((?:(?!```).)*\bcurl .*?)```", text, re.DOTALL)
    assert scripts
    curl = 'set -eu; curl() { command curl -sS --fail-with-body "$@"; }'
    for script in scripts:
        # The page sets an id; the first record of its kind has another one.
        kind = re.search(r"/([\w-]+)/\$ID|$", script)[1] or "leads"
        _, found = server.request("GET", f"/{kind}?limit=1")
        known = re.sub("^ID=.*", f"ID={found['data'][0]['id']}", script)
        command = f"{curl}\n{known}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    _, due = server.request("GET", "/follow-ups?due=overdue")
    assert due["data"] == []


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_recipe_is_shown_as_it_is_run(recipe):
    title, _, code = recipe.read_text(encoding="utf-8").partition('."""\n\n')
    shown = (DOCS / "recipes.md").read_text(encoding="utf-8")
    assert f"## {title[3:]}\n\n```python\n{code}```\n" in shown


def test_example_for_node_is_shown_as_it_is_run():
    shown = (DOCS / "other-languages.md").read_text(encoding="utf-8")
    assert f"```js\n{NODE.read_text(encoding='utf-8')}```\n" in shown


@pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed")
def test_example_for_node_runs():
    environment = os.environ | {"LEADBOOK": f"{sys.executable} -m leadbook.cli"}
    done = subprocess.run(
        ["node", "--test", str(NODE)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# pass 3" in done.stdout
