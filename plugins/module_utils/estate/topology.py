"""From groups and variables of all hosts to one picture of the estate, and the list of everything wrong with it.

Pure: no I/O but :func:`load_roles`, which reads the roles' defaults and argument specs.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import (
    BY_NAME,
    COMPONENTS,
    ESTATE_OPTIONS,
    PREFLIGHT_OPTIONS,
    REMOVED,
    Component,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.heap import heap_mb
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.plan import plan as plan_mirrors
from ansible_collections.estate.kafka.plugins.module_utils.secrets import SECRET, secrets_in
from ansible_collections.estate.kafka.plugins.module_utils.text import some

Options = dict[str, dict[str, Any]]

# Types whose values must already be of that type: a quoted number or 'yes' in an inventory is a mistake,
# and a role would get it as it is.
STRICT: dict[str, tuple[tuple[type, ...], str]] = {
    "int": ((int,), "an integer, written without quotes (on the command line as JSON: -e '{\"name\": 1}')"),
    "float": ((int, float), "a number, written without quotes"),
    "bool": ((bool,), "true or false, written without quotes"),
    "list": ((list, tuple), "a list"),
    "dict": ((Mapping,), "a mapping"),
    "str": ((str, int, float), "a string"),
    "path": ((str,), "a path"),
}
# What is said of a value that is not shown.
KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "nothing"),
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "a string"),
    ((list, tuple), "a list"),
    (Mapping, "a mapping"),
)
# Hosts named in one message.
NAMED = 4
HIGHEST_ZOOKEEPER_ID = 255
PASSWORD_LENGTH = 8
KNOWN_PASSWORDS = {
    "password",
    "passw0rd",
    "password1",
    "changeme",
    "changeit",
    "adminadmin",
    "admin123",
    "12345678",
}


@dataclass(frozen=True)
class Undefined:
    """The value of a variable that cannot be templated from the inventory alone."""

    reason: str

    def __str__(self) -> str:
        return f"a template that fails: {self.reason}"


@dataclass(frozen=True)
class Problem:
    """One thing wrong: where, which variable, what was found, and what to do."""

    host: str
    variable: str
    found: str
    remedy: str


@dataclass(frozen=True)
class Role:
    """The public variables of a role."""

    name: str
    defaults: Mapping[str, Any]
    options: Options


@dataclass(frozen=True)
class StateTopics:
    """Which variables name the topics a component keeps its state in, and which of its own options have the last word."""

    options: str
    topics: Mapping[str, tuple[str, ...]]


STATE_TOPICS = {
    "schema_registry": StateTopics(
        "schema_registry_config", {"schema_registry_topic": ("apicurio.kafkasql.topic", "kafkastore.topic")}
    ),
    "kafka_connect": StateTopics(
        "kafka_connect_config",
        {f"kafka_connect_{kind}_topic": (f"{kind}.storage.topic",) for kind in ("config", "offset", "status")},
    ),
}


@dataclass
class Plan:
    """The picture of the estate; ``topology`` is good only when ``problems`` is empty."""

    topology: dict[str, Any] = field(default_factory=dict)
    placement: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def load_roles(root: Path) -> dict[str, Role]:
    """Read defaults and argument specs of every role under ``root``/roles."""
    roles = {}
    for folder in sorted(path for path in (root / "roles").iterdir() if (path / "meta/argument_specs.yml").is_file()):
        specs = _yaml(folder / "meta/argument_specs.yml").get("argument_specs") or {}
        options: Options = {}
        for entry_point, spec in specs.items():
            for name, option in (spec.get("options") or {}).items():
                # What another entry point requires is given by the role that includes it, not by the inventory.
                options[name] = option if entry_point == "main" else {**option, "required": False}
        roles[folder.name] = Role(folder.name, _yaml(folder / "defaults/main.yml"), options)
    return roles


def _yaml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}


def render(problems: Iterable[Problem]) -> list[str]:
    """Return one line for each different problem, naming every host that has it."""
    hosts: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for problem in problems:
        names = hosts[(problem.variable, problem.found, problem.remedy)]
        if problem.host not in names:
            names.append(problem.host)
    return [f"{some(names, NAMED)}: {variable}: found {found}. {remedy}." for (variable, found, remedy), names in hosts.items()]


def wanted_variables(roles: Mapping[str, Role]) -> Callable[[str], bool]:
    """Return a test for the names of variables that :func:`plan` needs to see."""
    known = _known(roles)
    prefixes = tuple(f"{name}_" for name in (*roles, *(component.role for component in COMPONENTS), "preflight"))
    suspects = re.compile(r"^(estate|kafka|zookeeper|schema|elastic|security|connect|mirror)")
    return lambda name: name in known or name in REMOVED or name.startswith(prefixes) or bool(suspects.match(name))


def _known(roles: Mapping[str, Role]) -> Options:
    options: Options = {**PREFLIGHT_OPTIONS, **ESTATE_OPTIONS}
    for component in COMPONENTS:
        options.update({name: {"type": "raw"} for name in component.required})
    for role in roles.values():
        options.update({name: {"type": "raw"} for name in role.defaults} | role.options)
    return options


def plan(
    groups: Mapping[str, Sequence[str]],
    cluster_groups: Mapping[str, Sequence[str]],
    hostvars: Mapping[str, Mapping[str, Any]],
    roles: Mapping[str, Role],
    describe: Callable[[Any], str] = repr,
) -> Plan:
    """Build the picture of the estate.

    ``groups`` maps every group to its hosts, ``cluster_groups`` the direct children of kafka_broker to theirs, and
    ``hostvars`` every host to the public variables a person has set; ``describe`` shows a value,
    in the action with its file and line.
    """
    return _Planner(groups, cluster_groups, hostvars, roles, describe).run()


class _Planner:
    """One run of :func:`plan`; the methods follow each other in the order of :meth:`run`."""

    def __init__(
        self,
        groups: Mapping[str, Sequence[str]],
        cluster_groups: Mapping[str, Sequence[str]],
        hostvars: Mapping[str, Mapping[str, Any]],
        roles: Mapping[str, Role],
        describe: Callable[[Any], str],
    ) -> None:
        self.groups = groups
        self.cluster_groups = cluster_groups
        self.hostvars = hostvars
        self.roles = roles
        self.describe = describe
        self.known = _known(roles)
        self.components = [component for component in COMPONENTS if component.role in roles]
        self.placed: dict[str, list[Component]] = defaultdict(list)
        for component in self.components:
            for host in groups.get(component.group, ()):
                self.placed[host].append(component)
        self.bad: set[tuple[str, str]] = set()
        self.verdicts: dict[tuple[str, str, str], str] = {}
        self.out = Plan()

    def run(self) -> Plan:
        self.check_groups()
        for host in self.hostvars:
            self.check_variables(host)
        ensembles = self.ensembles()
        clusters = self.clusters(ensembles)
        self.out.topology = {
            "ensembles": ensembles,
            "clusters": clusters,
            **self.schema_registries(clusters),
            "connect_clusters": self.connect_clusters(clusters),
            "elasticsearch": self.elasticsearch(),
        }
        self.out.topology["mirrors"] = self.mirrors(clusters, self.out.topology["connect_clusters"])
        self.exporters(clusters)
        for host in self.hostvars:
            self.place(host)
        self.out.topology["components"] = self.component_table()
        self.out.topology["metrics"] = self.metrics_table()
        return self.out

    # -- reporting ---------------------------------------------------------------------------------------------------

    def problem(self, host: str, variable: str, found: Any, remedy: str) -> None:
        self.out.problems.append(Problem(host, variable, self.show(variable, found), remedy))

    def warning(self, host: str, variable: str, found: Any, remedy: str) -> None:
        self.out.warnings.append(Problem(host, variable, self.show(variable, found), remedy))

    def show(self, variable: str, found: Any) -> str:
        if isinstance(found, Found):
            return str(found)
        if self.is_secret(variable) or secrets_in(found):
            return (
                f"a secret value, {next((words for types, words in KINDS if isinstance(found, types)), 'a template that fails')}"
            )
        return str(found) if isinstance(found, Undefined) else self.describe(found)

    def is_secret(self, variable: str) -> bool:
        """Return whether a variable holds a secret, or has a name so much like one that does that it is probably meant."""
        if variable in self.known:
            return bool(self.known[variable].get("no_log"))
        close = difflib.get_close_matches(variable, self.known, n=1, cutoff=0.8)
        return bool(SECRET.search(variable)) or any(self.known[name].get("no_log") for name in close)

    # -- values ------------------------------------------------------------------------------------------------------

    def value(self, host: str, variable: str, may_need_facts: bool = False) -> Any:
        """Return what the host will use: the person's value or the role's default; None when bad or not there."""
        if (host, variable) in self.bad:
            return None
        found = self.hostvars[host].get(variable, self.default(variable))
        if not isinstance(found, Undefined):
            return found
        if not may_need_facts:
            self.bad.add((host, variable))
            self.problem(host, variable, found, "Write a value that follows from the inventory alone")
        return None

    def default(self, variable: str) -> Any:
        if variable in PREFLIGHT_OPTIONS:
            return PREFLIGHT_OPTIONS[variable].get("default")
        return next((role.defaults[variable] for role in self.roles.values() if variable in role.defaults), None)

    def check_variables(self, host: str) -> None:
        """Unknown, removed, missing and wrongly typed variables of a host."""
        values = self.hostvars[host]
        for name, found in values.items():
            if name in REMOVED:
                self.problem(host, name, found, f"This variable was removed. {REMOVED[name]}")
            elif name not in self.known:
                self.check_unknown(host, name, found)
            elif remedy := self.wrong(name, found):
                self.bad.add((host, name))
                self.problem(host, name, found, remedy)
        for component in self.placed[host]:
            options = self.roles[component.role].options
            required = {*component.required, *(name for name, option in options.items() if option.get("required"))}
            for name in sorted(required - values.keys() - self.roles[component.role].defaults.keys()):
                self.problem(host, name, Found("nothing"), f"Set it: a host of group {component.group} cannot be without it")

    def check_unknown(self, host: str, name: str, found: Any) -> None:
        owner = max((r for r in (*self.roles, "preflight") if name.startswith(f"{r}_")), key=len, default="")
        if owner:
            candidates: Iterable[str] = (known for known in self.known if known.startswith(f"{owner}_"))
            close = difflib.get_close_matches(name, candidates, n=1, cutoff=0.6)
            what = "Preflight" if owner == "preflight" else f"Role {owner}"
            hint = f"Write {close[0]} if that is meant, or remove it" if close else "Remove it or correct its name"
            self.problem(host, name, found, f"{what} has no such variable. {hint}")
        elif close := difflib.get_close_matches(name, self.known, n=1, cutoff=0.88):
            self.warning(host, name, found, f"Nothing reads this variable. Write {close[0]} if that is meant")

    def wrong(self, name: str, found: Any) -> str:
        """Return '' or what a value of this variable must be."""
        if isinstance(found, Undefined):
            return ""  # it may need facts; a variable the topology needs is checked apart
        key = (name, type(found).__name__, repr(found))
        if key not in self.verdicts:
            self.verdicts[key] = wrong_value(name, found, self.known[name])
        return self.verdicts[key]

    # -- groups ------------------------------------------------------------------------------------------------------

    def check_groups(self) -> None:
        known = {component.group for component in COMPONENTS}
        if not any(self.placed.values()):
            self.problem("group all", "groups", Found("no host in any group of a component"), f"Fill one of {', '.join(known)}")
        others = [name for name, hosts in self.groups.items() if hosts and name not in known]
        for component in self.components:
            if not self.groups.get(component.group):
                for close in difflib.get_close_matches(component.group, others, n=1, cutoff=0.85):
                    self.problem(
                        f"group {close}",
                        "groups",
                        Found(f"hosts in group {close!r} and none in {component.group!r}"),
                        f"Name the group {component.group}",
                    )
        for name, hosts in self.cluster_groups.items():
            if not hosts:
                self.warning(f"group {name}", "groups", Found("no hosts"), "Add its brokers or remove the group")
        names = list(self.cluster_groups)
        for index, one in enumerate(names):
            for other in names[index + 1 :]:
                for host in sorted(set(self.cluster_groups[one]) & set(self.cluster_groups[other])):
                    self.problem(
                        host,
                        "groups",
                        Found(f"membership of both {one} and {other}"),
                        "A host runs one broker: keep it in one child group of kafka_broker",
                    )

    # -- ZooKeeper ---------------------------------------------------------------------------------------------------

    def ensembles(self) -> dict[str, Any]:
        members: dict[str, list[str]] = defaultdict(list)
        for host in self.hosts_of("zookeeper"):
            name = self.value(host, "zookeeper_ensemble")
            if name is not None:
                members[str(name)].append(host)
        result = {}
        for name, hosts in sorted(members.items()):
            self.check_ids("zookeeper_id", hosts, f"ensemble {name}", lowest=1, highest=HIGHEST_ZOOKEEPER_ID)
            self.check_size(name, hosts)
            servers = [
                {
                    "id": self.number(host, "zookeeper_id"),
                    "host": host,
                    "client_port": self.number(host, "zookeeper_client_port"),
                    "peer_port": self.number(host, "zookeeper_peer_port"),
                    "election_port": self.number(host, "zookeeper_election_port"),
                }
                for host in hosts
            ]
            servers.sort(key=lambda server: (server["id"] or 0, server["host"]))
            result[name] = {
                "servers": servers,
                "connect": ",".join(f"{server['host']}:{server['client_port']}" for server in servers),
            }
        return result

    def check_size(self, name: str, hosts: list[str]) -> None:
        found = Found(f"{len(hosts)} servers in ensemble {name!r} ({some(hosts, NAMED)})")
        if len(hosts) == 2:
            self.problem("group zookeeper", "zookeeper_ensemble", found, "Use 1, 3 or 5: two stop when either stops")
        elif len(hosts) % 2 == 0:
            self.warning(
                "group zookeeper",
                "zookeeper_ensemble",
                found,
                f"Use {len(hosts) - 1} or {len(hosts) + 1}: an even number bears no more failures than one less",
            )

    def check_ids(self, variable: str, hosts: list[str], whole: str, lowest: int, highest: int) -> None:
        owners: dict[int, str] = {}
        for host in hosts:
            number = self.number(host, variable)
            if number is None:
                continue
            if not lowest <= number <= highest:
                self.problem(host, variable, number, f"Choose a number from {lowest} to {highest}")
            if number in owners:
                self.problem(
                    host,
                    variable,
                    self.hostvars[host][variable],
                    f"{owners[number]} of the same {whole} has this id too: give each a number of its own",
                )
            owners.setdefault(number, host)

    # -- Kafka -------------------------------------------------------------------------------------------------------

    def clusters(self, ensembles: Mapping[str, Any]) -> dict[str, Any]:
        members: dict[str, list[str]] = defaultdict(list)
        for host in self.hosts_of("kafka_broker"):
            name = self.value(host, "kafka_broker_cluster")
            if name is not None:
                members[str(name)].append(host)
            ensemble = self.value(host, "kafka_broker_ensemble")
            if ensemble is not None and ensemble not in ensembles:
                self.needs_ensemble(host, ensemble, ensembles)
        result = {}
        owners: dict[tuple[str, str], str] = {}
        for name, hosts in sorted(members.items()):
            self.check_ids("kafka_broker_id", hosts, f"cluster {name}", lowest=0, highest=2**31 - 1)
            ensemble = str(self.common(name, hosts, "kafka_broker_ensemble"))
            chroot = self.common(name, hosts, "kafka_broker_chroot")
            self.check_chroot(hosts[0], chroot)
            self.check_authorizer(name, hosts)
            owner = owners.setdefault((ensemble, str(chroot)), name)
            if owner != name and chroot is not None:
                self.problem(
                    hosts[0],
                    "kafka_broker_chroot",
                    chroot,
                    f"Cluster {owner} has this chroot of ensemble {ensemble} too: give cluster {name} one of its own",
                )
            brokers = [
                {
                    "id": self.number(host, "kafka_broker_id"),
                    "host": host,
                    "port": self.number(host, "kafka_broker_port"),
                    "rack": str(self.value(host, "kafka_broker_rack") or ""),
                }
                for host in hosts
            ]
            brokers.sort(key=lambda broker: (broker["id"] or 0, broker["host"]))
            result[name] = {
                "name": name,
                "ensemble": ensemble,
                "chroot": str(chroot),
                "zookeeper_connect": f"{ensembles.get(ensemble, {}).get('connect', '')}{chroot}",
                "brokers": brokers,
                "bootstrap": ",".join(f"{broker['host']}:{broker['port']}" for broker in brokers),
                **self.replication(name, hosts),
                # Where schema registries and Connect keep their state: whoever uses the cluster adds its own.
                "state_topics": [],
            }
        return result

    def needs_ensemble(self, host: str, ensemble: str, ensembles: Mapping[str, Any]) -> None:
        if not self.groups.get("zookeeper"):
            self.problem(
                "group zookeeper",
                "groups",
                Found("no hosts, and kafka_broker has some"),
                "Put the servers of the ensemble into group zookeeper",
            )
            return
        self.problem(
            host,
            "kafka_broker_ensemble",
            ensemble,
            f"No host of group zookeeper has zookeeper_ensemble {ensemble!r}. Known: {', '.join(ensembles) or 'none'}",
        )

    def common(self, cluster: str, hosts: list[str], variable: str) -> Any:
        """Return the one value all brokers of a cluster must share."""
        first = self.value(hosts[0], variable)
        for host in hosts[1:]:
            found = self.value(host, variable)
            if found is not None and first is not None and found != first:
                self.problem(
                    host,
                    variable,
                    found,
                    f"{hosts[0]} of the same cluster {cluster} has {first!r}: set it once, in the cluster's group_vars",
                )
        return first

    def check_authorizer(self, cluster: str, hosts: Iterable[str]) -> None:
        """ACLs are listed only where the brokers have somebody to ask them."""
        for host in hosts:
            options = self.value(host, "kafka_broker_config", may_need_facts=True)
            if options is not None and self.value(host, "kafka_acls") and not options.get("authorizer.class.name"):
                self.problem(
                    host,
                    "kafka_acls",
                    Found(f"ACLs, and no authorizer on this broker of cluster {cluster}"),
                    "Set authorizer.class.name in kafka_broker_config of all its brokers, or list no ACLs",
                )

    def check_chroot(self, host: str, chroot: Any) -> None:
        if chroot is not None and not re.fullmatch(r"(/[^/\s]+)+", str(chroot)):
            self.problem(
                host,
                "kafka_broker_chroot",
                chroot,
                "Write an absolute znode path with a name after a leading '/' and no '/' at its end, such as /kafka",
            )

    def replication(self, cluster: str, hosts: list[str]) -> dict[str, Any]:
        factor = self.common(cluster, hosts, "kafka_broker_default_replication_factor")
        in_sync = self.common(cluster, hosts, "kafka_broker_min_insync_replicas")
        brokers = f"cluster {cluster} has {len(hosts)} broker{'s' if len(hosts) > 1 else ''}"
        if factor is not None and not 1 <= factor <= len(hosts):
            self.problem(
                hosts[0],
                "kafka_broker_default_replication_factor",
                factor,
                f"{brokers.capitalize()}: set a number from 1 to {len(hosts)}, or add brokers",
            )
        if factor is not None and in_sync is not None and not 1 <= in_sync <= max(factor, 1):
            self.problem(
                hosts[0],
                "kafka_broker_min_insync_replicas",
                in_sync,
                f"The replication factor of cluster {cluster} is {factor}: set a number from 1 to {max(factor - 1, 1)}",
            )
        elif factor is not None and factor == in_sync and factor > 1:
            self.warning(
                hosts[0],
                "kafka_broker_min_insync_replicas",
                in_sync,
                f"It equals the replication factor of cluster {cluster}: with any broker down nobody can write",
            )
        return {"default_replication_factor": factor, "min_insync_replicas": in_sync}

    # -- what uses a cluster -----------------------------------------------------------------------------------------

    def used_cluster(self, host: str, component: Component, clusters: Mapping[str, Any]) -> str:
        """Return the name of the cluster a component uses, which must be there and large enough for its topics."""
        name = self.value(host, component.cluster)
        if name is not None and name not in clusters:
            self.problem(
                host,
                component.cluster,
                name,
                f"No host of group kafka_broker has kafka_broker_cluster {name!r}. Known: {', '.join(clusters) or 'none'}",
            )
        elif name is not None and component.replication:
            factor, brokers = self.value(host, component.replication), len(clusters[name]["brokers"])
            if factor is not None and not 1 <= factor <= brokers:
                self.problem(host, component.replication, factor, f"Cluster {name} has {brokers} broker(s): set at most as many")
        return str(name)

    def schema_registries(self, clusters: Mapping[str, Any]) -> dict[str, Any]:
        urls = {}
        for host in self.hosts_of("schema_registry"):
            cluster = self.used_cluster(host, BY_NAME["schema_registry"], clusters)
            self.add_state_topics(host, clusters, cluster, STATE_TOPICS["schema_registry"])
            urls[host] = f"http://{host}:{self.number(host, 'schema_registry_port')}"
        return {"schema_registries": urls, "schema_registry_url": next(iter(urls.values()), "")}

    def connect_clusters(self, clusters: Mapping[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for host in self.hosts_of("kafka_connect"):
            cluster = self.used_cluster(host, BY_NAME["kafka_connect"], clusters)
            group_id = str(self.value(host, "kafka_connect_group_id"))
            entry = result.setdefault(group_id, {"cluster": cluster, "hosts": [], "urls": [], "exactly_once": True})
            if entry["cluster"] != cluster:
                self.problem(
                    host,
                    "kafka_connect_cluster",
                    cluster,
                    f"{entry['hosts'][0]} has the same kafka_connect_group_id {group_id!r} on cluster "
                    f"{entry['cluster']}: give the workers of each cluster a group id of their own",
                )
            self.add_state_topics(host, clusters, cluster, STATE_TOPICS["kafka_connect"])
            config = self.value(host, "kafka_connect_config") or {}
            entry["exactly_once"] = entry["exactly_once"] and config.get("exactly.once.source.support") == "enabled"
            entry["hosts"].append(host)
            entry["urls"].append(f"http://{host}:{self.number(host, 'kafka_connect_port')}")
        return result

    def add_state_topics(self, host: str, clusters: Mapping[str, Any], cluster: str, where: StateTopics) -> None:
        """Add the topics in which a component keeps its state to what is known of its cluster."""
        known = clusters[cluster]["state_topics"] if cluster in clusters else []
        options = self.value(host, where.options) or {}
        for variable, keys in where.topics.items():
            name = next((options[key] for key in keys if options.get(key)), None) or self.value(host, variable)
            # The role's default follows from the group id, and is not templated here.
            name = str(name or "").replace("{{ kafka_connect_group_id }}", str(self.value(host, "kafka_connect_group_id")))
            if name and name not in known:
                known.append(name)

    def elasticsearch(self) -> dict[str, Any]:
        hosts = self.hosts_of("elasticsearch")
        return {
            "hosts": list(hosts),
            "urls": [f"http://{host}:{self.number(host, 'elasticsearch_port')}" for host in hosts],
        }

    def exporters(self, clusters: Mapping[str, Any]) -> None:
        """Check that an exporter has something to read, and that no other reads it too: sums would count twice."""
        readers: dict[str, str] = {}
        for host in self.hosts_of("kafka_exporter"):
            cluster = self.used_cluster(host, BY_NAME["kafka_exporter"], clusters)
            first = readers.setdefault(cluster, host)
            if first != host and cluster in clusters:
                self.problem(
                    host, "kafka_exporter_cluster", cluster, f"{first} reads this cluster already: keep one, or lag counts twice"
                )
        readers_of_search = self.hosts_of("elasticsearch_exporter")
        if readers_of_search and not self.hosts_of("elasticsearch"):
            self.problem(
                readers_of_search[0],
                "groups",
                Found("no host in group elasticsearch"),
                "Add one, or empty group elasticsearch_exporter",
            )
        for host in readers_of_search[1:]:
            self.problem(
                host,
                "groups",
                Found("elasticsearch_exporter"),
                f"{readers_of_search[0]} reads Elasticsearch already: keep one host in this group",
            )

    # -- flows between clusters --------------------------------------------------------------------------------------

    def mirrors(self, clusters: Mapping[str, Any], connect_clusters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the flows, checked; they are those of the whole estate, so every host must see the same."""
        owner, items = "", None
        for host in self.hostvars:
            found = self.value(host, "mirrors")
            if found is None:
                continue
            if items is not None and found != items:
                self.problem(
                    host,
                    "mirrors",
                    Found("other flows"),
                    f"{owner} has different ones: set them once, for group all",
                )
            if items is None:
                owner, items = host, found
        flows, refused = plan_mirrors(items or [], clusters, connect_clusters)
        for what, remedy in refused:
            self.problem(owner, "mirrors", Found(what), remedy)
        for host in self.hosts_of("kafka_connect"):
            declared = {connector["name"] for connector in self.value(host, "kafka_connectors") or []}
            group_id = str(self.value(host, "kafka_connect_group_id"))
            for flow in flows:
                for name in declared & set(flow.shown()["connectors"]) if flow.connect == group_id else ():
                    self.problem(
                        host,
                        "kafka_connectors",
                        Found(f"{name}, which is a connector of the flow {flow.name} too"),
                        "Remove it there, or give the flow another name",
                    )
        return [flow.shown() for flow in flows]

    def hosts_of(self, group: str) -> Sequence[str]:
        component = BY_NAME[group]
        return self.groups.get(group, ()) if component in self.components else ()

    def number(self, host: str, variable: str) -> int | None:
        value = self.value(host, variable)
        return int(value) if isinstance(value, int) else None

    # -- hosts -------------------------------------------------------------------------------------------------------

    def place(self, host: str) -> None:
        """Write down what a host carries, for preflight; two components on one port are found here."""
        carried: list[dict[str, Any]] = []
        taken: dict[int, str] = {}
        for component in self.placed[host]:
            ports = {}
            for port in component.ports:
                if port.when and self.value(host, port.when[0]) != port.when[1]:
                    continue
                number = self.number(host, port.variable)
                if number is None:
                    continue
                if not 0 < number < 65536:
                    self.problem(host, port.variable, number, "Choose a port from 1 to 65535")
                elif number in taken:
                    found = self.hostvars[host].get(port.variable, number)
                    self.problem(host, port.variable, found, f"{taken[number]} has this port too: choose another for one of them")
                taken.setdefault(number, port.variable)
                ports[port.variable] = number
            carried.append(self.placed_component(host, component, ports))
        limits = {name: self.value(host, name) for name in PREFLIGHT_OPTIONS}
        self.out.placement[host] = {
            "components": carried,
            "limits": {name: self.default(name) if value is None else value for name, value in limits.items()},
            "java_majors": self.value(host, "java_versions_accepted") or [],
            "java_chosen": bool(self.value(host, "java_version") or self.value(host, "java_package")),
        }

    def placed_component(self, host: str, component: Component, ports: dict[str, int]) -> dict[str, Any]:
        directories: list[str] = []
        for variable in component.data_dirs:
            value = self.value(host, variable)
            directories += [str(path) for path in ([value] if isinstance(value, str) else value or [])]
        size = ""
        if component.heap:
            size = str(self.value(host, component.heap.variable, may_need_facts=True) or "")
            if size and not _is_heap(size):
                self.problem(host, component.heap.variable, size, "Write a JVM size such as 512m or 2g")
                size = ""
        id_variable = next((name for name in component.required if name.endswith("_id")), "")
        return {
            "component": component.name,
            "ports": ports,
            "data_dirs": directories,
            "heap": size,
            "id_variable": id_variable,
            "id": self.number(host, id_variable) if id_variable else None,
            # Only what is wrong with one. Preflight refuses it, so that the picture can be had without passwords.
            "passwords": {name: weakness(self.hostvars[host].get(name)) for name in component.passwords},
            "chosen": self.value(host, component.chosen_by) if component.chosen_by else None,
        }

    def component_table(self) -> list[dict[str, Any]]:
        table = []
        for component in self.components:
            for host in self.groups.get(component.group, ()):
                placed = next(row for row in self.out.placement[host]["components"] if row["component"] == component.name)
                ports = list(placed["ports"].values())
                address = f"{host}:{ports[0] if ports else ''}"
                row = {"component": component.name, "host": host, "ports": ports}
                if component.scheme:
                    row["url"] = f"{component.scheme}://{address}"
                else:
                    row["address"] = address
                table.append(row)
        return table

    def metrics_table(self) -> list[dict[str, Any]]:
        """Return what serves metrics where: component, host, port, and the cluster, ensemble or group it belongs to."""
        topology = self.out.topology
        clusters = {
            ("zookeeper", server["host"]): name for name, found in topology["ensembles"].items() for server in found["servers"]
        }
        clusters |= {
            ("kafka_broker", broker["host"]): name for name, found in topology["clusters"].items() for broker in found["brokers"]
        }
        clusters |= {
            ("kafka_connect", host): name for name, found in topology["connect_clusters"].items() for host in found["hosts"]
        }
        table = []
        for host, placed in self.out.placement.items():
            for row in placed["components"]:
                component = BY_NAME[row["component"]]
                if component.metrics not in row["ports"]:
                    continue
                cluster = clusters.get((component.name, host), "")
                if not cluster and component.cluster:
                    cluster = str(self.value(host, component.cluster) or "")
                port = row["ports"][component.metrics]
                table.append({"component": component.name, "host": host, "port": port, "cluster": cluster})
        return table


