# SPDX-License-Identifier: Apache-2.0
"""What is installed on a host: trees of releases, the versions that the links ``current`` lead to, and the operating system."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RELEASES = Path("/opt")
# Directories of components, each with its versions, are in these.
ROOTS = (RELEASES, RELEASES / "kafka-estate")
SYSTEM = Path("/etc/os-release")


def installed(releases: Path = RELEASES) -> dict[str, str]:
    """Return name and version in use of each component that is installed side by side with its older versions."""
    found = {}
    for link in sorted(folder / "current" for folder in releases.glob("*")):
        if link.is_symlink():
            found[link.parent.name] = Path(os.readlink(link)).name
    return found


def installed_sha256(path: Path) -> str:
    """Return the sha256 of the archive that a version's directory was made from, '' where it does not say."""
    marker = path / ".release-sha256"
    return marker.read_text().strip() if marker.is_file() else ""


def trees(roots: Sequence[Path] = ROOTS) -> dict[str, dict[str, str]]:
    """Return the versions in each directory of a component, each with the sha256 of the archive it was made from."""
    found: dict[str, dict[str, str]] = {}
    for directory in (path for root in roots for path in root.glob("*") if path.is_dir()):
        found[str(directory)] = {path.name: installed_sha256(path) for path in directory.glob("*") if not path.is_symlink()}
    return found


def outcome(paths: Sequence[str], fresh: Sequence[str]) -> dict[str, Any]:
    """Return the result of module ``release``: the directories of all versions, and those of them that are new."""
    header = "installed releases"
    return {
        "changed": bool(fresh),
        "paths": list(paths),
        "diff": {"before": "", "after": "".join(f"{path}\n" for path in fresh), "before_header": header, "after_header": header},
    }


def operating_system(path: Path = SYSTEM) -> str:
    """Return the name of the operating system as it says it itself, or ''."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return ""
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return values.get("PRETTY_NAME", "").strip("\"'")
