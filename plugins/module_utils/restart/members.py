# SPDX-License-Identifier: Apache-2.0
"""What each kind of cluster member is asked before and after its restart; the rules are in ``rules``."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ansible_collections.estate.kafka.plugins.module_utils.connect.client import Connect
from ansible_collections.estate.kafka.plugins.module_utils.errors import LoginError, NoAnswerError, PermissionMissingError
from ansible_collections.estate.kafka.plugins.module_utils.host.probe import four_letter_word
from ansible_collections.estate.kafka.plugins.module_utils.http import PLAIN, Tls, fetch
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import View, ask, told_no
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll_until
from ansible_collections.estate.kafka.plugins.module_utils.restart.rules import (
    NOT_SERVING,
    broker_blockers,
    broker_unsettled,
    controller_blockers,
    controller_unsettled,
    hidden_topics,
    index_blockers,
    lost_tasks,
    majority,
    masterless,
    node_blockers,
    quorum_blockers,
    quorum_possible,
    serves,
    topic_of,
    unavoidable,
)
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten
from ansible_collections.estate.kafka.plugins.module_utils.tls import NO_TLS

REQUEST_SECONDS = 10
# A topic that was just deleted may still be on the disk.
HIDDEN_SECONDS = 5
NODE_SECONDS = 4
# An election takes less; without a master for longer there is no service that a restart could interrupt.
ELECTION_SECONDS = 30


class Member(Protocol):
    """A cluster member that can be restarted; each method that returns sentences returns none when all is well."""

    def before(self) -> list[str]:
        """Why it must not be restarted now. Raises LoginError or PermissionMissingError when it will never know."""

    def after(self) -> list[str]:
        """What it lacks after its restart."""

    def warnings(self) -> list[str]:
        """What a restart costs that no order of restarts can avoid."""

    def last(self) -> bool:
        """Whether it should be restarted after the other members."""

    def can_serve(self) -> bool:
        """Whether it can serve after its restart, as :meth:`before` found the others; otherwise it needs theirs first."""


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

    def can_serve(self) -> bool:
        return True


class Broker(Plain):
    """A Kafka broker, asked about through any live broker of its cluster."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.broker = int(params["broker_id"])
        self.expected = set(params["broker_ids"])
        self.disks = [Path(path) for path in params.get("log_dirs") or []]
        self.cluster = Cluster(params["client"], REQUEST_SECONDS)
        self._sees = False

    def _read(self) -> tuple[list[Partition], set[int], dict[str, str]]:
        metadata = self.cluster.metadata()
        return self.cluster.partitions(metadata), set(metadata.brokers), self.cluster.topic_errors(metadata)

    def before(self) -> list[str]:
        if not self._sees:
            self._look()
        partitions, live, errors = self._read()
        return broker_blockers(partitions, live, self.expected, self.broker, errors)

    def _look(self) -> None:
        """Raise PermissionMissingError when topics are hidden from this user: Kafka leaves them out and calls that no error."""
        if missing := self.cluster.missing_describe_permission():
            raise PermissionMissingError(missing)
        if hidden := poll_until(self._hidden, HIDDEN_SECONDS):
            raise PermissionMissingError(
                f"this broker holds replicas of topics that this user is not shown: {', '.join(hidden[:10])}"
                + (f" and {len(hidden) - 10} more" if len(hidden) > 10 else "")
                + "; give it the rights to describe all topics and their settings (Describe and DescribeConfigs on topic *)"
            )
        self._sees = True

    def _hidden(self) -> list[str]:
        partitions, live, errors = self._read()
        if self.broker not in live:
            # Its disk may be older than the cluster's topics, and its restart takes nothing away.
            return []
        on_disk = {topic_of(path.name) for disk in self.disks if disk.is_dir() for path in disk.iterdir()} - {""}
        return hidden_topics(on_disk, partitions, errors)

    def after(self) -> list[str]:
        partitions, live, _ = self._read()
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
        partitions, _, _ = self._read()
        minimum = self.cluster.min_in_sync({partition.topic for partition in partitions})
        names = unavoidable(partitions, self.broker, minimum)
        return [f"unavailable during the restart: {shorten(names)}"] if names else []


