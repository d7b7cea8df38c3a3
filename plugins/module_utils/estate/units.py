# SPDX-License-Identifier: Apache-2.0
"""Settings in ``<role>_unit`` that systemd does not know: it passes over them, and nothing changes.  Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.conversion import undefined_in
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.formats.systemd import unit_drop_in

# Names of settings by section.
Settings = Mapping[str, list[str]]
# How much a name must be like a known one to be told: hosts may have a newer systemd with more settings.
CLOSE = 0.85


def check_units(inventory: Inventory, settings: Settings) -> None:
    """Tell the inventory of misspelt settings, and of those that stand in the wrong section."""
    for host, components in inventory.placed.items():
        for role in (component.role for component in components):
            unit = inventory.value(host, f"{role}_unit", may_need_facts=True)
            for section, name, remedy in misspelt(unit, settings):
                found = Found(f"{name}, which systemd does not know there and passes over")
                inventory.problem(host, f"{role}_unit.{section}.{name}", found, remedy)


def misspelt(unit: Any, settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Yield section, name and remedy of each setting that is probably another one."""
    for section, name in dict.fromkeys(_written(unit)):
        known = settings.get(section, [])
        if name in known or name.startswith("X-") or not known:
            continue
        if other := next((one for one, names in settings.items() if name in names), ""):
            yield section, name, f"Write it in section {other}"
        elif close := difflib.get_close_matches(name.lower(), {one.lower(): one for one in known}, n=1, cutoff=CLOSE):
            yield section, name, f"Write {next(one for one in known if one.lower() == close[0])} if that is meant, or remove it"


def _written(unit: Any) -> Iterator[tuple[str, str]]:
    if undefined_in(unit):
        return
    try:
        lines = unit_drop_in(unit).splitlines()
    except ValueError:
        return  # told with the other mistakes of units
    section, continued = "", False
    for line in map(str.strip, lines):
        if line.startswith("[") and not continued:
            section = line.strip("[]")
        elif line and line[0] not in "#;" and not continued:
            yield section, line.partition("=")[0].strip()
        continued = line.endswith("\\")
