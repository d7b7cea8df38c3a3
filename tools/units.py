"""The settings of a unit that systemd of this machine knows: artifacts/options/systemd-<version>/unit.json.

Run it on the newest distribution that hosts may have. A setting that only a newer systemd has is no mistake: see estate/units.py.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping

from options import DATA

SYSTEMD = "/lib/systemd/systemd"
# A drop-in of a service has these; settings of other kinds of units are not for it.
SECTIONS = ("Unit", "Service", "Install")


def dumped(shown: str) -> dict[str, list[str]]:
    """Return the names of settings by section, of what systemd prints about itself."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in shown.splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line.strip()):
            section = match[1]
        elif (match := re.match(r"(\w+)=", line.strip())) and section in SECTIONS:
            found.setdefault(section, []).append(match[1])
    return {name: sorted(set(settings)) for name, settings in found.items()}


def written(version: str, settings: Mapping[str, list[str]]) -> str:
    return json.dumps({"program": "systemd", "version": version, "settings": settings}, indent=1) + "\n"


def main() -> None:
    """Ask systemd and write the file."""
    shown, about = (
        subprocess.run([SYSTEMD, option], capture_output=True, text=True, check=True).stdout
        for option in ("--dump-configuration-items", "--version")
    )
    version = about.split()[1]
    path = DATA / f"systemd-{version}/unit.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(written(version, dumped(shown)), encoding="utf-8")


if __name__ == "__main__":
    main()