class ZooKeeper(Plain):
    """A server of an ensemble, asked with the four-letter word ``srvr``."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.member = str(params["member"])
        self.servers: list[str] = list(params["servers"])
        self.tls: dict[str, str] = dict(params.get("tls") or {})
        self._possible = True

    def _modes(self) -> dict[str, str]:
        return {server: mode_of(server, self.tls) for server in self.servers}

    def before(self) -> list[str]:
        modes = self._modes()
        self._possible = quorum_possible(modes, self.member)
        return quorum_blockers(modes, self.member)

    def after(self) -> list[str]:
        modes = self._modes()
        if not self._possible:
            return [] if modes[self.member] else [f"ZooKeeper {self.member} does not answer yet"]
        if not serves(modes[self.member]):
            return [f"ZooKeeper {self.member} does not serve yet"]
        return (
            []
            if list(modes.values()).count("leader") == 1 or len(modes) == 1
            else [f"the ensemble has no single leader: {modes}"]
        )

    def last(self) -> bool:
        return self._modes()[self.member] == "leader"

    def can_serve(self) -> bool:
        return self._possible


def mode_of(server: str, tls: Mapping[str, str] = NO_TLS) -> str:
    """Return what a ZooKeeper server (``host:port``) is at the moment; see :func:`rules.quorum_blockers`."""
    host, port = server.rsplit(":", 1)
    try:
        found = re.search(r"^Mode: (\S+)", answer := four_letter_word(host, int(port), "srvr", tls), re.MULTILINE)
    except socket.timeout:  # noqa: UP041 - another class than TimeoutError in Python 3.9
        return NOT_SERVING
    except OSError:
        return ""
    return found[1] if found else NOT_SERVING if "not currently serving" in answer else ""


class Controller(Plain):
    """A controller of a cluster without ZooKeeper: the leader says who follows it."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.member = int(params["controller_id"])
        self.servers: list[str] = list(params["servers"])
        self.tls: dict[str, str] = dict(params.get("tls") or {})
        self._leaderless_since: float | None = None
        # Whether those that answer can choose a leader with this one.
        self.possible = True

    def _view(self) -> View:
        view = ask(self.servers, tls=self.tls)
        if view.quorum is None and view.refused:
            # One of them may lead.
            raise LoginError(told_no(view.refused))
        return view

    def before(self) -> list[str]:
        view = self._view()
        if view.quorum is not None:
            self._leaderless_since = None
            self.possible = True
            return [*controller_blockers(view.quorum, self.member)]
        # If not, the restart of the others comes first.
        self.possible = len(self.servers) - len(view.silent) >= majority(self.servers)
        now = time.monotonic()
        self._leaderless_since = self._leaderless_since or now
        if now - self._leaderless_since < ELECTION_SECONDS:
            silent = [f"{address} does not answer ({error})" for address, error in view.silent.items()]
            return ["no controller leads the quorum; perhaps they are choosing one", *silent]
        # There is no service that its restart could interrupt, and it may be what mends it.
        return []

    def after(self) -> list[str]:
        return controller_unsettled(ask(self.servers, tls=self.tls).quorum, self.member) if self.possible else []

    def last(self) -> bool:
        quorum = self._view().quorum
        return quorum is not None and quorum.leader == self.member and len(quorum.voters) > 1

    def can_serve(self) -> bool:
        # Its port is open with a quorum and without.
        return True


class Combined(Plain):
    """A broker that is a controller too, in one process: the rules of both hold, and the active controller goes last."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.broker = Broker(params)
        self.controller = Controller({"controller_id": params["broker_id"], "servers": params["controllers"]})

    def before(self) -> list[str]:
        return [*self.controller.before(), *self.broker.before()]

    def after(self) -> list[str]:
        if not self.controller.possible:
            # Without a majority its broker does not serve, whatever it does: the others come first.
            return []
        return [*self.controller.after(), *self.broker.after()]

    def warnings(self) -> list[str]:
        return self.broker.warnings()

    def last(self) -> bool:
        return self.controller.last()

    def can_serve(self) -> bool:
        return self.controller.possible


class ConnectWorker(Plain):
    """A Connect worker. Any worker tells of all tasks, so one that hangs or is down is no hindrance."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.url = str(params["url"])
        # Its own last: it may be why the restart is due.
        self.urls = [*(url for url in params.get("urls") or [] if url != self.url), self.url]
        self.tls = Tls.of(params.get("tls"))
        self.tasks: dict[str, str] = {}

    def _read(self, urls: Sequence[str]) -> dict[str, str]:
        connectors = Connect(urls, REQUEST_SECONDS, self.tls).request("GET", "/connectors?expand=status")
        # A worker that stops leaves its tasks' last state behind; that its connectors are unassigned tells the truth.
        return {
            f"{name}/{part['id']}": part["state"]
            for name, connector in connectors.items()
            if "status" in connector
            for part in [{"id": "connector", **connector["status"]["connector"]}, *connector["status"]["tasks"]]
        }

    def before(self) -> list[str]:
        try:
            self.tasks = self._read(self.urls)
        except NoAnswerError:
            # Nobody serves, so nothing that anybody could see is lost.
            self.tasks = {}
        return []

    def after(self) -> list[str]:
        return lost_tasks(self.tasks, self._read([self.url]))


class ElasticsearchNode(Plain):
    """A node of Elasticsearch, asked through its own REST interface and those of the other nodes."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.url = str(params["url"])
        self.others = [str(url) for url in params.get("urls") or [] if url != self.url]
        self.nodes = int(params["nodes"])
        self.tls = Tls.of(params.get("tls"))
        self._masterless_since: float | None = None

    def before(self) -> list[str]:
        own = health(self.url, self.tls)
        others = [] if own is not None and own["number_of_nodes"] > 1 else [health(url, self.tls) for url in self.others]
        if not masterless(own, others):
            self._masterless_since = None
            return node_blockers(own, others, self.nodes)
        now = time.monotonic()
        self._masterless_since = self._masterless_since or now
        if now - self._masterless_since < ELECTION_SECONDS:
            return ["the Elasticsearch nodes that answer have no master; perhaps they are choosing one"]
        return node_blockers(own, others, self.nodes)

    def after(self) -> list[str]:
        own = health(self.url, self.tls)
        return ["the Elasticsearch node does not answer yet"] if own is None else index_blockers(own, self.nodes)


def health(url: str, tls: Tls = PLAIN) -> dict[str, Any] | None:
    """Return how a node sees its cluster, with ``number_of_nodes`` 0 where it is in none; None when it does not answer."""
    try:
        status, content = fetch(f"{url}/_cluster/health?master_timeout=2s", NODE_SECONDS, tls=tls)
        found = json.loads(content) if status == 200 else None
    except (OSError, ValueError):
        return None
    if status == 503:
        return {"number_of_nodes": 0}
    return found if isinstance(found, dict) else None


KINDS = {
    "kafka_broker": Broker,
    "kafka_controller": Controller,
    "kafka_combined": Combined,
    "zookeeper": ZooKeeper,
    "kafka_connect": ConnectWorker,
    "elasticsearch": ElasticsearchNode,
}


def member_of(kind: str, params: dict[str, Any]) -> Member:
    """Return the member to ask; ``plain`` and unknown kinds have nothing to ask."""
    return KINDS[kind](params) if kind in KINDS else Plain()
