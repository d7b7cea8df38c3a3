"""What the modules' documentation says of their options is what they take."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring

FOLDER = Path(__file__).resolve().parents[2] / "plugins/modules"
KEYS = {"type": "str", "elements": None, "required": False, "default": None, "choices": None}


class Asked(Exception):
    """Carries what a module says that it takes."""


def options(spec: Mapping[str, Any], nested: str) -> dict[str, Any]:
    """Return options by name, each with what must be the same in code and documentation."""
    return {
        name: {**{key: one.get(key, usual) for key, usual in KEYS.items()}, "options": options(one.get(nested) or {}, nested)}
        for name, one in spec.items()
    }


@pytest.mark.parametrize("path", sorted(FOLDER.glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_the_documentation_has_the_options_of_the_module(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(f"ansible_collections.estate.kafka.plugins.modules.{path.stem}")
    document, examples, results, _ = get_docstring(str(path), fragment_loader)
    assert document["short_description"] and examples and results
    if not hasattr(module, "main"):
        return  # An action plugin does all of it.

    def ask(argument_spec: Mapping[str, Any], **_: Any) -> None:
        raise Asked(argument_spec)

    monkeypatch.setattr(module, "EstateModule", ask)
    with pytest.raises(Asked) as asked:
        module.main()
    assert options(document["options"], "suboptions") == options(asked.value.args[0], "options")


TYPES = {"str", "int", "float", "bool", "list", "dict", "path", "raw", "jsonarg"}
OPTION = {"description", "type", "elements", "required", "default", "choices", "suboptions", "version_added", "aliases"}
RESULT = {"description", "type", "elements", "returned", "sample", "contains", "version_added"}


def misshapen(entries: Mapping[str, Any], keys: set[str], nested: str, where: str = "") -> list[str]:
    """Return entries that are not as Ansible's documentation has them, such as those of which an unquoted comma made two."""
    found = []
    for name, one in entries.items():
        place = f"{where}{name}"
        if not isinstance(one, Mapping):
            found.append(f"{place} is no dictionary")
            continue
        words = one.get("description")
        told = [words] if isinstance(words, str) else words
        if not told or not all(isinstance(line, str) and line.strip() for line in told):
            found.append(f"{place}: description is {words!r}")
        found += [f"{place}: {key}" for key in one.keys() - keys] + [
            f"{place}: {key} is empty" for key in one if one[key] is None
        ]
        found += [] if one.get("type") in TYPES else [f"{place}: type is {one.get('type')}"]
        found += misshapen(one.get(nested) or {}, keys, nested, f"{place}.")
    return found


@pytest.mark.parametrize("path", sorted(FOLDER.glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_the_documentation_has_the_shape_that_ansible_shows(path: Path) -> None:
    document, _, results, _ = get_docstring(str(path), fragment_loader)
    assert misshapen(document.get("options", {}), OPTION, "suboptions") == []
    assert misshapen(results, RESULT, "contains") == []
    assert [name for name, one in results.items() if not isinstance(one.get("returned"), str)] == []


def test_half_a_sentence_as_a_key_is_seen() -> None:
    assert misshapen({"a": {"description": "Settings", "each with the reason.": None, "type": "dict"}}, RESULT, "contains")


PLACES = (
    *("docs", "examples", "group_vars", "inventories", "meta", "molecule", "playbooks", "plugins"),
    *("roles", "templates", "tests", "tools"),
)
NAMED = re.compile(r"\bestate\.kafka\.([a-z_]+)\b(?!\.plugins)")


def test_every_name_of_the_collection_exists() -> None:
    """A filter or module that was renamed is used under its old name nowhere: a run would find that on its way only."""
    root = FOLDER.parents[1]
    filters = "\n".join(path.read_text(encoding="utf-8") for path in root.glob("plugins/filter/*.py"))
    there = {path.stem for kind in ("modules", "callback", "doc_fragments") for path in root.glob(f"plugins/{kind}/*.py")}
    there |= {path.stem for path in root.glob("playbooks/*.yml")} | {path.name for path in root.glob("roles/*")}
    there |= {"kafka", "plugins", *re.findall(r'"([a-z_]+)":', filters)}
    folders = [root / name for name in PLACES if (root / name).is_dir()]
    files = [path for path in root.glob("*.*") if path.is_file()]
    files += [path for folder in folders for path in folder.rglob("*.*") if path.is_file()]
    texts = {
        str(path.relative_to(root)): path.read_text(encoding="utf-8")
        for path in files
        if path.suffix in (".yml", ".j2", ".md", ".py")
    }
    assert len(texts) > 500
    wrong = [f"{name}: estate.kafka.{one}" for name, text in texts.items() for one in NAMED.findall(text) if one not in there]
    assert sorted(set(wrong)) == []
