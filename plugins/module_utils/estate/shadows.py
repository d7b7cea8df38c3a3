# SPDX-License-Identifier: Apache-2.0
"""Files with variables that Ansible does not read, for another file or folder of the same name stands beside them."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found, Problem

KINDS = {"group_vars": "group", "host_vars": "host"}
# Letters of a name from which on one of them more or less is a slip: zk and zka may be two hosts.
LONG_ENOUGH = 6
TEMPLATES = (".j2", ".jinja", ".jinja2")


def shadowed(folders: Iterable[Path], endings: Sequence[str]) -> list[Problem]:
    """Return a problem for each group or host with variables in more than one place of a folder.

    ``folders`` are those beside which Ansible looks for group_vars and host_vars; ``endings`` are those of the files that
    it reads, in its own order: it takes the first that is there, and a folder or a file without an ending before all.
    """
    problems = []
    for place in dict.fromkeys(folder / kind for folder in folders for kind in KINDS):
        names: dict[str, list[Path]] = defaultdict(list)
        for path in _entries(place):
            for ending in endings:
                if path.name.endswith(ending) and path.name != ending and not path.is_dir():
                    names[path.name[: -len(ending)]].append(path)
            names[path.name].append(path)
        for name, paths in sorted(names.items()):
            order = sorted(paths, key=lambda path: ["", *endings].index(path.name[len(name) :]))
            if len(order) > 1:
                problems.append(_problem(KINDS[place.name], name, order))
    return problems


def misplaced(folders: Iterable[Path], groups: Collection[str], endings: Sequence[str]) -> list[Problem]:
    """Return a problem for each folder or file beside an inventory whose name is so much like one that Ansible reads.

    ``groups`` are those of the inventory; a file of a group that is not there yet is no mistake.
    """
    problems = []
    for folder in dict.fromkeys(folders):
        for path in _entries(folder):
            close = get_close_matches(path.name, KINDS, n=1, cutoff=0.8) if path.is_dir() and path.name not in KINDS else []
            if close and not _has_inventory(path):
                problems.append(
                    Problem(
                        f"folder {path.name}",
                        close[0],
                        Found(f"{os.path.relpath(path)}{os.sep}, which Ansible does not read"),
                        f"Name it {close[0]}",
                    )
                )
        for path in _entries(folder / "group_vars"):
            name = next((path.name.removesuffix(ending) for ending in endings if path.name.endswith(ending)), path.name)
            close = get_close_matches(name, groups, n=1, cutoff=0.88) if name not in groups else []
            if close:
                problems.append(
                    Problem(
                        f"group {name}",
                        "group_vars",
                        Found(f"{os.path.relpath(path)}, and no such group"),
                        f"Name it after group {close[0]} if that is meant, or after the group that it is for",
                    )
                )
    return problems


def unread(folders: Iterable[Path], names: Collection[str], endings: Sequence[str]) -> list[Problem]:
    """Return a problem for each file of variables that Ansible passes over because of its ending, or its folder's.

    ``names`` are the groups and hosts. Only an ending that is like one of ``endings`` is told: a backup or a note is no mistake.
    """
    problems = []
    for place in dict.fromkeys(folder / kind for folder in folders for kind in KINDS):
        for path in _entries(place):
            if path.is_dir():
                problems += [_unread(place, one, why) for one, why in _passed_over(path, endings)]
            elif path.stem in names and path.name not in names and (ending := _meant(path, endings)):
                problems.append(_unread(place, path, f"Name it {path.stem}{ending}"))
    return problems


def _passed_over(folder: Path, endings: Sequence[str]) -> Iterator[tuple[Path, str]]:
    for path in _entries(folder):
        if path.is_dir() and not path.suffix:
            yield from _passed_over(path, endings)
        elif path.is_dir():
            if any(one.suffix in endings for one in path.rglob("*")):
                yield path, f"Write its name without a dot, such as {path.name.replace('.', '_')}"
        elif ending := _meant(path, endings):
            yield path, f"Name it {path.stem.removesuffix(ending)}{ending}"


def _meant(path: Path, endings: Sequence[str]) -> str:
    """Return the ending that Ansible reads for one that is like it; '' for that one itself, and for any other."""
    ending = path.suffix
    # A template of one: nothing renders it here. Its own ending is the one before.
    if ending in TEMPLATES and path.with_suffix("").suffix in endings:
        return path.with_suffix("").suffix
    if ending in endings or not re.fullmatch(r"\.[A-Za-z]+", ending):
        return ""
    return next(iter(get_close_matches(ending.lower(), [one for one in endings if one], n=1, cutoff=0.8)), "")


def _unread(place: Path, path: Path, remedy: str) -> Problem:
    what = Found(f"{os.path.relpath(path)}{os.sep if path.is_dir() else ''}, which Ansible does not read")
    name = path.relative_to(place).parts[0].removesuffix(path.suffix if path.parent == place else "")
    return Problem(f"{KINDS[place.name]} {name}", place.name, what, remedy)


def misspelt(folders: Iterable[Path], hosts: Collection[str], endings: Sequence[str]) -> list[Problem]:
    """Return a problem for each file in host_vars of an inventory that has the name of a host in another spelling.

    ``folders`` are those of inventories: what lies beside a playbook may be for hosts of another one.
    """
    problems = []
    for folder in dict.fromkeys(folders):
        for path in _entries(folder / "host_vars"):
            name = next((path.name.removesuffix(ending) for ending in endings if path.name.endswith(ending)), path.name)
            if name in hosts:
                continue
            for meant in (host for host in hosts if one_host(name, host)):
                problems.append(
                    Problem(
                        f"host {name}",
                        "host_vars",
                        Found(f"{os.path.relpath(path)}, and no such host"),
                        f"Name it after host {meant} if that is meant: Ansible reads it for no other",
                    )
                )
    return problems


def one_host(one: str, other: str) -> bool:
    """Return whether two names are one, but for capitals, for the domain that only one of them has, or for a slip of the finger.

    Hosts are counted by digits, or told apart by a letter in one place: neither is a slip. A letter too many or too few, or two
    that have changed places, is one.
    """
    first, second = (name.lower().rstrip(".") for name in (one, other))
    pairs = ((first, second), (second, first))
    if first == second or any("." not in short and long.startswith(f"{short}.") for short, long in pairs):
        return True
    long, short = sorted((first, second), key=len, reverse=True)
    same_letters = sorted(long) == sorted(short) and sum(a != b for a, b in zip(long, short, strict=True)) == 2
    return (
        len(short) >= LONG_ENOUGH
        and re.findall(r"\d+", first) == re.findall(r"\d+", second)
        and (same_letters or _one_less(long, short))
    )


def _one_less(long: str, short: str) -> bool:
    """Return whether one name is the other without one of its letters."""
    place = next((at for at, (a, b) in enumerate(zip(long, short, strict=False)) if a != b), len(short))
    return long[:place] + long[place + 1 :] == short


def _has_inventory(folder: Path) -> bool:
    """Return whether a folder is an inventory of its own."""
    return any((folder / kind).is_dir() for kind in KINDS)


def _entries(place: Path) -> list[Path]:
    return sorted(path for path in place.iterdir() if not path.name.startswith(".")) if place.is_dir() else []


def _problem(kind: str, name: str, order: Sequence[Path]) -> Problem:
    read, *others = (f"{os.path.relpath(path)}{os.sep if path.is_dir() else ''}" for path in order)
    found = f"{read} and {', '.join(others)}, of which Ansible reads only the first"
    if order[0].is_dir():
        remedy = f"Move {others[0]} into {read}, under another name such as main.yml"
    else:
        remedy = (
            f"Keep one file, or make {os.path.relpath(order[0].with_name(name))}{os.sep} a folder and move all of them into it"
        )
    return Problem(f"{kind} {name}", f"{order[0].parent.name}", Found(found), remedy)
