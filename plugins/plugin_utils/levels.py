# SPDX-License-Identifier: Apache-2.0
"""The variables of a host place by place, as Ansible reads them before it lays them over one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ansible.inventory.helpers import sort_groups
from ansible.parsing.dataloader import DataLoader
from ansible_collections.estate.kafka.plugins.module_utils.estate.hidden import Level

KINDS = ("group_vars", "host_vars")
# Of a host, above all groups.
HOST = (10**6, 0)


class Levels:
    """Reads each file once; ``folders`` are those in which Ansible looks for group_vars and host_vars, in its order."""

    def __init__(self, inventory: Any, loader: DataLoader, folders: Iterable[Path]) -> None:
        self.inventory = inventory
        self.loader = loader
        self.folders = list(dict.fromkeys(folders))
        self.levels: dict[str, list[Level]] = {}
        self.files: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def of(self, name: str) -> list[Level]:
        """Return the levels of a host, the one that has the last word last."""
        if name not in self.levels:
            self.levels[name] = self._gathered(name)
        return self.levels[name]

    def _gathered(self, name: str) -> list[Level]:
        host = self.inventory.get_host(name)
        groups = sort_groups({*host.get_groups(), self.inventory.groups["all"]})
        whole = [group for group in groups if group.name == "all"]
        found: list[Level] = []
        for some in (whole, [group for group in groups if group.name != "all"]):
            found += [_of_group(group, group.get_vars()) for group in some]
            for folder in self.folders:
                found += [_of_group(group, one) for group in some for one in self._read(folder, KINDS[0], group.name)]
        found.append(Level(f"host {name}", HOST, host.vars))
        for folder in self.folders:
            found += [Level(f"host {name}", HOST, one) for one in self._read(folder, KINDS[1], name)]
        return found

    def _read(self, folder: Path, kind: str, name: str) -> Iterator[dict[str, Any]]:
        key = (str(folder / kind), name)
        if key not in self.files:
            paths = self.loader.find_vars_files(*key) if (folder / kind).is_dir() else []
            # Not into the loader's cache: there the strings of these files are trusted as templates.
            contents = [self.loader.load_from_file(str(path), cache="none") for path in paths]
            self.files[key] = [one for one in contents if isinstance(one, dict)]
        yield from self.files[key]


def _of_group(group: Any, variables: dict[str, Any]) -> Level:
    return Level(f"group {group.name}", (group.depth, group.priority), variables)
