# SPDX-License-Identifier: Apache-2.0
"""From groups and variables of all hosts to the estate topology, and the list of everything wrong with it.

Pure: no I/O.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.addresses import name_mistake
from ansible_collections.estate.kafka.plugins.module_utils.estate.alike import check_alike
from ansible_collections.estate.kafka.plugins.module_utils.estate.astray import check_astray
from ansible_collections.estate.kafka.plugins.module_utils.estate.clusters import clusters, ensembles
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import COMPONENTS
from ansible_collections.estate.kafka.plugins.module_utils.estate.confirmations import check_confirmations
from ansible_collections.estate.kafka.plugins.module_utils.estate.controllers import check_consoles, quorums
from ansible_collections.estate.kafka.plugins.module_utils.estate.exercise import exercise
from ansible_collections.estate.kafka.plugins.module_utils.estate.flags import check_flags
from ansible_collections.estate.kafka.plugins.module_utils.estate.mirrored import check_sizes
from ansible_collections.estate.kafka.plugins.module_utils.estate.object_options import check_object_options
from ansible_collections.estate.kafka.plugins.module_utils.estate.objects import check_files, check_objects
from ansible_collections.estate.kafka.plugins.module_utils.estate.options import NO_DEFINITIONS, Definitions, check_inventory
from ansible_collections.estate.kafka.plugins.module_utils.estate.placement import component_table, metrics_table, place
from ansible_collections.estate.kafka.plugins.module_utils.estate.places import Locator
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import NAMED, Found, Problem
from ansible_collections.estate.kafka.plugins.module_utils.estate.roles import Role
from ansible_collections.estate.kafka.plugins.module_utils.estate.secured import check_profile, secured
from ansible_collections.estate.kafka.plugins.module_utils.estate.services import (
    connect_clusters,
    elasticsearch,
    exporters,
    kibana,
    mirrors,
    schema_registries,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.shadows import one_host
from ansible_collections.estate.kafka.plugins.module_utils.estate.together import check_together
from ansible_collections.estate.kafka.plugins.module_utils.estate.units import check_units
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.estate.watching import check_monitoring
from ansible_collections.estate.kafka.plugins.module_utils.estate.writers import check_forms
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten


@dataclass
class Plan:
    """The estate topology; ``topology`` is good only when ``problems`` is empty."""

    topology: dict[str, Any] = field(default_factory=dict)
    placement: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    # By host, the variables whose values were converted.
    converted: dict[str, dict[str, Any]] = field(default_factory=dict)
    inventory: Inventory | None = None


def plan(
    groups: Mapping[str, Sequence[str]],
    cluster_groups: Mapping[str, Sequence[str]],
    hostvars: Mapping[str, Mapping[str, Any]],
    roles: Mapping[str, Role],
    describe: Callable[[Any], str] = repr,
    command_line: Collection[str] = (),
    definitions: Definitions = NO_DEFINITIONS,
    written_at: Locator = lambda _: "",
    alerts: Collection[str] = (),
    read: Callable[[str], str] | None = None,
    place_of: Callable[[str, str], str] = lambda host, variable: "",
    spelt: Locator = lambda _: "",
) -> Plan:
    """Build the estate topology.

    ``groups`` maps every group to its hosts, ``cluster_groups`` the direct children of kafka_broker to theirs, and
    ``hostvars`` every host to the public variables a person has set; ``describe`` shows a value;
    ``command_line`` names the variables that were given there; ``definitions`` are the options that the programs define;
    ``written_at`` returns the file and line in which a value or key was written, or '', and ``place_of`` those of a variable of a
    host; ``alerts`` are the names of the
    toolkit's alerts, and ``read`` returns the text of a file of the controller, both where they are to be looked at; ``spelt``
    returns how a number was written.
    """
    inventory = Inventory(groups, cluster_groups, hostvars, roles, describe, command_line, written_at, place_of, spelt)
    check_groups(inventory)
    check_names(inventory)
    check_slips(inventory)
    for host in hostvars:
        inventory.check_variables(host)
    check_astray(inventory)
    check_confirmations(inventory)
    check_inventory(inventory, definitions)
    check_alike(inventory, definitions)
    check_object_options(inventory, definitions)
    check_flags(inventory, definitions.flags)
    check_units(inventory, definitions.units)
    check_profile(inventory)
    check_forms(inventory)
    topology: dict[str, Any] = {"ensembles": ensembles(inventory)}
    topology["clusters"] = clusters(inventory, topology["ensembles"], quorums(inventory), definitions.versions)
    check_consoles(inventory, topology["clusters"])
    topology |= schema_registries(inventory, topology["clusters"])
    topology["connect_clusters"] = connect_clusters(inventory, topology["clusters"], definitions.versions)
    topology["elasticsearch"] = elasticsearch(inventory)
    topology["kibana"] = kibana(inventory)
    topology["mirrors"] = mirrors(inventory, topology["clusters"], topology["connect_clusters"])
    topology |= exporters(inventory, topology["clusters"])
    topology |= exercise(inventory, topology["clusters"])
    check_monitoring(inventory)
    closed = secured(inventory)
    if closed:
        topology["secured"] = True
    check_objects(inventory, topology)
    check_together(inventory, topology, definitions.versions)
    check_sizes(inventory, topology)
    if read:
        check_files(inventory, alerts, read)
    placement = {host: place(inventory, host) | {"secured": closed} for host in hostvars}
    topology["components"] = component_table(inventory, placement)
    topology["metrics"] = metrics_table(inventory, topology, placement)
    return Plan(topology, placement, inventory.problems, inventory.warnings, dict(inventory.converted), inventory)


def check_names(inventory: Inventory) -> None:
    """Names of hosts by which nothing else of the estate reaches them, and those that differ in capitals only."""
    placed = [host for host, components in inventory.placed.items() if components]
    seen: dict[str, str] = {}
    for host in placed:
        if wrong := name_mistake(host, len(placed) == 1):
            inventory.problem(host, "inventory_hostname", Found(f"the name {host!r}"), wrong)
        other = seen.setdefault(host.lower().rstrip("."), host)
        if other != host:
            inventory.problem(
                host, "inventory_hostname", Found(f"the name {host!r} beside {other!r}"), "They are one host: write it in one way"
            )


def check_slips(inventory: Inventory) -> None:
    """Names that are one host's: with and without its domain, or with a slip of the finger, a hyphen or one in the domain."""
    by_label: dict[str, list[tuple[str, str, str]]] = {}
    for host in (host for host, components in inventory.placed.items() if components):
        label, _, domain = host.lower().rstrip(".").partition(".")
        by_label.setdefault(re.sub("[-_]", "", label), []).append((host, label, domain))
    for hosts in by_label.values():
        for number, (host, label, domain) in enumerate(hosts):
            for other, its_label, its_domain in hosts[:number]:
                found = Found(f"the name {host!r} beside {other!r}")
                if label == its_label and domain != its_domain and not (domain and its_domain):
                    inventory.problem(host, "inventory_hostname", found, "They are one host: write it in one way")
                elif (label != its_label and domain == its_domain) or (
                    label == its_label and domain != its_domain and one_host(domain, its_domain)
                ):
                    inventory.warning(host, "inventory_hostname", found, "Correct one of them if they are one host")


