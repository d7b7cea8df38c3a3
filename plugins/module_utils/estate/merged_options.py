# SPDX-License-Identifier: Apache-2.0
"""The options of each component as its file will have them, and where each comes from.  Pure; no secret is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.levels import level_variables
from ansible_collections.estate.kafka.plugins.module_utils.estate.options import flat
from ansible_collections.estate.kafka.plugins.module_utils.estate.places import nearest
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import NAMED, Undefined
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.secrets import (
    HIDDEN,
    is_reference,
    is_secret_key,
    is_secret_value,
    mask_inline,
)
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten, table, text

# Which options are shown: those that the inventory sets, or all that the file will have.
SHOWN = ("written", "all", "none")
TOOLKIT = "the toolkit"
LATER = "(known only during the run)"
REMOVED = "(removed)"
DEFAULT = "the role's default"
# What stands for all others where a role needs facts of the host.
OTHERS = "*"


@dataclass(frozen=True)
class Rendered:
    """What a role makes of one host's variables: its options, and those before people's; None where only the run knows."""

    options: Mapping[str, Any] | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    # The role's own expressions of these defaults.
    expressions: Mapping[str, Any] = field(default_factory=dict)


Render = Callable[[str, str], Rendered]
Rows = dict[str, dict[str, list[dict[str, Any]]]]


def merged_options(
    inventory: Inventory,
    shown: str,
    render: Render = lambda host, role: Rendered(),
    hosts: Collection[str] = (),
    components: Collection[str] = (),
    is_vaulted: Callable[[Any], bool] = lambda value: False,
) -> Rows:
    """Return component, option, and each different value with the hosts that have it, the variable and its place.

    ``shown`` is one of SHOWN; ``render`` returns what a role makes of a host; ``hosts`` and ``components`` are those to show, by
    default all; ``is_vaulted`` says whether a value stood in a vault.
    """
    rows: Rows = {}
    for host, placed in inventory.placed.items():
        for role in (component.role for component in placed if not components or component.role in components):
            if (hosts and host not in hosts) or f"{role}_config" not in inventory.known:
                continue
            for option, row in _of_host(inventory, host, role, shown, render, is_vaulted):
                same = rows.setdefault(role, {}).setdefault(option, [])
                for other in same:
                    if {**other, "hosts": []} == {**row, "hosts": []}:
                        other["hosts"].append(host)
                        break
                else:
                    same.append({**row, "hosts": [host]})
    return rows


def _of_host(
    inventory: Inventory, host: str, role: str, shown: str, render: Render, is_vaulted: Callable[[Any], bool]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the options of one component of one host by name."""
    written = {str(name): value for name, value in flat(inventory.options(host, role))}
    made = render(host, role) if shown == "all" else Rendered()
    defaults = {str(name): value for name, value in flat(made.defaults)}
    expressions = {str(name): value for name, value in flat(made.expressions)}
    rendered = {str(name): value for name, value in flat(made.options or {})}
    for option in dict.fromkeys([*rendered, *written]):
        value = rendered.get(option, written.get(option))
        variable = inventory.level_of(host, role, option)
        if option not in written:
            own = option in defaults and defaults[option] == value
            variable = _named(role, expressions.get(option), inventory.known) if own else ""
        inside = f".{option}" if option in written else ""
        found = inventory.written.get(host, {}).get(variable) if variable else None
        raw = _at(found, option) if option in written else found
        place = (nearest(found, inside, inventory.written_at) or inventory.place_of(host, variable)) if found is not None else ""
        secret = is_vaulted(raw) or is_vaulted(value) or bool(variable and inventory.known[variable].get("no_log"))
        yield (
            option,
            {
                "value": HIDDEN if secret and not isinstance(value, bool) else masked(option, value),
                "variable": variable or TOOLKIT,
                "written_at": place or (DEFAULT if variable and found is None else ""),
            },
        )
    if shown == "all" and made.options is None:
        yield OTHERS, {"value": LATER, "variable": TOOLKIT, "written_at": ""}


def _at(value: Any, option: str) -> Any:
    """Return what stands at a dotted name in mappings within mappings."""
    for name, found in value.items() if isinstance(value, Mapping) else ():
        if str(name) == option:
            return found
        if option.startswith(f"{name}."):
            return _at(found, option.removeprefix(f"{name}."))
    return None


def _named(role: str, expression: Any, known: Collection[str]) -> str:
    """Return the variable of the role that an expression of its defaults takes its value from; '' for none or several."""
    names = {name for name in re.findall(rf"(?<![\w.]){role}_\w+", str(expression)) if name in known}
    return names.pop() if len(names) == 1 else ""


def masked(key: str, value: Any) -> Any:
    """Return a value without the secrets in it, at any depth."""
    if isinstance(value, Undefined):
        return LATER
    if isinstance(value, Mapping):
        return {str(name): masked(f"{key}.{name}", item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(key, item) for item in value]
    if is_secret_key(key) and is_secret_value(key, value) and not is_reference(value):
        return HIDDEN
    return mask_inline(value) if isinstance(value, str) else value


def without_unknown(value: Any) -> Any:
    """Return a value that a role can be rendered with: what only the run knows is said in words."""
    if isinstance(value, Undefined):
        return LATER
    if isinstance(value, Mapping):
        return {key: without_unknown(item) for key, item in value.items()}
    return [without_unknown(item) for item in value] if isinstance(value, (list, tuple)) else value


def levels_of(inventory: Inventory, host: str, role: str) -> dict[str, Any]:
    """Return the variables with options of a component as everybody uses them."""
    return {name: without_unknown(inventory.value(host, name, may_need_facts=True) or {}) for name in level_variables(role)}


def report(rows: Rows) -> str:
    """Return the options as a table for people: one line for each value, with its hosts and where it was written."""
    lines = [
        (component, option, _cell(row["value"]), _source(row), shorten(row["hosts"], NAMED))
        for component, options in rows.items()
        for option, values in sorted(options.items())
        for row in values
    ]
    return table(("component", "option", "value", "from", "hosts"), lines) if lines else "The inventory sets no options."


def _cell(value: Any, longest: int = 60) -> str:
    words = REMOVED if value is None else text(value).replace("\n", "\\n")
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def _source(row: Mapping[str, Any]) -> str:
    return f"{row['variable']} ({row['written_at']})" if row["written_at"] else str(row["variable"])


def problems_of_selection(names: Iterable[str], known: Collection[str], what: str) -> list[str]:
    """Return a sentence for each host or component that was asked for and that the estate does not have."""
    told = shorten(list(known), 20)
    return [
        f"No {what} of this inventory with options is named {name!r}. There are {told}" for name in names if name not in known
    ]
