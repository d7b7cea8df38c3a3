# SPDX-License-Identifier: Apache-2.0
"""Variables of which Ansible takes one value and hides another that a person wrote for the same host.  Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.levels import LEVELS
from ansible_collections.estate.kafka.plugins.module_utils.estate.places import Locator, nearest
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import NAMED, Found, Problem
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

# What a host is a member of: another value is another ensemble, cluster or group of workers.
MEMBERSHIP = re.compile(r".+_(cluster|ensemble|chroot|group_id)")
# What groups have in an inventory's own file.
SECTIONS = ("vars", "hosts", "children")
OPTIONS = re.compile(rf"(?P<role>.+?)_({'|'.join(sorted(LEVELS, key=len, reverse=True))})")


@dataclass(frozen=True)
class Level:
    """The variables that one file, or the inventory's own file, has for a group or a host.

    Of two groups with one ``rank``, the depth below ``all`` and the priority, the names' order decides; no group has a host's.
    """

    owner: str
    rank: tuple[int, int]
    variables: Mapping[str, Any]


def lost_options(
    host: str, levels: Sequence[Level], dictionaries: Collection[str], written_at: Locator
) -> tuple[list[Problem], list[Problem]]:
    """Return problems and warnings: mappings of a host of which a later one hides keys of an earlier one.

    ``levels`` are in Ansible's order, the last word last; ``dictionaries`` are the variables that are mappings. A template that
    has the last word may build on others, and an empty mapping says that nothing is wanted: neither is judged.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for name in dict.fromkeys(name for level in levels for name in level.variables if name in dictionaries):
        found = [level for level in levels if name in level.variables]
        last = found[-1].variables[name]
        if not isinstance(last, Mapping) or not last:
            continue
        for level in found[:-1]:
            earlier = level.variables[name]
            lost = [str(key) for key in earlier if key not in last] if isinstance(earlier, Mapping) else []
            if not lost:
                continue
            place, other = (_place(one, name, written_at) for one in (found[-1], level))
            what = Found(f"the mapping of {place}, in place of that of {other}, which has {shorten(lost, NAMED)}")
            options = OPTIONS.fullmatch(name)
            told = problems if options else warnings
            told.append(Problem(host, name, what, _remedy(name, options)))
    return problems, warnings


def unread_sections(host: str, levels: Sequence[Level], written_at: Locator) -> Iterator[Problem]:
    """Yield a problem for each mapping that is a section of an inventory's file, and among variables only one of them."""
    for level in levels:
        for name in (one for one in SECTIONS if isinstance(level.variables.get(one), Mapping)):
            remedy = "Write what is in it one step further out: a file of variables has them at its beginning"
            yield Problem(host, name, Found(f"a mapping of {_place(level, name, written_at)}, which nothing reads"), remedy)


def undecided(host: str, levels: Sequence[Level], written_at: Locator) -> Iterator[Problem]:
    """Yield a problem for each membership that two groups of one rank give a host in two ways: their names' order decides."""
    for name in dict.fromkeys(name for level in levels for name in level.variables if MEMBERSHIP.fullmatch(name)):
        found = [level for level in levels if name in level.variables]
        last = found[-1]
        for level in found[:-1]:
            if level.rank == last.rank and level.owner != last.owner and level.variables[name] != last.variables[name]:
                one, other = (f"{at.variables[name]!r} of {_place(at, name, written_at)}" for at in (last, level))
                remedy = (
                    "Ansible takes the first one, only because the name of its group comes later in the alphabet: take the host "
                    "out of one of the groups, or write the variable at the host"
                )
                yield Problem(host, name, Found(f"{one}, and {other}"), remedy)


def _place(level: Level, name: str, written_at: Locator) -> str:
    where = nearest(level.variables[name], "", written_at)
    return f"{level.owner} ({where})" if where else level.owner


def _remedy(name: str, options: re.Match[str] | None) -> str:
    if not options:
        return "Ansible takes one of them whole: write in it what is to stay of the other"
    first, second, third = (f"{options['role']}_{level}" for level in LEVELS)
    return (
        f"Ansible takes one of them whole, while {first}, {second} and {third} are laid over one another: write one of the two "
        "into another of these"
    )
