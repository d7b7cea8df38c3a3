# SPDX-License-Identifier: Apache-2.0
"""Writes the version of the coming release in every place that has it: ``python tools/version.py 0.2.0``.

Without a version it prints the places and what they have, and fails where they differ.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Versions that Galaxy takes: https://semver.org, without build metadata.
VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?")
# File to the one line with the version; the middle group is the version.
PLACES = {
    "galaxy.yml": r"^(version: )(\S+)()$",
    "pyproject.toml": r'^(version = ")([^"]+)(")$',
    "changelogs/config.yaml": r"^(next_version: )(\S+)()$",
    # The first section, released or not.
    "CHANGELOG.md": r"^(## )(\d\S*)((?: .*)?)$",
}


def versions(root: Path) -> dict[str, str]:
    """Return file to the version it has; raises ValueError for a file without one."""
    found = {}
    for name, line in PLACES.items():
        match = re.search(line, (root / name).read_text(encoding="utf-8"), re.MULTILINE)
        if not match:
            raise ValueError(f"{name} has no line like {line}")
        found[name] = match[2]
    return found


def write(root: Path, version: str) -> None:
    """Write the version everywhere; raises ValueError, before anything is written, where that cannot be done.

    The changelog's first section is renamed while it is unreleased. That of a release stays, and a new one comes above it.
    """
    if not VERSION.fullmatch(version):
        raise ValueError(f"'{version}' is no version such as 0.2.0 or 1.0.0-beta.1")
    versions(root)
    for name, line in PLACES.items():
        path = root / name
        text = path.read_text(encoding="utf-8")
        match = re.search(line, text, re.MULTILINE)
        if match and name == "CHANGELOG.md" and match[2] != version and "unreleased" not in match[3]:
            text = f"{text[: match.start()]}## {version} (unreleased)\n\n{text[match.start() :]}"
        else:
            text = re.sub(line, rf"\g<1>{version}\g<3>", text, count=1, flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8")


def main() -> int:
    try:
        if sys.argv[1:] and sys.argv[1]:
            write(ROOT, sys.argv[1])
        found = versions(ROOT)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(f"{version:12} {name}" for name, version in found.items()))
    return 0 if len(set(found.values())) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
