# SPDX-License-Identifier: Apache-2.0
"""Ids of clusters without ZooKeeper and the first voters of their quorums, from what was found on all hosts.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME
from ansible_collections.estate.kafka.plugins.module_utils.estate.directories import METADATA_DIR
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import NAMED, Problem
from ansible_collections.estate.kafka.plugins.module_utils.kafka.lines import LINE_3
from ansible_collections.estate.kafka.plugins.module_utils.kafka.storage import Found, directory_id, refusal, voters
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

BROKER, CONTROLLER = "kafka_broker", "kafka_controller"


@dataclass(frozen=True)
class Directory:
    """One directory of a node of a cluster, as it was found."""

    host: str
    component: str
    node_id: int
    path: str
    found: Found
    # The variable that names it.
    variable: str
    # Its node's own unit listens on the controllers' port.
    running: bool = False


def formations(
    clusters: Mapping[str, Mapping[str, Any]],
    placement: Mapping[str, Mapping[str, Any]],
    observed: Mapping[str, Mapping[str, Any]],
    new_id: Callable[[], str],
) -> tuple[list[Problem], list[Problem], dict[str, dict[str, Any]]]:
    """Return problems, warnings, and for each cluster its id and the voters that new controllers are formatted with.

    ``observed`` has the hosts that could be looked at. The id is '' where it cannot be known: of a cluster of which some hosts
    were not looked at, and none that was is formatted. Voters are '' once the quorum has run. ``directories`` has the id of each
    controller's directory by its host.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    result = {}
    for name, cluster in clusters.items():
        if cluster.get("controllers"):
            directories = list(_directories(cluster, placement, observed))
            unseen = set(_hosts(cluster)) - observed.keys()
            found = (_leaving if cluster.get("migration") else _Cluster)(name, cluster, directories, unseen)
            problems += found.problems()
            warnings += found.observers()
            cluster_id = found.known_id() or ("" if found.unseen else new_id())
            result[name] = {
                "cluster_id": cluster_id,
                "voters": found.first_voters(cluster_id) if cluster_id else "",
                "directories": {one.host: one.found.directory_id for one in found.controllers},
            }
    return problems, warnings, result


def _hosts(cluster: Mapping[str, Any]) -> Iterator[str]:
    yield from (row["host"] for row in (*cluster["controllers"], *cluster["brokers"]))


def _directories(
    cluster: Mapping[str, Any], placement: Mapping[str, Mapping[str, Any]], observed: Mapping[str, Mapping[str, Any]]
) -> Iterator[Directory]:
    for component, rows in ((CONTROLLER, cluster["controllers"]), (BROKER, cluster["brokers"])):
        # Where brokers are the controllers, one process has directories of both.
        process = BROKER if cluster.get("combined") else component
        for row in rows:
            seen = observed.get(row["host"], {})
            disks = seen.get("disks", {})
            running = bool(set(BY_NAME[process].units) & set(_holder(seen, row["port"])))
            carried = next(one for one in placement[row["host"]]["components"] if one["component"] == process)
            for path, variable in _paths(carried, component):
                if "storage" in disks.get(path, {}):
                    found = Found(**disks[path]["storage"])
                    yield Directory(row["host"], component, row["id"], path, found, variable, running)


def _paths(carried: Mapping[str, Any], component: str) -> list[tuple[str, str]]:
    """Return the directories that a process has as broker or as controller, with the variable that names each."""
    metadata = carried.get("metadata_dir", "")
    if metadata and component == CONTROLLER:
        return [(metadata, METADATA_DIR)]
    return [(path, BY_NAME[component].data_dirs[0]) for path in carried["data_dirs"] if path != metadata]


def _holder(seen: Mapping[str, Any], port: int) -> list[str]:
    return list(seen.get("listeners", {}).get(str(port), {}).get("units", []))


def _leaving(name: str, cluster: Mapping[str, Any], directories: list[Directory], unseen: set[str]) -> _Cluster:
    """Return what is looked at of a cluster that leaves ZooKeeper: its controllers, with the id that its brokers have.

    Brokers keep the directories that they had there, and are never formatted.
    """
    made_by = next((one.found.cluster_id for one in directories if one.component != CONTROLLER and one.found.cluster_id), "")
    controllers = [one for one in directories if one.component == CONTROLLER]
    return _Cluster(name, {**cluster, "cluster_id": cluster["cluster_id"] or made_by}, controllers, unseen)


