# SPDX-License-Identifier: Apache-2.0
"""With which logins the two sides of a mirror are used: from settings of connectors, or of MirrorMaker as a process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MIRRORS = ("MirrorSourceConnector", "MirrorCheckpointConnector")
NAME = re.compile(r"username\s*=\s*\\?[\"']?([^\"'\s;\\]+)")


def login(settings: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return ``protocol`` and ``who`` of a client: its user, else the reference or the keystore that it is known by, else ''."""
    protocol = settings.get(f"{prefix}security.protocol", "PLAINTEXT").upper()
    jaas = settings.get(f"{prefix}sasl.jaas.config", "").strip()
    who = ""
    if protocol.startswith("SASL"):
        name = NAME.search(jaas)
        who = f"user {name[1]}" if name else jaas if jaas.startswith("${") else "a login of its own" if jaas else ""
    elif protocol == "SSL":
        who = settings.get(f"{prefix}ssl.keystore.location", "") or (
            "a key of its own" if settings.get(f"{prefix}ssl.keystore.key") else ""
        )
    return {"protocol": protocol, "who": who}


def mirror_sides(name: str, settings: Mapping[str, str], worker: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the mirror that a connector is, with its two sides and the login of its worker, in a list; [] where it is none."""
    if settings.get("connector.class", "").rpartition(".")[2] not in MIRRORS:
        return []
    sides = {side: login(settings, f"{side}.cluster.") for side in ("source", "target")}
    return [{"name": name, **sides, "worker": login(worker, "")["who"]}]


def mirrors_of_process(config: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the enabled flows of a MirrorMaker that runs by itself."""
    flows = [
        (match[1], match[2])
        for name, value in config.items()
        if (match := re.fullmatch(r"(.+)->(.+)\.enabled", name)) and value.strip().lower() == "true"
    ]
    common = login(config, "")

    def side(alias: str) -> dict[str, str]:
        own = login(config, f"{alias}.")
        return own if f"{alias}.security.protocol" in config else common

    return [
        {"name": f"{source}->{target}", "source": side(source), "target": side(target), "worker": ""} for source, target in flows
    ]
