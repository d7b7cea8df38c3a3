"""What the modules' documentation says of their options is what they take."""

from __future__ import annotations

import importlib
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
