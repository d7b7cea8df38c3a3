"""The generated part of docs/: one page per role, the limits of preflight, all variables, and the drawings of the estates."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / ".collections"))

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import PREFLIGHT_OPTIONS
from ansible_collections.estate.kafka.plugins.module_utils.report.estate_svg import picture
from variables import Variable, every_variable

NOTICE = "<!-- Written by `make docs`; change {source} instead. -->"


def load(path: Path) -> dict[str, Any]:
    return yaml_load(path.read_text(encoding="utf-8")) or {} if path.is_file() else {}


def prose(words: Any) -> str:
    """Turn Ansible's marks such as V(x) and a list of paragraphs into Markdown."""
    joined = " ".join(words) if isinstance(words, list) else str(words or "")
    joined = re.sub(r"\b[VOCEP]\(([^)]*)\)", r"`\1`", joined)
    return re.sub(r"\bB\(([^)]*)\)", r"**\1**", re.sub(r"\bI\(([^)]*)\)", r"*\1*", joined)).strip()


def cell(content: str) -> str:
    return content.replace("|", "\\|").replace("\n", " ")


def literal(value: Any) -> str:
    """Show a default as it would be written in an inventory."""
    if isinstance(value, str) and value:
        return f"`{value}`"
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def rows(options: Mapping[str, Any], defaults: Mapping[str, Any], parent: str = "") -> Iterator[str]:
    for name, option in options.items():
        kind = option.get("type", "str") + (f" of {option['elements']}" if "elements" in option else "")
        default = defaults.get(name, option.get("default"))
        shown = "**required**" if option.get("required") else "" if default is None else literal(default)
        choices = f" One of {', '.join(f'`{choice}`' for choice in option['choices'])}." if "choices" in option else ""
        yield f"| `{parent}{name}` | {kind} | {cell(shown)} | {cell(prose(option.get('description')) + choices)} |"
        yield from rows(option.get("options") or {}, {}, f"{parent}{name}.")


def table(options: Mapping[str, Any], defaults: Mapping[str, Any]) -> list[str]:
    return ["| Variable | Type | Default | Meaning |", "| --- | --- | --- | --- |", *rows(options, defaults)]


def role_page(role: Path) -> str:
    """Return the page of a role from its argument_specs and defaults."""
    defaults = load(role / "defaults/main.yml")
    specs = load(role / "meta/argument_specs.yml").get("argument_specs", {})
    lines = [NOTICE.format(source=f"roles/{role.name}/meta/argument_specs.yml"), f"# Role `estate.kafka.{role.name}`", ""]
    if "main" not in specs:
        lines += ["Entry points that other roles use.", ""]
    for entry_point, spec in specs.items():
        title = prose(spec.get("short_description"))
        heading = "" if entry_point == "main" else f"## Entry point `{entry_point}`: "
        lines += [f"{heading}{title}" if heading else f"{title}.", ""]
        description = spec.get("description") or []
        lines += [f"{prose(paragraph)}\n" for paragraph in ([description] if isinstance(description, str) else description)]
        if spec.get("options"):
            lines += [*table(spec["options"], defaults), ""]
    return "\n".join(lines)


def preflight_page() -> str:
    """Return the page of what preflight lets an inventory change."""
    return "\n".join(
        [
            NOTICE.format(source="plugins/module_utils/estate/components.py"),
            "# Limits of preflight",
            "",
            "What the checks before every run ask of a host. Set them for the estate, a group or one host.",
            "",
            *table(PREFLIGHT_OPTIONS, {}),
            "",
        ]
    )


def variable_row(one: Variable) -> str:
    """Return the row of a variable in the list of all."""
    default = "**required**" if one.required else "" if one.default is None else literal(one.default)
    return f"| `{one.name}` | {one.kind} | {cell(default)} | [{one.page.removeprefix('../').partition('#')[0]}]({one.page}) |"


def variables_page() -> str:
    """Return the list of every variable that a person may set."""
    specs = {
        role.name: (load(role / "meta/argument_specs.yml").get("argument_specs", {}), load(role / "defaults/main.yml"))
        for role in role_folders()
    }
    return "\n".join(
        [
            NOTICE.format(source="the roles' argument_specs, tools/variables.py and plugins/module_utils/estate/variables.py"),
            "# All variables",
            "",
            "Every variable that you may set, with the page that says what it means. Names with a leading `_` are internal.",
            "How values are merged and converted: [settings of a component](inventory.md#settings-of-a-component).",
            "",
            "| Variable | Type | Default | Described in |",
            "| --- | --- | --- | --- |",
            *map(variable_row, every_variable(specs)),
            "",
        ]
    )


def role_folders() -> list[Path]:
    """Return the folders of the roles that declare their variables."""
    return [path for path in sorted((ROOT / "roles").iterdir()) if (path / "meta/argument_specs.yml").is_file()]


def index_page(pages: Mapping[str, str]) -> str:
    lines = [NOTICE.format(source="the roles"), "# Roles", ""]
    for name in sorted(pages):
        summary = next(line for line in pages[name].splitlines()[2:] if line)
        lines.append(f"- [{name}]({name}.md): {summary}")
    return "\n".join([*lines, ""])


def topology(inventory: Path) -> dict[str, Any]:
    """Return the topology of an inventory as ``estate.kafka.topology`` gives it; no host is contacted."""
    command = [str(Path(sys.executable).with_name("ansible")), "all[0]", "-i", str(inventory), "-m", "estate.kafka.topology"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{inventory}:\n{done.stdout}{done.stderr}")
    return dict(json.loads(done.stdout[done.stdout.index("=> ") + 3 :])["topology"])


def role_pages() -> dict[str, str]:
    """Return path and text of the generated pages."""
    pages = {role.name: role_page(role) for role in role_folders()}
    named = {f"docs/roles/{name}.md": page for name, page in pages.items()}
    return {
        "docs/roles/README.md": index_page(pages),
        **named,
        "docs/preflight.md": preflight_page(),
        "docs/variables.md": variables_page(),
    }


def inventories() -> dict[str, Path]:
    """Return path of the picture and folder of the inventory."""
    examples = sorted(path.parent for path in (ROOT / "inventories/examples").glob("*/hosts.yml"))
    return {"docs/estate.svg": ROOT / "inventories/prod"} | {f"docs/examples/{path.name}.svg": path for path in examples}


def generate() -> dict[str, str]:
    """Return path and text of every generated file."""
    return role_pages() | {name: picture(topology(inventory)) for name, inventory in inventories().items()}