class Found(str):
    """A finding in words, shown as it is rather than as a quoted value."""

    __slots__ = ()


def wrong_value(name: str, found: Any, option: Mapping[str, Any]) -> str:
    """Return '' when ``found`` fits the option of an argument spec, otherwise what to write instead."""
    kind = str(option.get("type", "str"))
    types, wanted = STRICT.get(kind, ((), ""))
    if found is None:
        return f"Give it a value, {wanted}, or remove the line" if types else ""
    if types and (not isinstance(found, types) or (isinstance(found, bool) and kind != "bool")):
        return f"It must be {wanted}".replace('"name"', f'"{name}"')
    spec = {name: {key: value for key, value in option.items() if key not in ("required", "default")}}
    result = ArgumentSpecValidator(spec).validate({name: found})
    return "; ".join(result.error_messages)


def weakness(password: Any) -> str:
    """Return '' or what is wrong with the password of a service."""
    if isinstance(password, Undefined):
        return str(password)
    if password is None or password == "":
        return "nothing"
    if str(password).lower() in KNOWN_PASSWORDS or len(str(password)) < PASSWORD_LENGTH:
        return f"a password that everybody knows, or one shorter than {PASSWORD_LENGTH} characters"
    return ""


def _is_heap(size: str) -> bool:
    try:
        return heap_mb(size) > 0
    except ValueError:
        return False
