# SPDX-License-Identifier: Apache-2.0
"""What is installed on a host: the versions that the links ``current`` of the toolkit lead to, and the operating system."""

from __future__ import annotations

import os
from pathlib import Path

RELEASES = Path("/opt")
SYSTEM = Path("/etc/os-release")


def installed(releases: Path = RELEASES) -> dict[str, str]:
    """Return name and version in use of each component that is installed side by side with its older versions."""
    found = {}
    for link in sorted(folder / "current" for folder in releases.glob("*")):
        if link.is_symlink():
            found[link.parent.name] = Path(os.readlink(link)).name
    return found


def operating_system(path: Path = SYSTEM) -> str:
    """Return the name of the operating system as it says it itself, or ''."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return ""
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return values.get("PRETTY_NAME", "").strip("\"'")
