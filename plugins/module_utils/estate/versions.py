# SPDX-License-Identifier: Apache-2.0
"""Versions that nodes and workers ask for, held against those of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.kafka.lines import ARTEFACTS, LINE_3, LINE_4


def worker_artefact(inventory: Inventory, host: str, versions: Mapping[str, str]) -> str:
    """Return what a Connect worker runs, by its name in the catalogue, having told the inventory what is wrong with that.

    ``versions`` has the installed version of each line by its artefact; without it only the line is looked at.
    """
    version = str(inventory.value(host, "kafka_connect_version") or "")
    artefact = ARTEFACTS.get(version.split(".")[0], "")
    if not artefact:
        known = " or ".join(have for have in versions.values() if have[:1] in ARTEFACTS) or "3.9.2 or 4.3.1"
        inventory.problem(host, "kafka_connect_version", version, f"Write {known}: there is no other line of Kafka here")
        return LINE_3
    check_version(inventory, host, "kafka_connect_version", version, artefact, versions)
    if artefact == LINE_4:
        check_log4j(inventory, host, "kafka_connect")
    return artefact


def check_version(
    inventory: Inventory, host: str, variable: str, version: str, artefact: str, versions: Mapping[str, str]
) -> None:
    """Find a version that the store would not have: it has one of each line."""
    have = versions.get(artefact, "")
    if version and have and version != have:
        inventory.problem(
            host,
            variable,
            version,
            f"The catalogue has {have} of {artefact}: write that, or set estate_versions: {{{artefact}: {version}}} for the "
            "estate; several versions of one line in an estate, as an upgrade by cluster needs them, are not implemented yet",
        )


def check_log4j(inventory: Inventory, host: str, role: str) -> None:
    """Find properties of the older log4j, which Log4j 2 reads over."""
    variable = f"{role}_log4j_config"
    for key, value in (inventory.value(host, variable, may_need_facts=True) or {}).items():
        if str(key).startswith("log4j."):
            inventory.problem(
                host,
                f"{variable}.{key}",
                value,
                "Kafka 4 has Log4j 2, which knows no such property: write logger.NAME.name and logger.NAME.level for a logger, "
                "and rootLogger.level, appender.file.… for what stood in the others",
            )
