# SPDX-License-Identifier: Apache-2.0
"""Who runs Ansible here, and whether the process of another run on this machine still lives."""

from __future__ import annotations

import getpass
import hashlib
import os
import platform
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import constants, context

# States of a process that has ended and that its parent has not asked for yet.
ENDED = ("Z", "X")


def this_run() -> dict[str, Any]:
    """Return what the mark of this run says. To be called in a worker, whose parent is the run."""
    pid = os.getppid()
    # Ansible makes this folder for one run.
    identity = f"{machine()} {constants.DEFAULT_LOCAL_TMP}"
    return {
        "id": hashlib.sha256(identity.encode()).hexdigest()[:8],
        "who": f"{login()}@{platform.node()}",
        "command": command(context.CLIARGS),
        "machine": machine(),
        "pid": pid,
        "started": started(pid),
    }


def command(arguments: Mapping[str, Any]) -> str:
    """Return which playbooks a run plays, with which inventories and limit; no variable of it, for that may be secret."""
    given = arguments.get("args") or ()
    words = ["ansible-playbook", *map(str, given if isinstance(given, (list, tuple)) else [given])]
    for source in arguments.get("inventory") or ():
        words += ["-i", str(source)]
    if limit := arguments.get("subset"):
        words += ["--limit", str(limit)]
    return shlex.join(words)


def login() -> str:
    """Return the person's login, not root's where sudo knows better."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def machine() -> str:
    """Return what tells this boot of this machine, and this container on it, from any other."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return platform.node()


def started(pid: int) -> str:
    """Return when a process started, in a form to be compared; '' where that is not known, and for one that has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The name of the program, in brackets, may have blanks and brackets of its own. After it: the state, ..., the start.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in ENDED else fields[19]


def is_alive(mark: Mapping[str, Any]) -> bool | None:
    """Return whether the process of a mark's run lives; None where it runs on another machine."""
    if mark.get("machine") != machine():
        return None
    try:
        os.kill(int(mark["pid"]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another person's
    return started(int(mark["pid"])) == mark.get("started")
