"""A role's defaults and its argument specs must say the same.

Every default is documented, every documented default is the one in force, every option has a type and a description,
and an option without a default is required or says in its description what its absence means.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

ROOT = Path(__file__).resolve().parents[2]


def load(path: Path) -> dict[str, Any]:
    return yaml_load(path.read_text()) or {} if path.is_file() else {}


def problems(defaults: dict[str, Any], options: dict[str, dict[str, Any]]) -> Iterator[str]:
    for name in sorted(defaults.keys() - options.keys()):
        yield f"{name}: in defaults/main.yml, not in meta/argument_specs.yml"
    for name, option in sorted(options.items()):
        if not option.get("description"):
            yield f"{name}: no description"
        if "type" not in option:
            yield f"{name}: no type"
        if "default" in option and name not in defaults:
            yield f"{name}: the specs have a default, defaults/main.yml has none"
        elif "default" not in option and name in defaults:
            yield f"{name}: defaults/main.yml has {defaults[name]!r}, the specs have no default"
        elif "default" in option and option["default"] != defaults[name]:
            yield f"{name}: {defaults[name]!r} in defaults/main.yml, {option['default']!r} in the specs"


def role_problems(role: Path) -> Iterator[str]:
    entry_points = load(role / "meta/argument_specs.yml").get("argument_specs", {})
    if not entry_points:
        yield "no meta/argument_specs.yml"
        return
    for name in entry_points:
        if not (role / "tasks" / f"{name}.yml").is_file():
            yield f"the specs describe the entry point '{name}', tasks/{name}.yml is not there"
    options = {name: option for entry in entry_points.values() for name, option in entry.get("options", {}).items()}
    yield from problems(load(role / "defaults/main.yml"), options)


def main() -> int:
    found = [
        f"roles/{role.name}: {problem}"
        for role in sorted((ROOT / "roles").iterdir())
        if role.is_dir()
        for problem in role_problems(role)
    ]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
