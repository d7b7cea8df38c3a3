# SPDX-License-Identifier: Apache-2.0
"""What the services of one host answer: asked from that host, read only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.estate.unit_names import UNITS
from ansible_collections.estate.kafka.plugins.module_utils.host.probe import four_letter_word
from ansible_collections.estate.kafka.plugins.module_utils.http import PLAIN, Tls, read
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import ask
from ansible_collections.estate.kafka.plugins.module_utils.kafka.view import cluster_view
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.lag import watch, watch_noted
from ansible_collections.estate.kafka.plugins.module_utils.prometheus.client import Prometheus

# Ends the name of an observation of a component's agent.
AGENT = " agent"
REQUEST_SECONDS = 10
FOLDER = Path("/etc/systemd/system")


def observe(topology: Mapping[str, Any], host: str) -> list[dict[str, Any]]:
    """Return one observation for each component of the host; ``error`` in one says why there is no answer."""
    observations = []
    for row in (*topology["components"], *_combined(topology)):
        if row["host"] != host:
            continue
        observation: dict[str, Any] = {"component": row["component"], "host": host, "error": ""}
        ask = QUESTIONS.get(row["component"])
        try:
            if ask:
                observation.update(ask(topology, row))
        except (OSError, ValueError, ClusterError) as error:
            observation["error"] = str(error) or type(error).__name__
            observation["installed"] = bool(unit_text(row.get("process", row["component"])))
        observations.append(observation)
    for component, reason in silent_agents(topology, host).items():
        has_it = "-javaagent:" in unit_text(component)
        observations.append({"component": f"{component}{AGENT}", "host": host, "error": reason, "installed": has_it})
    return observations


def _combined(topology: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the controllers that are brokers in the same process, as rows of components; ``process`` is whose unit they have."""
    for cluster in topology.get("clusters", {}).values():
        for row in cluster["controllers"] if cluster.get("combined") else ():
            yield {"component": "kafka_controller", "host": row["host"], "ports": [row["port"]], "process": "kafka_broker"}


def silent_agents(topology: Mapping[str, Any], host: str) -> dict[str, str]:
    """Return why the agent of a component that is installed on this host does not answer; without those that do."""
    silent = {}
    for row in topology.get("metrics", ()):
        if row["host"] == host and row["component"] in AGENTS and unit_text(row["component"]):
            try:
                _text(f"{_scheme(row)}://{host}:{row['port']}/-/healthy", Tls.of(row.get("tls")))
            except OSError as error:
                silent[row["component"]] = str(error) or type(error).__name__
    return silent


def unit_text(component: str) -> str:
    """Return the units of a component as they are on this host; '' when it is not installed."""
    paths = [FOLDER / unit for unit in UNITS[component]]
    return "".join(path.read_text(encoding="utf-8") for path in paths if path.exists())


