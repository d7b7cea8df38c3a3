# SPDX-License-Identifier: Apache-2.0
"""Clusters without ZooKeeper whose members have another version of Kafka than they are to run.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Where the version of each is in use, below /opt.
PLACES = (("kafka", "brokers"), ("kafka-controller", "controllers"))


def upgrades(
    clusters: Mapping[str, Mapping[str, Any]], observed: Mapping[str, Mapping[str, Any]], versions: Mapping[str, str]
) -> dict[str, str]:
    """Return the version that each of them is to run, by name; ``versions`` are those of the catalogue by artefact."""
    found = {}
    for name, cluster in clusters.items():
        if cluster["controllers"] and not cluster["migration"]:
            wanted = versions.get(cluster["artefact"], "")
            have = {
                observed.get(row["host"], {}).get("install", {}).get("versions", {}).get(place, "")
                for place, kind in PLACES
                for row in cluster[kind]
            }
            if have - {"", wanted}:
                found[name] = wanted
    return found
