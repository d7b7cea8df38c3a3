# SPDX-License-Identifier: Apache-2.0
"""The profile ``secured`` of the students exercise: its users at the brokers with their rights, and where its logins lie.  Pure.

It has a user for each thing it does: one sends, one reads at the source, one reads the mirror for the index. At the schema
registry and at Elasticsearch it has the logins that these have for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.security import registry, search
from ansible_collections.estate.kafka.plugins.module_utils.security.passwords import variable_of
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import (
    OWN,
    SCRAM,
    Item,
    authority,
    pem_item,
    tls_folder,
)

PRODUCER, READER, INDEXER = (f"{OWN}exercise-{name}" for name in ("producer", "reader", "indexer"))
# The groups that the scripts name: who counts asks for one and never joins it.
COUNTS, INDEXES = "students-reader", "students-indexer"


def _logins(topology: Mapping[str, Any]) -> list[tuple[str, str, str, list[tuple[str, str, list[str]]]]]:
    """Return what each login is for, its cluster, its user and its rights; [] in an estate that is open or has no exercise."""
    found = topology.get("exercise")
    if not found:
        return []
    counts = ("group", COUNTS, ["describe"])
    indexes = ("group", INDEXES, ["read"])
    return [
        ("produce", found["source"], PRODUCER, [("topic", found["topic"], ["write"])]),
        ("read", found["source"], READER, [("topic", found["topic"], ["read"]), counts]),
        ("index", found["target"], INDEXER, [("topic", found["mirrored_topic"], ["read"]), counts, indexes]),
    ]


def users(topology: Mapping[str, Any], cluster: str) -> list[dict[str, str]]:
    """Return the users of the exercise at a cluster, as items of ``kafka_users``."""
    return [{"name": user} for _, place, user, _ in _logins(topology) if place == cluster]


def rights(topology: Mapping[str, Any], cluster: str) -> list[dict[str, Any]]:
    """Return the least rights of these users, as items of ``kafka_acls``."""
    return [
        {"principal": f"User:{user}", "operations": operations, "resource_type": kind, "resource_name": name}
        for _, place, user, wanted in _logins(topology)
        if place == cluster
        for kind, name, operations in wanted
    ]


def exercise(topology: Mapping[str, Any], directory: str, passwords: Mapping[str, str]) -> dict[str, Any]:
    """Return what the exercise has more: ``files``, and ``logins``, the file with each by what it is for.

    ``directory`` is that of its files, which root alone runs; ``passwords`` are by variable. In an open estate both are empty.
    """
    wanted = _logins(topology)
    if not wanted:
        return {"files": [], "logins": {}}
    tls, secrets = f"{directory}/tls", f"{directory}/secrets"
    places = {place: authority(place, "listeners") for _, place, *_ in wanted}
    trusted = {place: pem_item(f"{tls}/{name}-ca.pem", name) for place, name in places.items()}
    of_registry = pem_item(f"{tls}/registry-ca.pem", registry.AUTHORITY)
    of_search = pem_item(f"{tls}/elasticsearch-ca.pem", search.HTTP)
    settings = {
        what: {
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": trusted[place]["path"],
            "sasl.mechanism": SCRAM,
            "sasl.username": user,
            "sasl.password": passwords.get(variable_of(place, user), ""),
        }
        for what, place, user, _ in wanted
    }
    for name, variable in registry.LOGINS.items():
        settings[f"registry_{name}"] = _basic(of_registry, name, passwords.get(variable, ""))
    settings["elasticsearch"] = _basic(of_search, search.INDEXER, passwords.get(search.variable_of(search.INDEXER), ""))
    logins = {what: f"{secrets}/{what}.properties" for what in settings}
    return {
        "files": [
            tls_folder(tls),
            {**tls_folder(secrets), "mode": "0700"},
            *trusted.values(),
            of_registry,
            of_search,
            *(_secret(logins[what], some) for what, some in settings.items()),
        ],
        "logins": logins,
    }


def _basic(ca: Item, user: str, password: str) -> dict[str, str]:
    return {"ssl.ca.location": ca["path"], "basic.auth.user.info": f"{user}:{password}"}


def _secret(path: str, settings: Mapping[str, str]) -> Item:
    content = "".join(f"{name}={value}\n" for name, value in settings.items())
    return {"path": path, "content": content, "mode": "0400", "secret": True}
