# SPDX-License-Identifier: Apache-2.0
"""The one judge of an estate: from what the hosts observed to a table and the findings.  Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME
from ansible_collections.estate.kafka.plugins.module_utils.health.findings import Finding, Marks
from ansible_collections.estate.kafka.plugins.module_utils.health.health import Health
from ansible_collections.estate.kafka.plugins.module_utils.health.observe import AGENT, AGENTS
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import CAUGHT_UP_MS
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.lag import joined
from ansible_collections.estate.kafka.plugins.module_utils.text import MAX_NAMED

# States of partitions that are wrong, and how much each is to a cluster.
STATES = {"offline": "bad", "under_min_isr": "bad", "under_replicated": "warn", "too_few_replicas": "bad"}
ASLEEP = ("PAUSED", "STOPPED")
# What watches the estate and what shows it; an estate without it is well all the same.
LATER = "not installed, {} brings it"
LEFT_OUT = "not installed on its hosts, which estate_require_all_artifacts allows"
# The playbook that brings the services themselves.
SERVICES = "site.yml"
WATCHERS = {
    "node_exporter": ("Node exporter", "exporter.yml"),
    "kafka_exporter": ("Kafka exporter", "exporter.yml"),
    "elasticsearch_exporter": ("Elasticsearch exporter", "exporter.yml"),
    "prometheus": ("Prometheus", "monitoring.yml"),
    "alertmanager": ("Alertmanager", "monitoring.yml"),
    "blackbox_exporter": ("Blackbox exporter", "monitoring.yml"),
    "kibana": ("Kibana", SERVICES),
    "grafana": ("Grafana", "monitoring.yml"),
    "cmak": ("CMAK", "monitoring.yml"),
    "akhq": ("AKHQ", "monitoring.yml"),
}

Observation = Mapping[str, Any]


def why_none(result: Mapping[str, Any], most: int) -> str:
    """Return why a task has no answer, in one line of at most so many characters."""
    return " ".join(str(result.get("msg") or "unreachable").split())[:most]


def observed(result: Mapping[str, Any], most: int) -> Sequence[Observation] | str:
    """Return the observations that a host registered, or why there are none."""
    if "observations" in result:
        observations: Sequence[Observation] = result["observations"]
        return observations
    return why_none(result, most)


def assess(
    topology: Mapping[str, Any],
    observations: Mapping[str, Sequence[Observation] | str],
    left_out: Mapping[str, str],
    may_lack: bool = False,
) -> Health:
    """Judge the estate.

    ``observations`` has the hosts of the run: what each observed, or why it could not be asked.  ``may_lack`` says that the
    estate does without a component whose artefact was not available.
    """
    return _Assessment(topology, observations, left_out, may_lack).run()


class _Assessment:
    def __init__(
        self,
        topology: Mapping[str, Any],
        observations: Mapping[str, Sequence[Observation] | str],
        left_out: Mapping[str, str],
        may_lack: bool,
    ) -> None:
        self.may_lack = may_lack
        self.topology = topology
        self.hosts = observations
        self.left_out = left_out
        self.health = Health()
        self.found = {
            (observation["component"], host): observation
            for host, listed in observations.items()
            if not isinstance(listed, str)
            for observation in listed
        }

    def run(self) -> Health:
        placed: dict[str, list[str]] = {}
        for row in self.topology["components"]:
            placed.setdefault(row["host"], []).append(row["component"])
        for host, listed in self.hosts.items():
            if isinstance(listed, str):
                carried = ", ".join(placed.get(host, [])) or "nothing"
                self.wrong("unreachable", {("host", host): "bad"}, host=host, carried=carried, error=listed)
        for name, ensemble in self.topology["ensembles"].items():
            self.ensemble(name, [server["host"] for server in ensemble["servers"]])
        for cluster in self.topology["clusters"].values():
            if cluster.get("controllers"):
                self.controllers(cluster)
            self.cluster(cluster)
        if not self.is_left_out("schema_registry"):
            self.registries(list(self.topology["schema_registries"]))
        for name, workers in self.topology["connect_clusters"].items():
            self.connect(name, workers["hosts"])
        for flow in self.topology.get("mirrors", []):
            self.flow(flow)
        if not self.is_left_out("elasticsearch"):
            self.elasticsearch(self.topology["elasticsearch"]["hosts"])
        self.agents()
        for component, (title, playbook) in WATCHERS.items():
            hosts = [row["host"] for row in self.topology["components"] if row["component"] == component]
            if hosts:
                self.watcher(component, title, hosts, playbook)
        if skipped := sorted(set(placed) - set(self.hosts)):
            self.health.notes.append(f"Not asked in this run: {', '.join(skipped)}.")
        return self.health

    def wrong(self, code: str, marks: Marks, problem: bool = True, **values: Any) -> None:
        """Note a finding, with its marks by subject and the values of its sentence."""
        self.health.findings.append(Finding(code, tuple(marks.items()), values, problem))

    def is_left_out(self, component: str) -> bool:
        for artefact in BY_NAME[component].artefacts:
            if artefact in self.left_out:
                self.health.row(component, "left out", [self.left_out[artefact]])
                return True
        found = [observation for (name, _), observation in self.found.items() if name == component]
        if self.may_lack and found and not any(observation.get("installed", True) for observation in found):
            self.health.row(component, "left out", [LEFT_OUT])
            return True
        return False

    def answers(self, component: str, title: str, hosts: Collection[str]) -> dict[str, Observation]:
        """Return what the hosts said, by host; a host that could be asked and did not answer is a problem."""
        answers = {}
        for host in hosts:
            observation = self.found.get((component, host))
            if observation is None:
                continue
            if observation["error"]:
                marks: Marks = {("component", component, host): "bad"}
                self.wrong("no_answer", marks, title=title, host=host, error=observation["error"])
            else:
                answers[host] = observation
        return answers

    def ensemble(self, name: str, hosts: list[str]) -> None:
        answers = self.answers("zookeeper", "ZooKeeper", hosts)
        leaders = [host for host, answer in answers.items() if answer["mode"] in ("leader", "standalone")]
        # A host that was not asked, or that nobody could ask, may carry the leader.
        asked = all(not isinstance(self.hosts.get(host, ""), str) for host in hosts)
        if len(leaders) > 1 or (asked and not leaders):
            self.wrong("no_single_leader", {("ensemble", name): "bad"}, name=name, leaders=len(leaders))
        self.health.row(
            f"ZooKeeper {name}", f"{len(answers)} of {len(hosts)} servers", [f"leader {' '.join(leaders) or 'unknown'}"]
        )

    def controllers(self, cluster: Mapping[str, Any]) -> None:
        name, rows = cluster["name"], cluster["controllers"]
        title = f"Controllers of Kafka {name}"
        hosts = {str(row["id"]): row["host"] for row in rows}
        seen = [self.found.get(("kafka_controller", host)) for host in hosts.values()]
        if cluster.get("migration") and not any(one and (not one["error"] or one.get("installed")) for one in seen):
            self.health.row(title, "none", ["the cluster is on ZooKeeper, and is to leave it"])
            return
        answers = self.answers("kafka_controller", title, list(hosts.values()))
        led = [answer for answer in answers.values() if answer["leader"] is not None]
        if not led:
            if answers:
                self.wrong("no_active_controller", {("cluster", name): "bad"}, title=title)
            self.health.row(title, f"? of {len(rows)} controllers", ["no active one" if answers else "nobody to ask"])
            return
        view = max(led, key=lambda answer: int(answer["epoch"]))
        voters = view["voters"]
        for number, host in hosts.items():
            marks: Marks = {("component", "kafka_controller", host): "bad", ("cluster", name): "warn"}
            if number not in voters:
                self.wrong("controller_missing", marks, title=title, controller=number, host=host)
            elif (lag := voters[number]) is None or lag >= CAUGHT_UP_MS:
                behind = "?" if lag is None else f"{lag / 1000:.0f} s"
                self.wrong("controller_behind", marks, title=title, controller=number, host=host, behind=behind)
        if strangers := sorted(voters.keys() - hosts.keys()):
            self.wrong("controllers_unknown", {("cluster", name): "warn"}, title=title, controllers=", ".join(strangers))
        caught_up = [number for number, lag in voters.items() if lag is not None and lag < CAUGHT_UP_MS]
        detail = [f"active {view['leader']}", f"epoch {view['epoch']}"]
        self.health.row(title, f"{len(caught_up)} of {len(rows)} controllers", detail)

    def cluster(self, cluster: Mapping[str, Any]) -> None:
        name, brokers = cluster["name"], cluster["brokers"]
        title = f"Kafka {name}"
        answers = self.answers("kafka_broker", title, [broker["host"] for broker in brokers])
        if not answers:
            self.health.row(title, f"? of {len(brokers)} brokers", ["nobody to ask"])
            return
        view = next(iter(answers.values()))["view"]
        live = {broker["id"] for broker in view["brokers"]}
        for broker in brokers:
            if broker["id"] not in live:
                marks: Marks = {("component", "kafka_broker", broker["host"]): "bad", ("cluster", name): "warn"}
                self.wrong("broker_missing", marks, title=title, broker=broker["id"], host=broker["host"])
        strangers = sorted(live - {broker["id"] for broker in brokers})
        if strangers:
            self.wrong("brokers_unknown", {("cluster", name): "warn"}, title=title, brokers=str(strangers))
        for state, mark in STATES.items():
            if view[state]:
                self.wrong(state, {("cluster", name): mark}, title=title, count=len(view[state]), partitions=view[state])
        if view.get("lowered"):
            wanted = cluster["min_insync_replicas"]
            self.wrong("minimum_lowered", {("cluster", name): "bad"}, title=title, topics=view["lowered"], wanted=wanted)
        self.health.row(
            title,
            f"{len(live)} of {len(brokers)} brokers",
            [
                # Of a cluster with controllers a broker names any broker.
                *([] if cluster.get("controllers") else [f"controller {view['controller']}"]),
                f"{view['partitions']} partitions",
                *(f"{len(view[state])} {state.replace('_', ' ')}" for state in STATES),
            ],
        )

    def registries(self, hosts: list[str]) -> None:
        if not hosts:
            return
        answers = self.answers("schema_registry", "Schema registry", hosts)
        detail = [f"{len(answer['subjects'])} subjects" for answer in answers.values()][:1]
        self.health.row("Schema registry", f"{len(answers)} of {len(hosts)}", detail)

    def connect(self, name: str, hosts: list[str]) -> None:
        title = f"Kafka Connect {name}"
        answers = self.answers("kafka_connect", title, hosts)
        connectors = next(iter(answers.values()))["connectors"] if answers else {}
        detail = []
        for connector, status in sorted(connectors.items()):
            running = status["tasks"].count("RUNNING")
            detail.append(f"{connector} {status['state']} with {running} of {len(status['tasks'])} tasks")
            asleep = status["state"] in ASLEEP
            bad = [state for state in status["tasks"] if state != "RUNNING" and not asleep]
            flows = [flow for flow in self.topology.get("mirrors", []) if flow["connect"] == name]
            marks: Marks = {("connect", name): "bad"}
            marks |= {("mirror", flow["name"]): "bad" for flow in flows if connector in flow["connectors"]}
            if status["state"] not in ("RUNNING", *ASLEEP):
                self.wrong("connector_state", marks, title=title, connector=connector, state=status["state"])
            if bad:
                states = ", ".join(sorted(set(bad)))
                self.wrong("connector_tasks", marks, title=title, connector=connector, count=len(bad), states=states)
        self.health.row(title, f"{len(answers)} of {len(hosts)} workers", detail or ["no connectors"])

    def flow(self, flow: Mapping[str, Any]) -> None:
        name, title, way = flow["name"], f"Mirror {flow['name']}", f"{flow['source']} to {flow['target']}"
        workers = self.first("kafka_connect", self.topology["connect_clusters"][flow["connect"]]["hosts"], "connectors")
        if workers is not None:
            for connector in flow["connectors"]:
                if connector not in workers:
                    self.wrong("mirror_connector_missing", {("mirror", name): "bad"}, name=name, connector=connector)
                elif workers[connector]["state"] in ASLEEP and flow["state"] == "running":
                    state = workers[connector]["state"]
                    self.wrong("mirror_asleep", {("mirror", name): "warn"}, False, name=name, connector=connector, state=state)
            source = workers.get(name, {"state": "", "tasks": []})
            if source["state"] == "RUNNING" and not source["tasks"]:
                self.wrong("mirror_idle", {("mirror", name): "warn"}, False, name=name, connector=name)
        if flow["state"] != "running":
            self.health.row(title, way, [flow["state"]])
            return
        found = joined(self.topology, flow, lambda component, host: self.found.get((component, host), {}).get("flows", {}))
        details = [self.lag(flow, found)] if "behind" in found else []
        details += self.heartbeat(flow, found) if "age" in found else []
        self.health.row(title, way, details or ["nobody to ask"])

    def first(self, component: str, hosts: Collection[str], key: str) -> Any:
        """Return what the first of the hosts that answered said of something."""
        return next((seen[key] for host in hosts if key in (seen := self.found.get((component, host), {}))), None)

    def lag(self, flow: Mapping[str, Any], found: Mapping[str, Any]) -> str:
        name, most, behind = flow["name"], flow["lag_max"], found["behind"]
        if behind is None:
            if most is not None:
                self.wrong("mirror_behind_unknown", {("mirror", name): "warn"}, name=name, error=found["behind_error"])
            return "records behind unknown"
        total = sum(behind.values())
        if most is not None and total > most:
            passes = found["age"] is not None and found["age"] <= flow["heartbeat_max_age"]
            topics = sorted(behind, key=lambda topic: -int(behind[topic]))
            # How far a mirror is behind follows from what Connect has noted, which may be older than the records on the target.
            code = "mirror_behind_perhaps" if passes else "mirror_behind"
            self.wrong(code, {("mirror", name): "warn"}, name=name, count=total, most=most, topics=topics)
        return f"up to {total} records behind"

    def heartbeat(self, flow: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
        name, most = flow["name"], flow["heartbeat_max_age"]
        marks: Marks = {("mirror", name): "bad"}
        if not flow["heartbeats"]:
            return []
        if found["age"] is None:
            if most and found["age_error"]:
                self.wrong("heartbeat_unknown", marks, name=name, error=found["age_error"])
            elif most:
                self.wrong("heartbeat_none", marks, name=name)
            return ["no heartbeat"]
        age = int(found["age"])
        if most and age > most:
            self.wrong("heartbeat_old", marks, name=name, target=flow["target"], age=age, most=most)
        return [f"last heartbeat {age} s ago"]

    def elasticsearch(self, hosts: list[str]) -> None:
        if not hosts:
            return
        answers = self.answers("elasticsearch", "Elasticsearch", hosts)
        detail = ["nobody to ask"]
        if answers:
            answer = next(iter(answers.values()))
            documents = {name: number for name, number in answer["documents"].items() if not name.startswith(".")}
            detail = [answer["status"], *(f"{name} {number} documents" for name, number in sorted(documents.items())[:MAX_NAMED])]
            if answer["status"] == "red":
                self.wrong("elasticsearch_red", {("elasticsearch",): "bad"})
            elif answer["status"] != "green":
                self.wrong("elasticsearch_yellow", {("elasticsearch",): "warn"}, problem=False)
            if answer["nodes"] < len(hosts):
                self.wrong("elasticsearch_nodes", {("elasticsearch",): "bad"}, live=answer["nodes"], count=len(hosts))
        self.health.row("Elasticsearch", f"{len(answers)} of {len(hosts)} nodes", detail)

    def agents(self) -> None:
        """The JMX exporter agents of components that answer themselves; what is down is named once."""
        asked = [
            (row["component"], row["host"])
            for row in self.topology.get("metrics", ())
            if row["component"] in AGENTS and not self.found.get((row["component"], row["host"]), {"error": "not asked"})["error"]
        ]
        silent = {key: found for key in asked if (found := self.found.get((key[0] + AGENT, key[1])))}
        if not asked:
            return
        there = [key for key in asked if silent.get(key, {}).get("installed", True)]
        for (component, host), found in silent.items() if there else ():
            marks: Marks = {("component", component, host): "warn"}
            self.wrong("agent_silent", marks, component=component, host=host, error=found["error"])
        self.health.row(
            "JMX exporter", f"{len(asked) - len(silent)} of {len(asked)}", [] if there else [LATER.format("exporter.yml")]
        )

    def has_run(self, playbook: str) -> bool:
        """Return whether a playbook has brought anything that it is to bring."""
        brought = {name for name in BY_NAME if WATCHERS.get(name, ("", SERVICES))[1] == playbook}
        return any(name in brought and found.get("installed", True) for (name, _), found in self.found.items())

    def watcher(self, component: str, title: str, hosts: list[str], playbook: str) -> None:
        """What watches the estate. Alerts that fire are told; the services that they are about judge themselves."""
        asked = [self.found[component, host] for host in hosts if (component, host) in self.found]
        reasons = [self.left_out[artefact] for artefact in BY_NAME[component].artefacts if artefact in self.left_out]
        if reasons:
            self.health.row(title, "left out", reasons)
        elif not any(observation.get("installed", True) for observation in asked):
            # What a playbook that has run did not bring was left out by it.
            if asked and self.may_lack and self.has_run(playbook):
                self.health.row(title, "left out", [LEFT_OUT])
            else:
                self.health.row(title, f"0 of {len(hosts)}", [LATER.format(playbook) if asked else "nobody to ask"])
        else:
            answers = self.answers(component, title, hosts)
            detail = []
            for answer in answers.values():
                if "targets" in answer:
                    if answer["up"] < answer["targets"]:
                        marks: Marks = {("component", component, host): "warn" for host in answers}
                        self.wrong("targets_down", marks, problem=False, up=answer["up"], count=answer["targets"])
                    detail.append(f"{answer['up']} of {answer['targets']} targets up")
                    detail.append(f"firing: {' '.join(answer['firing'])}" if answer["firing"] else "no alert fires")
            self.health.row(title, f"{len(answers)} of {len(hosts)}", detail)
