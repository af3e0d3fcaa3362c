"""Each situation of this folder was reported somewhere."""

import ast
import re

from places import TESTS

SOURCE = re.compile(r"[\w.-]+/[\w.-]+#\d+")


def reports_by_test():
    modules = [ast.parse(path.read_text()) for path in (TESTS / "reported").glob("test_*.py")]
    functions = [node for module in modules for node in module.body]
    return {
        function.name: set(SOURCE.findall(ast.unparse(function)))
        for function in functions
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_")
    }


def test_each_situation_names_its_report():
    """example/example#1 is the form."""
    found = reports_by_test()
    assert [name for name, sources in found.items() if not sources] == []
    assert len(set.union(*found.values())) >= 45
