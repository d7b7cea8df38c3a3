# SPDX-License-Identifier: Apache-2.0
"""Connections of this host and who listens on its ports, from the kernel's tables."""

from __future__ import annotations

import ipaddress
import struct
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.host.processes import (
    content,
    socket_inodes,
    uid_of,
    unit_of,
    user_name,
)

ESTABLISHED, LISTEN = "01", "0A"
TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


def connected(port: int, tables: tuple[str, ...] = TABLES) -> list[str]:
    """Return the addresses that are connected to a port of this host, each once."""
    found = set()
    for table in tables:
        try:
            rows = Path(table).read_text(encoding="utf-8").splitlines()[1:]
        except OSError:
            continue
        for field in (row.split() for row in rows):
            if field[3] == ESTABLISHED and int(field[1].rpartition(":")[2], 16) == port:
                found.add(address(field[2].rpartition(":")[0]))
    return sorted(found)


def listeners(ports: list[int]) -> dict[str, dict[str, Any]]:
    """Return who listens on each of the ports: unit, process and user as far as they can be told."""
    sockets: dict[int, tuple[int, str]] = {}
    for table in TABLES:
        for line in content(table).splitlines()[1:]:
            field = line.split()
            port = int(field[1].rpartition(":")[2], 16)
            if field[3] == LISTEN and port in ports:
                sockets[port] = (int(field[7]), field[9])
    if not sockets:
        return {}
    processes = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    owners = {inode: pid for pid in processes for inode in socket_inodes(pid)}
    found = {}
    for port, (uid, inode) in sockets.items():
        # Without CAP_SYS_PTRACE root cannot see other users' descriptors: then all processes of the user come in question.
        pids = [owners[inode]] if inode in owners else [pid for pid in processes if uid_of(pid) == uid]
        found[str(port)] = {
            "units": sorted({unit for unit in map(unit_of, pids) if unit}),
            "processes": sorted({content(f"/proc/{pid}/comm").strip() for pid in pids} - {""}),
            "user": user_name(uid),
        }
    return found


def address(text: str) -> str:
    """Return an address of /proc/net as people write it: the kernel writes words of four bytes in the order of the machine."""
    words = [int(text[start : start + 8], 16) for start in range(0, len(text), 8)]
    found = ipaddress.ip_address(b"".join(struct.pack("=I", word) for word in words))
    return str(getattr(found, "ipv4_mapped", None) or found)
