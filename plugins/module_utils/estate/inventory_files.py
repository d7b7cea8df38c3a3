# SPDX-License-Identifier: Apache-2.0
"""Keys of an inventory in YAML that Ansible passes over, with a warning at most.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.places import Locator
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found, Problem

# What a group has.
KEYS = ("hosts", "children", "vars")


def unread_keys(content: Any, place: Locator) -> list[Problem]:
    """Return a problem for each key of a group that is none; ``content`` is what an inventory's file has.

    What is no mapping of groups, such as the settings of an inventory plugin, is not looked at.
    """
    if not isinstance(content, Mapping) or "plugin" in content:
        return []
    return [
        problem
        for name, group in content.items()
        for problem in (*_of_file(name, group, place), *_of_group(str(name), group, place))
    ]


def _of_file(name: Any, group: Any, place: Locator) -> Iterator[Problem]:
    """Yield what stands where an inventory's file has its groups, and is none."""
    if group is not None and not isinstance(group, Mapping):
        where = place(name)
        found = Found(f"{str(name)!r}{f' ({where})' if where else ''} with a value, where an inventory's file has groups")
        remedy = "Move variables into a file of group_vars or host_vars, or under vars of a group"
        yield Problem(f"group {name}", "groups", found, remedy)


def _of_group(name: str, group: Any, place: Locator) -> Iterator[Problem]:
    for key, value in group.items() if isinstance(group, Mapping) else ():
        if key == "children" and isinstance(value, Mapping):
            for child, inner in value.items():
                yield from _of_group(str(child), inner, place)
        elif key not in KEYS:
            where = place(key)
            close = get_close_matches(str(key), KEYS, n=1, cutoff=0.5)
            remedy = f"Write {close[0]} if that is meant" if close else "Write hosts, children or vars before it"
            found = Found(f"the key {str(key)!r}{f' ({where})' if where else ''}, which Ansible does not read")
            yield Problem(f"group {name}", "groups", found, remedy)