def _zookeeper(topology: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    found_tls = (
        ensemble.get("tls", {})
        for ensemble in topology.get("ensembles", {}).values()
        if any(server["host"] == row["host"] for server in ensemble["servers"])
    )
    answer = four_letter_word(row["host"], row["ports"][0], "srvr", next(found_tls, {}))
    found = re.search(r"^Mode: (\w+)", answer, re.MULTILINE)
    if not found:
        raise ValueError(answer.strip() or "no answer to srvr")
    return {"mode": found.group(1)}


def _kafka_controller(topology: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    (cluster,) = (
        cluster
        for cluster in topology["clusters"].values()
        if any(controller["host"] == row["host"] for controller in cluster["controllers"])
    )
    addresses = cluster["controller_bootstrap"].split(",")
    view = ask(addresses, tls=cluster.get("controller_tls", {}))
    own = f"{row['host']}:{row['ports'][0]}"
    if own in view.silent:
        raise OSError(view.silent[own])
    quorum = view.quorum
    return {
        "cluster": cluster["name"],
        "leader": quorum.leader if quorum else None,
        "epoch": quorum.epoch if quorum else None,
        "voters": {str(one.id): one.behind for one in quorum.voters} if quorum else {},
    }


def _kafka_broker(topology: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    (cluster,) = (
        cluster
        for cluster in topology["clusters"].values()
        if any(broker["host"] == row["host"] for broker in cluster["brokers"])
    )
    asked = Cluster(cluster.get("client") or {"bootstrap.servers": cluster["bootstrap"]}, REQUEST_SECONDS)
    return {
        "cluster": cluster["name"],
        "view": cluster_view(asked, cluster["min_insync_replicas"]),
        "flows": watch(topology, cluster, REQUEST_SECONDS),
    }


def _schema_registry(topology: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    return {"subjects": _json(f"{row['url']}/subjects", Tls.of(topology.get("registry", {}).get("tls")))}


def _kafka_connect(topology: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    clusters = topology.get("connect_clusters", {}).values()
    tls = Tls.of(next((workers.get("tls") for workers in clusters if row["host"] in workers["hosts"]), None))
    answer = _json(f"{row['url']}/connectors?expand=status", tls)
    found = {name: one["status"] for name, one in answer.items() if one.get("status")}
    # That answer leaves out what no worker has taken up yet.
    new = {name: {"connector": {"state": "UNASSIGNED"}, "tasks": []} for name in _json(f"{row['url']}/connectors", tls)}
    return {
        "connectors": {
            name: {"state": status["connector"]["state"], "tasks": [task["state"] for task in status["tasks"]]}
            for name, status in {**new, **found}.items()
        },
        "flows": watch_noted(topology, row["host"], REQUEST_SECONDS),
    }


def _elasticsearch(topology: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    tls = Tls.of(topology.get("elasticsearch", {}).get("tls"))
    health = _json(f"{row['url']}/_cluster/health", tls)
    stats = _json(f"{row['url']}/_stats/docs?level=indices", tls)
    return {
        "status": health["status"],
        "nodes": health["number_of_nodes"],
        "documents": {name: found["primaries"]["docs"]["count"] for name, found in stats["indices"].items()},
    }


def _prometheus(topology: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    prometheus = Prometheus(row["url"], REQUEST_SECONDS, tls=Tls.of(row.get("tls")))
    states = [target["health"] for target in prometheus.get("targets", state="active")["activeTargets"]]
    firing = sorted({alert["name"] for alert in prometheus.alerts() if alert["state"] == "firing"})
    return {"targets": len(states), "up": states.count("up"), "firing": firing}


def _exporter(topology: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    _text(f"{row.get('url') or _scheme(row) + '://' + row['address']}/metrics", Tls.of(row.get("tls")))
    return {}


def _scheme(row: Mapping[str, Any]) -> str:
    return "https" if row.get("tls") else "http"


def _without_login(topology: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    # Its port has neither TLS nor a login: in a secured estate it is there for its host alone.
    host = "127.0.0.1" if topology.get("secured") else row["host"]
    _text(f"http://{host}:{row['ports'][0]}/metrics")
    return {}


def _kibana(topology: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    _text(f"{row['url']}/api/status", Tls.of(topology.get("kibana", {}).get("tls")))
    return {}


def _console(path: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]:
    """Return the question whether a console answers at its last port."""

    def ask(topology: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
        _text(f"{_scheme(row)}://{row['host']}:{row['ports'][-1]}{path}", Tls.of(row.get("tls")))
        return {}

    return ask


def _json(url: str, tls: Tls = PLAIN) -> Any:
    return json.loads(_text(url, tls))


def _text(url: str, tls: Tls = PLAIN) -> str:
    return read(url, REQUEST_SECONDS, tls)


QUESTIONS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]] = {
    "zookeeper": _zookeeper,
    "kafka_controller": _kafka_controller,
    "kafka_broker": _kafka_broker,
    "schema_registry": _schema_registry,
    "kafka_connect": _kafka_connect,
    "elasticsearch": _elasticsearch,
    "node_exporter": _exporter,
    "kafka_exporter": _without_login,
    "elasticsearch_exporter": _without_login,
    "prometheus": _prometheus,
    "alertmanager": _exporter,
    "blackbox_exporter": _exporter,
    "kibana": _kibana,
    "grafana": _console("/api/health"),
    "cmak": _console("/api/health"),
    "akhq": _console("/health"),
}
# Components whose own process serves their metrics, through the JMX exporter agent.
AGENTS = ("zookeeper", "kafka_controller", "kafka_broker", "kafka_connect")
