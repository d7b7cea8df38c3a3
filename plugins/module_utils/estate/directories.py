# SPDX-License-Identifier: Apache-2.0
"""What keeps a component from its directories: what else is in them, and how their file systems are mounted.  Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Problem

# Of a broker that is a controller too.
METADATA_DIR = "kafka_broker_metadata_dir"
# Folders a broker takes for its own: partitions, also those on their way to another directory or to their end, and its cache.
PARTITION = re.compile(r".+-\d+(\..+-(delete|future|stray))?")
BROKERS_OWN = ("remote-log-index-cache",)
# Where the toolkit itself makes a folder, beside the data directories of the inventory.
BROKER_TMP = "/var/lib/kafka/tmp"
SHOWN = 3
# Ends of the variables with directories that belong to one component alone.
DIRECTORIES = ("data_dir", "log_dirs", "log_dir", "config_dir")


@dataclass(frozen=True)
class Own:
    """A directory that a component writes to, with the variable that names it."""

    component: str
    variable: str
    path: str


def collisions(own: Sequence[Own]) -> Iterator[tuple[Own, str]]:
    """Yield directories that two components would share, or of which one keeps the other from its own, and what to do.

    What a component has for itself may lie in one another, but nothing in a log directory of a broker.
    """
    paths = [PurePosixPath(posixpath.normpath(one.path)) for one in own]
    for number, (inner, here) in enumerate(zip(own, paths)):
        above = {*here.parents}
        for outer, there in zip(own, paths):
            if outer is inner:
                continue
            if here == there and own.index(outer) <= number:
                yield inner, f"{outer.variable} has this directory too: give each one of its own"
            elif there in above and outer.variable == "kafka_broker_log_dirs":
                yield (
                    inner,
                    f"It lies in {outer.path} of {outer.variable}, where a broker takes every folder for a partition: move it",
                )
            elif there in above and outer.component != inner.component:
                yield (
                    inner,
                    f"It lies in {outer.path} of {outer.variable}, which only {outer.component} may enter: move one of them",
                )


def foreign(host: str, observed: Mapping[str, Any], carried: Mapping[str, Any]) -> list[Problem]:
    """Log directories of a broker with folders that are no partitions: it throws at its start when it meets one."""
    problems = []
    every = [path for row in carried["components"] for path in row["data_dirs"]] + [BROKER_TMP]
    for row in carried["components"]:
        if row["component"] != "kafka_broker":
            continue
        for path in (one for one in row["data_dirs"] if one != row.get("metadata_dir")):
            folders = [name for name in observed["disks"][path].get("folders", []) if not _brokers(name)]
            folders += [other for other in every if PurePosixPath(path) in PurePosixPath(other).parents and other not in folders]
            if folders:
                more = f" and {len(folders) - SHOWN} more" if len(folders) > SHOWN else ""
                problems.append(
                    Problem(
                        host,
                        BY_NAME["kafka_broker"].data_dirs[0],
                        f"{path}, with {', '.join(folders[:SHOWN])}{more} in it",
                        "A broker refuses to start where a folder of its log directory is no partition: name a folder of its "
                        f"own, such as {path.rstrip('/')}/kafka",
                    )
                )
    return problems


def mounts(host: str, observed: Mapping[str, Any], carried: Mapping[str, Any]) -> list[Problem]:
    """File systems that cannot be written to, and those without the right to execute where programs and libraries are put."""
    problems = []
    runs = {"/opt": "programs and Python libraries are installed there"}
    if any(BY_NAME[row["component"]].java for row in carried["components"]):
        runs["/var/lib"] = "Java unpacks libraries there and loads them"
    variables = {path: BY_NAME[row["component"]].data_dirs[0] for row in carried["components"] for path in row["data_dirs"]}
    variables |= {row["metadata_dir"]: METADATA_DIR for row in carried["components"] if "metadata_dir" in row}
    for path, mount in observed.get("mounts", {}).items():
        if "ro" in mount["options"]:
            problems.append(
                Problem(
                    host,
                    variables.get(path, "mount options"),
                    f"{path} on the read-only file system {mount['point']}",
                    f"Mount it for writing (mount -o remount,rw {mount['point']}; if the kernel did this, its log says why)",
                )
            )
        if "noexec" in mount["options"] and path in runs:
            problems.append(
                Problem(
                    host,
                    "mount options",
                    f"{path} on {mount['point']}, mounted noexec",
                    f"Mount it without noexec: {runs[path]}",
                )
            )
    return problems


def _brokers(name: str) -> bool:
    return name in BROKERS_OWN or bool(PARTITION.fullmatch(name))
