# SPDX-License-Identifier: Apache-2.0
"""Processes of this host, from /proc: user, systemd service and sockets of each, as far as this process may see them."""

from __future__ import annotations

import os
import pwd
import re
from pathlib import Path


def content(path: str | Path) -> str:
    """Return the content of a file, '' when it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def user_name(uid: int) -> str:
    """Return the name of a user, the number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def uid_of(pid: int) -> int:
    """Return the user id of a process, -1 when it has gone."""
    try:
        return Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return -1


def unit_of(pid: int) -> str:
    """Return the systemd service of a process, '' when it has none."""
    match = re.search(r"^\d+:(?:name=systemd)?:.*?/([^/\n]+\.service)(?:/|$)", content(f"/proc/{pid}/cgroup"), re.MULTILINE)
    return match[1] if match else ""


def socket_inodes(pid: int) -> list[str]:
    """Return the inodes of a process's sockets that this process is allowed to see."""
    inodes = []
    try:
        for entry in os.scandir(f"/proc/{pid}/fd"):
            target = os.readlink(entry.path)
            if target.startswith("socket:["):
                inodes.append(target[8:-1])
    except OSError:
        pass
    return inodes
