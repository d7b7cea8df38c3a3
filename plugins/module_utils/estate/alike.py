# SPDX-License-Identifier: Apache-2.0
"""What members of one cluster must have alike, because any of them may be the one that decides.  Pure.

A broker decides for the partitions that it leads, a worker for the connectors that it has, and a leader's ticks are everybody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.conversion import undefined_in
from ansible_collections.estate.kafka.plugins.module_utils.estate.option_kinds import KINDS
from ansible_collections.estate.kafka.plugins.module_utils.estate.options import Definitions, line_of
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import NAMED, Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten, text

NOTHING = "nothing"


@dataclass(frozen=True)
class Alike:
    """Members by the variable that names their cluster, what that is called, and the options and variables they share."""

    member: str
    whole: str
    options: tuple[str, ...]
    variables: tuple[str, ...] = ()


OF_ROLE = {
    "kafka_broker": Alike(
        "kafka_broker_cluster",
        "cluster",
        (
            *("auto.create.topics.enable", "delete.topic.enable", "unclean.leader.election.enable", "compression.type"),
            *("log.cleanup.policy", "log.retention.bytes", "log.message.timestamp.type", "replica.selector.class"),
            *("offsets.topic.num.partitions", "offsets.retention.minutes", "transaction.state.log.num.partitions"),
            *("group.min.session.timeout.ms", "group.max.session.timeout.ms", "group.coordinator.rebalance.protocols"),
            *("transaction.max.timeout.ms", "transactional.id.expiration.ms", "create.topic.policy.class.name"),
        ),
        ("kafka_broker_message_max_bytes", "kafka_broker_log_retention_ms", "kafka_broker_num_partitions"),
    ),
    "zookeeper": Alike(
        "zookeeper_ensemble",
        "ensemble",
        (
            *("tickTime", "initLimit", "syncLimit", "minSessionTimeout", "maxSessionTimeout", "connectToLearnerMasterLimit"),
            *("standaloneEnabled", "reconfigEnabled", "quorumCnxnThreadsSize", "electionAlg"),
        ),
    ),
    "kafka_connect": Alike(
        "kafka_connect_group_id",
        "Connect cluster",
        (
            *("connect.protocol", "connector.client.config.override.policy", "topic.creation.enable"),
            *("exactly.once.source.support", "scheduled.rebalance.max.delay.ms"),
        ),
        ("kafka_connect_key_converter", "kafka_connect_value_converter", "kafka_connect_header_converter"),
    ),
}


def check_alike(inventory: Inventory, definitions: Definitions) -> None:
    """Tell the inventory each option and variable in which one member of a cluster differs from the others."""
    for role, alike in OF_ROLE.items():
        for name, hosts in inventory.members(role, alike.member).items():
            set_by_people = {str(option) for host in hosts for option in inventory.options(host, role)}
            for option in (one for one in alike.options if one in set_by_people):
                values = {host: _effective(inventory, definitions, host, role, option) for host in hosts}
                _told(inventory, role, option, values, f"{alike.whole} {name}")
            for variable in alike.variables:
                values = {host: inventory.value(host, variable, may_need_facts=True) for host in hosts}
                _told(inventory, role, variable, values, f"{alike.whole} {name}")


def _effective(inventory: Inventory, definitions: Definitions, host: str, role: str, option: str) -> Any:
    """Return what a member has: what people set, what the role sets, or the program's own default."""
    given = inventory.options(host, role)
    if given.get(option) is not None:
        return given[option]
    if option not in given and option in definitions.fixed.get(role, {}):
        return definitions.fixed[role][option]
    program = definitions.of(line_of(inventory, host, role)).programs.get(KINDS[role].options)
    return (program.options.get(option) or {}).get("default") if program else None


def _told(inventory: Inventory, role: str, name: str, found: Mapping[str, Any], whole: str) -> None:
    """Tell the first host of those that are fewest; ``name`` is an option or a variable."""
    by_value: dict[str, list[str]] = {}
    for host, value in found.items():
        by_value.setdefault(_plain(value), []).append(host)
    if len(by_value) < 2 or undefined_in(list(found.values())):
        return
    few = min(by_value.values(), key=len)
    variable = name in inventory.known
    place = name if variable else f"{inventory.level_of(few[0], role, name)}.{name}"
    inventory.problem(
        few[0],
        place,
        Found(f"{', '.join(f'{value or NOTHING} on {shorten(hosts, NAMED)}' for value, hosts in by_value.items())}"),
        f"They are one {whole}, in which any of them may decide: set it once, for all of them, in "
        f"{name if variable else f'{role}_group_config'}",
    )


def _plain(value: Any) -> str:
    return "" if value is None else text(value).strip().lower()
