# SPDX-License-Identifier: Apache-2.0
"""Topics with records that a flow of MirrorMaker cannot carry as its workers are set.  Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory

SIZE = "max.message.bytes"
# What a producer sends at most, and what it does by itself.
REQUEST = "max.request.size"
USUAL = 1048576
# Of a topic without a size of its own, which is a few bytes more.
BROKERS = 1048588


def check_sizes(inventory: Inventory, topology: Mapping[str, Any]) -> None:
    """Warn of each topic that takes larger records than the producer of a flow that mirrors it."""
    for flow in topology["mirrors"]:
        workers = topology["connect_clusters"].get(flow["connect"], {}).get("hosts") or [""]
        most = _request(inventory, workers[0], flow)
        for broker in topology["clusters"].get(flow["source"], {}).get("brokers", ())[:1]:
            items = inventory.value(broker["host"], "kafka_topics", may_need_facts=True)
            for number, item in enumerate(items if isinstance(items, list) else ()):
                size = _number(_config(item).get(SIZE))
                if most and size > max(most, BROKERS) and _takes(flow, str(item.get("name"))):
                    inventory.warning(
                        broker["host"],
                        f"kafka_topics[{number}].config.{SIZE}",
                        Found(f"{size}, and {most} for a request of flow {flow['name']}, which mirrors {item['name']}"),
                        f"A larger record ends the flow: set producer.override.{REQUEST} in its config.source",
                    )


def _request(inventory: Inventory, worker: str, flow: Mapping[str, Any]) -> int:
    """Return what the producer of a flow sends at most; 0 where only the run knows."""
    own: dict[str, Any] = {}
    for item in inventory.value(worker, "mirrors", may_need_facts=True) or () if worker else ():
        if isinstance(item, Mapping) and (item.get("name") or f"{item.get('source')}-to-{item.get('target')}") == flow["name"]:
            settings = _config(item)
            own = {**(settings.get("all") or {}), **(settings.get("source") or {})}
    of_worker = inventory.options(worker, "kafka_connect").get(f"producer.{REQUEST}") if worker else None
    given = (own.get(f"producer.override.{REQUEST}"), own.get(f"producer.{REQUEST}"), of_worker, USUAL)
    return _number(next(one for one in given if one is not None))


def _config(item: Any) -> Mapping[str, Any]:
    config = item.get("config") if isinstance(item, Mapping) else None
    return config if isinstance(config, Mapping) else {}


def _number(value: Any) -> int:
    return int(value) if re.fullmatch(r"\d{1,12}", str(value)) else 0


def _takes(flow: Mapping[str, Any], topic: str) -> bool:
    """Return whether a flow mirrors a topic; a pattern that only Java reads counts as one that does not."""

    def fits(patterns: Any) -> bool:
        for pattern in patterns or ():
            try:
                if re.fullmatch(str(pattern), topic):
                    return True
            except re.error:
                continue
        return False

    return fits(flow["topics"]) and not fits(flow["topics_exclude"])