@dataclass(frozen=True)
class _Cluster:
    name: str
    cluster: Mapping[str, Any]
    directories: list[Directory]
    unseen: set[str]

    @property
    def controllers(self) -> list[Directory]:
        """Directories of controllers."""
        return [one for one in self.directories if one.component == CONTROLLER]

    @property
    def unit(self) -> str:
        """The unit of its controllers."""
        return BY_NAME[BROKER if self.cluster.get("combined") else CONTROLLER].units[0].removesuffix(".service")

    @property
    def has_run(self) -> bool:
        """Whether a controller has ever been started, or a broker has got metadata or partitions from one."""
        return any(one.found.started if one.component == CONTROLLER else one.found.records for one in self.directories)

    def known_id(self) -> str:
        """Return the id that the inventory or a member has, '' where there is none yet."""
        found = [one.found.cluster_id for one in (*self.controllers, *self.directories) if one.found.formatted]
        return str(self.cluster["cluster_id"] or next(iter(found), ""))

    def first_voters(self, cluster_id: str) -> str:
        """Return the voters to format with: all controllers while none has run, '' afterwards."""
        return "" if self.has_run else voters(cluster_id, self.cluster["controllers"])

    def problems(self) -> Iterator[Problem]:
        for one in self.directories:
            if reason := refusal(one.path, one.found):
                yield Problem(one.host, one.variable, reason.split(": ")[0], reason.partition(": ")[2].rstrip("."))
            elif one.found.formatted and one.found.cluster_id != self.known_id():
                yield Problem(
                    one.host,
                    one.variable,
                    f"data of cluster id {one.found.cluster_id} in {one.path}, and cluster {self.name} has {self.known_id()}",
                    "Put the host into the cluster that its data belongs to, or name another directory",
                )
        yield from self._new_controllers()
        yield from self._begins_old()
        fresh = [one.host for one in self.directories if not one.found.formatted]
        if fresh and self.unseen and not self.known_id():
            yield Problem(
                fresh[0],
                "kafka_cluster_id",
                f"nothing, and {shorten(sorted(self.unseen), NAMED)} of cluster {self.name} could not be looked at",
                "A new id is only made when no member of the cluster has one: run without --limit when all its hosts are up, or "
                "set kafka_cluster_id",
            )

    def _begins_old(self) -> Iterator[Problem]:
        """Yield a new cluster with controllers of the line that only those run that have left ZooKeeper."""
        old = self.cluster.get("artefact") == LINE_3 and not self.cluster["migration"]
        if old and not self.unseen and not any(one.found.formatted for one in self.directories):
            host = self.cluster["brokers"][0]["host"]
            remedy = "A new cluster with controllers runs Kafka 4: write 4.3.1 here and in kafka_controller_version"
            yield Problem(host, "kafka_broker_version", f"Kafka 3.9, and no member of cluster {self.name} has data", remedy)

    def _fresh(self) -> list[Directory]:
        return [one for one in self.controllers if not one.found.formatted and one.found.empty]

    def observers(self) -> Iterator[Problem]:
        """Yield controllers that are formatted beside a quorum that has run: they do not vote by themselves."""
        for one in self._fresh() if self.has_run else ():
            yield Problem(
                one.host,
                one.variable,
                f"no formatted storage in {one.path}, and the quorum of cluster {self.name} has run",
                "It begins as an observer, and does not vote before playbooks/controllers.yml has run. If it should have data, "
                "its disk is perhaps not mounted",
            )

    def _new_controllers(self) -> Iterator[Problem]:
        fresh = self._fresh()
        if not fresh:
            return
        if self.has_run:
            yield from self._lost(fresh)
            return
        hosts = {row["host"] for row in self.cluster["controllers"]}
        if missing := sorted(hosts & self.unseen):
            yield Problem(
                fresh[0].host,
                fresh[0].variable,
                f"no formatted storage, and {shorten(missing, NAMED)} of the same quorum could not be looked at",
                "The first controllers of a cluster are formatted together: run without --limit when all of them are up",
            )
        for one in self.controllers:
            if one.found.formatted and one.found.directory_id != directory_id(self.known_id(), one.node_id):
                yield Problem(
                    one.host,
                    one.variable,
                    f"storage in {one.path} that was not formatted by this toolkit, and other controllers have none",
                    "Format those of the others in the same way, or empty this one, which has never run",
                )

    def _lost(self, fresh: list[Directory]) -> Iterator[Problem]:
        """Yield new controllers of a quorum that has run and that they must not be formatted beside."""
        unseen = self.unseen & {row["host"] for row in self.cluster["controllers"]}
        remains = unseen or any(one.found.started for one in self.controllers)
        for one in fresh:
            if not remains:
                yield Problem(
                    one.host,
                    one.variable,
                    f"no formatted storage in {one.path}, and the quorum of cluster {self.name} has run",
                    "No controller has what they agreed on: bring back the directory of one that voted. Formatted anew, they "
                    "would know nothing of the topics that the brokers have",
                )
            elif one.running:
                yield Problem(
                    one.host,
                    one.variable,
                    f"no formatted storage in {one.path}, and the controller runs",
                    f"If its disk was lost or changed, stop {self.unit} first; if the variable was changed, put it back",
                )
