# SPDX-License-Identifier: Apache-2.0
"""The tables of each cluster in the report: brokers, topics, consumer groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.report import facts as report_facts
from ansible_collections.estate.kafka.plugins.module_utils.report import lines_svg as plots
from ansible_collections.estate.kafka.plugins.module_utils.report.cells import (
    MAX_ROWS,
    Column,
    Table,
    age,
    counted,
    folded,
    icon,
    marked,
    number,
)
from ansible_collections.estate.kafka.plugins.module_utils.report.estate_fields import common_suffix
from ansible_collections.estate.kafka.plugins.module_utils.report.svg import State
from ansible_collections.estate.kafka.plugins.module_utils.report.words import Words
from markupsafe import Markup

INTERNAL = ("__", "connect-", "mm2-", "kafkasql-", "_schemas", "registry-events", "apicurio-")
MIRRORED_INTERNAL = (".heartbeats", ".checkpoints.internal", ".internal")


def broker_table(cluster: Mapping[str, Any], view: Mapping[str, Any] | None, details: Any, suffix: str, words: Words) -> Table:
    """Return the brokers of the inventory and those that only the cluster knows."""
    known = {row["id"]: row for row in details["brokers"]} if isinstance(details, Mapping) else {}
    live = {broker["id"] for broker in view["brokers"]} if view else set()
    of = {broker["id"]: broker for broker in cluster["brokers"]}
    racks = any(broker["rack"] for broker in cluster["brokers"])
    rows = []
    members = sorted({*of, *known, *live})
    if len(members) > MAX_ROWS:  # those in trouble are not folded away
        members.sort(key=lambda member: member in live and not known.get(member, {}).get("out_of_sync"))
    for member in members:
        row = known.get(member, {})
        state = State("ok") if member in live else State("bad", words["not_in_cluster"]) if view else State("unknown")
        note = words["controller"] if view and view["controller"] == member else state.word
        name = f"{member} · {note}" if note else str(member)
        rows.append(
            [
                Markup("{} {}").format(icon(state.mark, words), name),
                of[member]["host"].removesuffix(suffix) if member in of else "-",
                *([of[member]["rack"] if member in of else "-"] if racks else []),
                number(row.get("leaders")),
                number(row.get("replicas")),
                counted(row["out_of_sync"], "bad") if row else "-",
                plots.shown(row.get("bytes"), "bytes"),
            ]
        )
    names = [words["broker"], words["host"], *([words["rack"]] if racks else [])]
    numbers = [words[key] for key in ("leaders", "replicas", "out_of_sync", "size")]
    columns = [*(Column(name) for name in names), *(Column(name, number=True) for name in numbers)]
    return folded(Table(columns, rows), words, "more_brokers")


def is_internal(name: str) -> bool:
    """Return whether a topic or a group serves Kafka, Connect, MirrorMaker or the registry themselves."""
    return name.startswith(INTERNAL) or name.endswith(MIRRORED_INTERNAL) or name == "heartbeats"


def topic_tables(details: Mapping[str, Any], words: Words) -> list[Table]:
    """Return the table of topics, and one of internal topics."""
    columns = [Column(words["topic"])]
    columns += [
        Column(words[key], number=True)
        for key in ("partitions", "replication", "out_of_sync", "leaderless", "records", "size", "newest")
    ]

    def row(topic: Mapping[str, Any]) -> list[str]:
        return [
            topic["name"],
            number(topic["partitions"]),
            number(topic["replication"]),
            counted(topic["under_replicated"], "warn"),
            counted(topic["offline"], "bad"),
            number(topic["records"]),
            plots.shown(topic["bytes"], "bytes"),
            age(topic["newest"], details["asked"]),
        ]

    def by_trouble(topic: Mapping[str, Any]) -> tuple[bool, bool, str]:
        return (not topic["offline"], not topic["under_replicated"], topic["name"])

    topics = sorted(details["topics"], key=by_trouble)
    own = [row(topic) for topic in topics if not is_internal(topic["name"])]
    internal = [row(topic) for topic in topics if is_internal(topic["name"])]
    tables = [folded(Table(columns, own), words, "more_topics")] if own else []
    return [*tables, Table(columns, [], internal, words.count(len(internal), "internal_topics"))] if internal else tables


def group_tables(details: Mapping[str, Any], words: Words) -> list[Table]:
    """Return the consumer groups, those that are furthest behind first, and apart from them those of services."""
    columns = [Column(words["group"]), Column(words["state"]), Column(words["members"], number=True)]
    columns += [Column(words["lag"], number=True), Column(words["lag_by_topic"])]
    own: list[list[str]] = []
    internal: list[list[str]] = []
    for group in details["groups"]:
        state = group["state"]
        rebalancing = "rebalance" in state or "rebalancing" in state
        says = words.get(f"group_{'rebalancing' if rebalancing else state}") or state
        topics = sorted(group["topics"].items(), key=lambda item: (-item[1], item[0]))
        some = ", ".join(f"{name} {number(lag)}" for name, lag in topics[:3])
        more = f" … +{len(topics) - 3}" if len(topics) > 3 else ""
        rows = internal if is_internal(group["group"]) else own
        rows.append([group["group"], says, number(group["members"]), number(group["lag"]), some + more])
    tables = [folded(Table(columns, own), words, "more_groups")] if own else []
    return [*tables, Table(columns, [], internal, words.count(len(internal), "internal_groups"))] if internal else tables


def cluster_parts(
    topology: Mapping[str, Any], given: Mapping[str, Any], states: Mapping[str, State], words: Words
) -> list[dict[str, Any]]:
    """Return what is shown of each cluster."""
    parts = []
    suffix = common_suffix([row["host"] for row in topology["components"]])
    for name, cluster in topology["clusters"].items():
        details, view = given["clusters"].get(name), report_facts.view_of(cluster, given["seen"])
        told = isinstance(details, Mapping)
        facts = [f"id {view['cluster_id']}", words.count(view["partitions"], "partitions_of")] if view else []
        parts.append(
            {
                "name": name,
                "title": words["cluster"].format(name=name),
                "state": marked(states[name], words),
                "facts": " · ".join([*facts, *([f"chroot {cluster['chroot']}"] if cluster["chroot"] else [])]),
                "brokers": broker_table(cluster, view, details, suffix, words),
                "topics": topic_tables(details, words) if told else [],
                "groups": group_tables(details, words) if told else [],
                "told": told,
                "unknown": list(details["unknown"]) if told else [details or states[name].word],
            }
        )
    return parts
