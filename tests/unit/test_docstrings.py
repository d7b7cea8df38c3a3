"""What a caller must know of a function stands in its docstring: what it raises, and the unit of each duration and size."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
MEASURE = re.compile(r"timeout|seconds|bytes|size|interval|delay")
UNIT = re.compile(r"second|byte|MiB|pixel|millisecond|\bs\b")
RAISES = re.compile(r"[Rr]aise|[Ff]ail|[Rr]efuse")


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield the public functions and methods of a file, without those inside of functions."""
    for node in tree.body:
        for one in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(one, ast.FunctionDef) and not one.name.startswith("_") and one.name != "main":
                yield one


def raised(node: ast.AST, caught: frozenset[str] = frozenset()) -> set[str]:
    """Return the errors that a function raises by name and does not catch itself, without those of functions in it."""
    if isinstance(node, ast.Raise) and node.exc is not None:
        error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = getattr(error, "id", getattr(error, "attr", ""))
        return {name} - caught if name[:1].isupper() else set()
    found: set[str] = set()
    if isinstance(node, ast.Try):
        handled = {name.id for one in node.handlers if one.type for name in ast.walk(one.type) if isinstance(name, ast.Name)}
        for one in node.body:
            found |= raised(one, caught | handled)
        return found | {
            name for part in (node.handlers, node.orelse, node.finalbody) for one in part for name in raised(one, caught)
        }
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            found |= raised(child, caught)
    return found


def lacking(tree: ast.Module) -> list[str]:
    """Return what the docstrings of a file do not say."""
    found = []
    for one in functions(tree):
        said = ast.get_docstring(one) or ""
        if (errors := raised(one)) and not RAISES.search(said):
            found.append(f"{one.name} raises {', '.join(sorted(errors))}")
        for argument in [*one.args.args, *one.args.kwonlyargs]:
            kind = argument.annotation.id if isinstance(argument.annotation, ast.Name) else ""
            if kind in ("int", "float") and MEASURE.search(argument.arg) and not UNIT.search(said + argument.arg):
                found.append(f"{one.name}: in what is {argument.arg}?")
    return found


def test_docstrings_say_what_is_raised_and_measured() -> None:
    files = sorted(PLUGINS.rglob("*.py"))
    wrong = {str(path.relative_to(PLUGINS)): lacking(ast.parse(path.read_text(encoding="utf-8"))) for path in files}
    assert {name: lines for name, lines in wrong.items() if lines} == {}


def test_what_a_docstring_lacks_is_found() -> None:
    assert lacking(
        ast.parse(
            'def ask(timeout: float) -> None:\n    """Ask."""\n    try:\n        raise KeyError\n    except KeyError:\n'
            "        raise OSError() from None\n"
        )
    ) == ["ask raises OSError", "ask: in what is timeout?"]
    assert (
        lacking(
            ast.parse('def ask(timeout: float) -> None:\n    """Ask for so many seconds. Raises OSError."""\n    raise OSError\n')
        )
        == []
    )
