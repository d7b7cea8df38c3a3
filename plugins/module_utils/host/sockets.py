# SPDX-License-Identifier: Apache-2.0
"""Connections of this host, from the kernel's tables."""

from __future__ import annotations

import ipaddress
import struct
from pathlib import Path

ESTABLISHED = "01"
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
                found.add(_address(field[2].rpartition(":")[0]))
    return sorted(found)


def _address(text: str) -> str:
    """Return an address as people write it: the kernel writes words of four bytes in the order of the machine."""
    words = [int(text[start : start + 8], 16) for start in range(0, len(text), 8)]
    address = ipaddress.ip_address(b"".join(struct.pack("=I", word) for word in words))
    return str(getattr(address, "ipv4_mapped", None) or address)
