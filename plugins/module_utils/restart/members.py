"""What each kind of cluster member is asked before and after its restart; the rules are in ``rules``."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any, Protocol

from ansible_collections.estate.kafka.plugins.module_utils.host.unit import four_letter_word
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition
from ansible_collections.estate.kafka.plugins.module_utils.restart.rules import (
    broker_blockers,
    broker_unsettled,
    index_blockers,
    lost_tasks,
    quorum_blockers,
    unavoidable,
)

REQUEST_SECONDS = 10


class Member(Protocol):
    """A cluster member that can be restarted; each method returns sentences, none when all is well."""

    def before(self) -> list[str]:
        """Why it must not be restarted now."""

    def after(self) -> list[str]:
        """What it lacks after its restart."""

    def warnings(self) -> list[str]:
        """What a restart costs that no order of restarts can avoid."""

    def last(self) -> bool:
        """Whether it should be restarted after the other members."""


class Plain:
    """A service that is no member of anything: nothing to ask."""

    def before(self) -> list[str]:
        return []

    def after(self) -> list[str]:
        return []

    def warnings(self) -> list[str]:
        return []

    def last(self) -> bool:
        return False


class Broker(Plain):
    """A Kafka broker, asked about through any live broker of its cluster."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.broker = int(params["broker_id"])
        self.expected = set(params["broker_ids"])
        self.cluster = Cluster(params["client"], REQUEST_SECONDS)

    def _read(self) -> tuple[list[Partition], set[int]]:
        metadata = self.cluster.metadata()
        return self.cluster.partitions(metadata), set(metadata.brokers)

    def before(self) -> list[str]:
        partitions, live = self._read()
        return broker_blockers(partitions, live, self.expected)

    def after(self) -> list[str]:
        partitions, live = self._read()
        problems = broker_unsettled(partitions, live, self.broker)
        if problems and all("leadership" in problem for problem in problems):
            self._elect(partitions)
        return problems

    def _elect(self, partitions: list[Partition]) -> None:
        from confluent_kafka import ElectionType, TopicPartition

        wanted = [
            TopicPartition(partition.topic, partition.number)
            for partition in partitions
            if partition.replicas and partition.replicas[0] == self.broker != partition.leader
        ]
        # No timeout is given: confluent-kafka 2.16.0 refuses both of the ones it documents (SystemError).
        self.cluster.admin.elect_leaders(ElectionType.PREFERRED, wanted).result()

    def warnings(self) -> list[str]:
        partitions, _ = self._read()
        minimum = self.cluster.min_in_sync({partition.topic for partition in partitions})
        return [f"unavailable during the restart: {name}" for name in unavoidable(partitions, self.broker, minimum)]


class ZooKeeper(Plain):
    """A server of an ensemble, asked with the four-letter word ``srvr``."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.member = str(params["member"])
        self.servers: list[str] = list(params["servers"])

    def _modes(self) -> dict[str, str]:
        modes = {}
        for server in self.servers:
            host, port = server.rsplit(":", 1)
            try:
                found = re.search(r"^Mode: (\w+)", four_letter_word(host, int(port), "srvr"), re.MULTILINE)
            except OSError:
                found = None
            modes[server] = found.group(1) if found else ""
        return modes

    def before(self) -> list[str]:
        return quorum_blockers(self._modes(), self.member)

    def after(self) -> list[str]:
        modes = self._modes()
        if not modes[self.member]:
            return [f"ZooKeeper {self.member} does not serve yet"]
        return quorum_blockers(modes, self.member)

    def last(self) -> bool:
        return self._modes()[self.member] == "leader"


class ConnectWorker(Plain):
    """A Connect worker, asked through its own REST interface; other workers' tasks count too."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.url = str(params["url"])
        self.tasks: dict[str, str] = {}

    def _read(self) -> dict[str, str]:
        with urllib.request.urlopen(f"{self.url}/connectors?expand=status", timeout=REQUEST_SECONDS) as answer:
            connectors = json.load(answer)
        # A worker that stops leaves its tasks' last state behind; that its connectors are unassigned tells the truth.
        return {
            f"{name}/{part['id']}": part["state"]
            for name, connector in connectors.items()
            for part in [{"id": "connector", **connector["status"]["connector"]}, *connector["status"]["tasks"]]
        }

    def before(self) -> list[str]:
        self.tasks = self._read()
        return []

    def after(self) -> list[str]:
        return lost_tasks(self.tasks, self._read())


class ElasticsearchNode(Plain):
    """A node of Elasticsearch, asked through its own REST interface."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.url = str(params["url"])
        self.nodes = int(params["nodes"])

    def before(self) -> list[str]:
        with urllib.request.urlopen(f"{self.url}/_cluster/health", timeout=REQUEST_SECONDS) as answer:
            return index_blockers(json.load(answer), self.nodes)

    def after(self) -> list[str]:
        return self.before()


KINDS = {"kafka_broker": Broker, "zookeeper": ZooKeeper, "kafka_connect": ConnectWorker, "elasticsearch": ElasticsearchNode}


def member_of(kind: str, params: dict[str, Any]) -> Member:
    """Return the member to ask; ``plain`` and unknown kinds have nothing to ask."""
    return KINDS[kind](params) if kind in KINDS else Plain()
