# SPDX-License-Identifier: Apache-2.0
"""The phase of one broker or controller, read on its host: from its file, and from the command line of its process."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.phases import running_phase, written_phase

SECONDS = 20
# In the names of what a controller that was put away has left.
PUT_AWAY = ".left-"
COPIED = b"Completed migration of metadata from ZooKeeper to KRaft"


def phases(places: Mapping[str, str]) -> dict[str, str]:
    """Return the phase that is ``written`` in a node's file, and that in which its process is ``running``; '' for none.

    ``roles`` are those of its file: '' for a broker on ZooKeeper.
    """
    words, options = command_line(places["unit"]), properties(Path(places["file"]))
    running = running_phase(words) if words else ""
    return {"written": written_phase(options), "running": running, "roles": options.get("process.roles", "")}


def properties(path: Path) -> dict[str, str]:
    """Return the options of a file, {} where there is none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith(("#", "!")))
    return {key.strip(): value.strip() for key, _, value in pairs}


def command_line(unit: str) -> list[str]:
    """Return the command line of a unit's process, [] where none runs."""
    asked = ["systemctl", "show", unit, "--property=MainPID", "--value"]
    try:
        pid = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=SECONDS).stdout.strip()
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0") if pid not in ("", "0") else []
    except (OSError, subprocess.TimeoutExpired):
        return []


def copied(log: str) -> bool:
    """Whether the log of a controller, or one of those before it, tells that it has copied all metadata."""
    path = Path(log)
    for one in sorted(path.parent.glob(f"{path.name}*")):
        if PUT_AWAY in one.name:
            continue
        try:
            with one.open("rb") as stream:
                if any(COPIED in line for line in stream):
                    return True
        except OSError:
            continue
    return False


def stray(directories: list[str]) -> list[str]:
    """Return the folders that a broker has put aside as belonging to no partition of its cluster."""
    return sorted(
        str(entry)
        for path in directories
        if Path(path).is_dir()
        for entry in Path(path).iterdir()
        if entry.name.endswith("-stray")
    )