def misspelt(inventory: Inventory, group: str, others: Sequence[str]) -> None:
    """Groups that are like that of a component but for a letter or a sign, with hosts on which nothing would be installed."""
    members = inventory.groups.get(group, ())
    for name in others if members else ():
        plain = name.lower().replace("-", "_")
        if plain.rstrip("s") != group.rstrip("s"):
            continue
        lost = [host for host in inventory.groups[name] if host not in members]
        if lost and (plain == group or not any(inventory.placed[host] for host in lost)):
            found = Found(f"{shorten(lost, NAMED)} in group {name!r} and not in {group!r}")
            inventory.problem(
                f"group {name}", "groups", found, f"Move the hosts into group {group}, or give this one another name"
            )


def check_groups(inventory: Inventory) -> None:
    known = {component.group for component in COMPONENTS}
    if not any(inventory.placed.values()):
        inventory.problem("group all", "groups", Found("no host in any group of a component"), f"Fill one of {', '.join(known)}")
    others = [name for name, hosts in inventory.groups.items() if hosts and name not in known]
    for component in inventory.components:
        if not inventory.groups.get(component.group):
            for close in difflib.get_close_matches(component.group, others, n=1, cutoff=0.85):
                inventory.problem(
                    f"group {close}",
                    "groups",
                    Found(f"hosts in group {close!r} and none in {component.group!r}"),
                    f"Name the group {component.group}",
                )
        misspelt(inventory, component.group, others)
    for name, hosts in inventory.cluster_groups.items():
        if not hosts:
            inventory.warning(f"group {name}", "groups", Found("no hosts"), "Add its brokers or remove the group")
    names = list(inventory.cluster_groups)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            for host in sorted(set(inventory.cluster_groups[one]) & set(inventory.cluster_groups[other])):
                inventory.problem(
                    host,
                    "groups",
                    Found(f"membership of both {one} and {other}"),
                    "A host runs one broker: keep it in one child group of kafka_broker",
                )
