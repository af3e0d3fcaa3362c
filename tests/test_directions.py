"""Imports point one way, from the wings that are nearest to the caller to the storage."""

import ast
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter

import pytest
from places import ROOT

# From the outside in; those of one line may know each other.
WINGS = (
    {"cli"},
    {"testing"},
    {"app"},
    {"routes"},
    {"server", "web"},
    {"transfer"},
    {"settings"},
    {"access", "reminders", "webhooks"},
    {"models"},
    {"people"},
    {"schemas"},
    {"fields"},
    {"storage"},
)
LEVELS = {wing: level for level, wings in enumerate(WINGS) for wing in wings}


def modules():
    """Return the path of each module, by its name within the package."""
    paths = [path for path in ROOT.glob("*.py") if path.name != "__init__.py"]
    for wing in LEVELS:
        paths += (ROOT / wing).rglob("*.py")
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths)
    return {name.removesuffix(".__init__"): path for name, path in zip(names, paths, strict=True)}


MODULES = modules()


def imports_of(source):
    """Yield what a module imports of the package, wherever in it, but for what runs as a script."""
    tree = ast.parse(source)
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and "__main__" in ast.unparse(node.test))
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "an import that does not say where from"
            found = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in found:
            inner = name.removeprefix("leadbook.")
            if inner == name:
                continue
            # A name of a module, or a module itself.
            yield inner if inner in MODULES else inner.rpartition(".")[0]


def faults_of(sources):
    """Return which imports point back, and a circle if there is one."""
    graph, faults = defaultdict(set), []
    for name, source in sources.items():
        level = LEVELS[name.split(".")[0]]
        for imported in imports_of(source):
            graph[name].add(imported)
            if LEVELS[imported.split(".")[0]] < level:
                faults.append(f"{name} imports {imported}")
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        faults.append(" -> ".join(error.args[1]))
    return faults


def sources():
    return {name: path.read_text(encoding="utf-8") for name, path in MODULES.items()}


def test_every_module_has_its_place():
    assert {name.split(".")[0] for name in MODULES} == set(LEVELS)
    at_the_root = {path.stem for path in ROOT.glob("*.py")}
    assert at_the_root == {"__init__", "app", "models", "schemas", "settings"}


def test_no_import_points_back_and_none_goes_in_a_circle():
    assert faults_of(sources()) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("storage.rows", "from leadbook.models import Lead"),
        ("schemas", "def load():\n    from leadbook import models"),
        ("web.logs", "if TYPE_CHECKING:\n    import leadbook.routes.leads"),
        ("storage.times", "from leadbook.storage.clock import Clock"),
    ],
)
def test_import_that_is_turned_round_is_found(module, line):
    turned = sources()
    turned[module] += f"\n{line}\n"
    assert faults_of(turned)
