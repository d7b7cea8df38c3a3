"""Commands of the pages as people type them: objects named on the command line go or start again, everything else stays."""

from __future__ import annotations

import json
import uuid
from typing import Any

from lab import Run, module, on, playbook

BROKER = "one.connect.test"
URLS = [f"http://{worker}:8083" for worker in ("one.connect.test", "two.connect.test")]


def objects(*words: str, **variables: Any) -> Run:
    run = playbook("playbooks/objects.yml", *words, "-e", json.dumps(variables))
    assert run.status == 0, run.output
    return run


def unlisted(run: Run) -> set[str]:
    found = (result for play in run.plays for task in play["tasks"] for result in task["hosts"].values())
    return {name for result in found for name in result.get("unlisted", [])}


def topics(*words: str) -> str:
    """Return what Kafka's tool prints for an ordinary user."""
    return on(BROKER, "kafka-topics", *words, user="nobody")


def test_what_is_named_on_the_command_line_is_deleted_or_started_again_and_nothing_else() -> None:
    own = f"typed-{uuid.uuid4().hex[:8]}"
    gone, kept = f"{own}-gone", f"{own}-kept"
    for topic in (gone, kept):
        topics("--create", "--topic", topic, "--partitions", "1", "--replication-factor", "1")
    config = {"connector.class": "FileStreamSource", "topic": kept, "file": "/dev/null"}
    listed = [{"name": kept, "config": config}]
    assert module(BROKER, "connectors", urls=URLS, connectors=[*listed, {"name": gone, "config": config}])["changed"]
    prune = {"kafka_topics_prune": True, "kafka_connectors_prune": True, "kafka_connectors": listed}

    preview = objects("--tags", "topics,connectors", "--check", **prune)
    assert preview.changed() == {} and {gone, kept} <= unlisted(preview)

    confirmed = {
        "kafka_topics_confirm_delete": [gone],
        "kafka_connectors_confirm_delete": [gone],
        "kafka_connectors_restart": [kept],
    }
    run = objects("--limit", "kafka_broker,kafka_connect", "--tags", "topics,connectors", **prune, **confirmed)
    actions = {
        one for play in run.plays for task in play["tasks"] for host in task["hosts"].values() for one in host.get("actions", [])
    }
    assert {f"delete {gone}"} == {one for one in actions if one.startswith("delete")}, actions
    assert any(one.startswith("restart") and kept in one for one in actions), actions
    left = topics("--list").split()
    assert kept in left and gone not in left


def test_what_a_runbook_asks_for_is_empty_where_all_is_well() -> None:
    for option in ("--under-replicated-partitions", "--unavailable-partitions", "--under-min-isr-partitions"):
        assert topics("--describe", option).strip() == ""
