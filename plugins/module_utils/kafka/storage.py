# SPDX-License-Identifier: Apache-2.0
"""The directories of brokers and controllers without ZooKeeper: what they were formatted with, and formatting them once."""

from __future__ import annotations

import base64
import hashlib
import os
import pwd
import re
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

META = "meta.properties"
# Versions of meta.properties: 0 of brokers on ZooKeeper, 1 of nodes without.
NEWEST = 1
# Entries that make no directory used: of a file system, and of nobody.
IGNORED = ("lost+found",)
METADATA = "__cluster_metadata-0"
PARTITION = re.compile(r"[A-Za-z0-9._-]+-\d+")
FORMAT_SECONDS = 300

STORAGE_SPEC: dict[str, Any] = {
    "type": "dict",
    "default": {},
    "options": {
        "java": {"type": "path", "default": "/usr/bin/java"},
        "libraries": {"type": "path"},
        "config": {"type": "path"},
        "directories": {"type": "list", "elements": "path", "default": []},
        "node_id": {"type": "int"},
        "cluster_id": {"type": "str", "default": ""},
        "voters": {"type": "str", "default": ""},
        "user": {"type": "str"},
    },
}


class StorageRefused(Exception):
    """A directory that must not be formatted or used; the message names it, and what to do."""


@dataclass(frozen=True)
class Found:
    """What was found in one directory; ids are '' where there is no meta.properties."""

    cluster_id: str = ""
    node_id: str = ""
    directory_id: str = ""
    version: str = ""
    # Nothing is in it that anybody could miss.
    empty: bool = True
    # The node has run with it; and it has records of the metadata log, or partitions.
    started: bool = False
    records: bool = False

    @property
    def formatted(self) -> bool:
        """Whether it has a meta.properties."""
        return bool(self.version)


def look(path: str) -> Found:
    """Return what a directory was formatted with."""
    directory = Path(path)
    entries = {entry.name for entry in directory.iterdir()} if directory.is_dir() else set()
    meta = _properties(directory / META) if META in entries else {}
    return Found(
        cluster_id=meta.get("cluster.id", ""),
        node_id=meta.get("node.id") or meta.get("broker.id", ""),
        directory_id=meta.get("directory.id", ""),
        version=meta.get("version", "0") if meta else "",
        empty=not entries - set(IGNORED),
        # Made at the first start.
        started=(directory / METADATA / "quorum-state").exists(),
        records=any(log.stat().st_size > 0 for log in directory.glob(f"{METADATA}/*.log"))
        or any(PARTITION.fullmatch(name) and name != METADATA for name in entries),
    )


def _properties(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith(("#", "!")))
    return {key.strip(): value.strip() for key, _, value in pairs}


def to_format(found: Mapping[str, Found], node_id: int, cluster_id: str) -> list[str]:
    """Return the directories that are to be formatted; raises StorageRefused for one that has something else in it."""
    for path, one in found.items():
        if reason := refusal(path, one):
            raise StorageRefused(reason)
        if one.formatted and one.node_id != str(node_id):
            raise StorageRefused(
                f"{path} was formatted for node {one.node_id}, and this is node {node_id}: the id belongs to the data"
            )
        if one.formatted and cluster_id and one.cluster_id != cluster_id:
            raise StorageRefused(
                f"{path} has data of cluster id {one.cluster_id}, and this cluster has {cluster_id}: "
                "put the host into the cluster that its data belongs to, or name another directory"
            )
    return [path for path, one in found.items() if not one.formatted]


def refusal(path: str, found: Found) -> str:
    """Return '' or why a directory can neither be used nor formatted, whatever the cluster."""
    if found.formatted and (not found.version.isdigit() or int(found.version) > NEWEST):
        return f"{path} has a {META} of version {found.version}, and versions up to {NEWEST} are known: it is of a newer Kafka"
    if found.formatted and found.version == "0" and not found.directory_id:
        return (
            f"{path} has data of a broker on ZooKeeper (cluster id {found.cluster_id}): leave its cluster on "
            "ZooKeeper until playbooks/migrate.yml has moved it, or name an empty directory"
        )
    if not found.formatted and not found.empty:
        return (
            f"{path} has files and no {META}: it is half formatted, or its data are of something else. Nothing was changed; "
            f"bring {META} back, or empty the directory if nothing in it is needed"
        )
    return ""


def directory_id(cluster_id: str, node_id: int) -> str:
    """Return the id of a first controller's directory: the same whoever asks, so that all are formatted with the same voters."""
    return _base64(hashlib.sha256(f"{cluster_id} {node_id}".encode()).digest()[:16])


def new_cluster_id() -> str:
    """Return a random id; none begins with a hyphen, which some commands of Kafka take for an option."""
    while (found := _base64(uuid.uuid4().bytes)).startswith("-"):
        pass
    return found


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def voters(cluster_id: str, controllers: Sequence[Mapping[str, Any]]) -> str:
    """Return the first voters of a quorum as StorageTool takes them: ``id@host:port:directory id``."""
    return ",".join(f"{row['id']}@{row['host']}:{row['port']}:{directory_id(cluster_id, row['id'])}" for row in controllers)


def format_command(storage: Mapping[str, Any]) -> list[str]:
    """Return the command that formats what is not formatted; ids stand behind '=', for one may begin with a hyphen.

    Without voters it is a broker, or a controller of a quorum that has run: that one begins as an observer under a new id of its
    directory, so it cannot be taken for the voter that it perhaps was.
    """
    command = [
        storage["java"],
        "-Xmx128m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        f"{storage['libraries']}/*",
        "kafka.tools.StorageTool",
        "format",
        f"--config={storage['config']}",
        f"--cluster-id={storage['cluster_id']}",
        "--ignore-formatted",
    ]
    return [*command, f"--initial-controllers={storage['voters']}" if storage.get("voters") else "--no-initial-controllers"]


def missing_format(storage: Mapping[str, Any]) -> list[str]:
    """Return the directories of a node that are to be formatted; see :func:`to_format`."""
    return to_format({path: look(path) for path in storage["directories"]}, storage["node_id"], storage["cluster_id"])


def format_storage(storage: Mapping[str, Any]) -> None:
    """Format the directories that are not, as their user; raises StorageRefused when that fails."""
    if not storage["cluster_id"]:
        raise StorageRefused(
            "the cluster's id is not known, and a new one is only made for a cluster of which no member is formatted: run it "
            "through a playbook that looks at all hosts, without --limit, or set kafka_cluster_id"
        )
    account = pwd.getpwnam(storage["user"])
    identity: dict[str, Any] = {}
    if os.geteuid() != account.pw_uid:
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    try:
        done = subprocess.run(
            format_command(storage),
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            timeout=FORMAT_SECONDS,
            umask=0o027,
            **identity,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StorageRefused(f"StorageTool could not format: {error}") from error
    if done.returncode:
        said = "\n".join([*done.stdout.splitlines(), *done.stderr.splitlines()][-15:])
        raise StorageRefused(f"StorageTool could not format {', '.join(storage['directories'])}:\n{said}")
    if left := missing_format(storage):
        raise StorageRefused(f"StorageTool said that it formatted, and {', '.join(left)} has no {META}")
