# SPDX-License-Identifier: Apache-2.0
"""What a person wants to see when an estate stands: what runs where, what to open, what is missing and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME

TITLES = {
    "zookeeper": "ZooKeeper",
    "kafka_controller": "Kafka controller",
    "kafka_broker": "Kafka",
    "schema_registry": "Schema Registry",
    "kafka_connect": "Kafka Connect",
    "elasticsearch": "Elasticsearch",
    "cmak": "CMAK",
    "akhq": "AKHQ",
}


def _absent(component: str, left_out: Mapping[str, str]) -> bool:
    return component in BY_NAME and any(name in left_out for name in BY_NAME[component].artefacts)


def title(component: str) -> str:
    return TITLES.get(component, component.replace("_", " ").capitalize())


def summary(topology: Mapping[str, Any], left_out: Mapping[str, str], addresses: Mapping[str, str]) -> str:
    """The text. ``addresses`` tells where hosts are reached whose names the reader's machine may not know."""
    rows = [row for row in topology["components"] if not _absent(row["component"], left_out)]
    clusters = {broker["host"]: cluster["name"] for cluster in topology["clusters"].values() for broker in cluster["brokers"]}
    lines = ["", "What runs where", *_hosts(rows, clusters, addresses), "", "What to open", *_urls(rows, addresses)]
    if left_out:
        lines += ["", "Left out here", *(f"  {name}: {reason}" for name, reason in sorted(left_out.items()))]
    return "\n".join(lines) + "\n"


def _hosts(rows: Sequence[Mapping[str, Any]], clusters: Mapping[str, str], addresses: Mapping[str, str]) -> Iterator[str]:
    hosts = sorted({row["host"] for row in rows})
    width = max(map(len, hosts), default=0)
    address_width = max((len(address) + 2 for address in addresses.values()), default=0)
    for host in hosts:
        what = []
        for row in rows:
            if row["host"] == host:
                name = title(row["component"])
                if row["component"] == "kafka_broker":
                    name += f" {clusters[host]}"
                what.append(f"{name} ({', '.join(map(str, row['ports']))})")
        yield f"  {host:{width}}  {addresses.get(host, ''):{address_width}}{' · '.join(what)}"


def _urls(rows: Sequence[Mapping[str, Any]], addresses: Mapping[str, str]) -> Iterator[str]:
    width = max((len(title(row["component"])) for row in rows if "url" in row), default=0)
    seen = set()
    for row in rows:
        if "url" in row and row["component"] not in seen:
            seen.add(row["component"])
            url = row["url"].replace(row["host"], addresses.get(row["host"], row["host"]))
            yield f"  {title(row['component']):{width}}  {url}"
