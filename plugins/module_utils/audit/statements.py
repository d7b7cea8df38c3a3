# SPDX-License-Identifier: Apache-2.0
"""The twelve statements: what of the estate's facts speaks for each and against it, and what could not be seen.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ansible_collections.estate.kafka.plugins.module_utils.audit.access import (
    acls,
    authorizer_log,
    connect,
    jmx,
    mirrors,
    secrets,
    super_users,
)
from ansible_collections.estate.kafka.plugins.module_utils.audit.connections import apart, encrypted, keys, mutual, renewed
from ansible_collections.estate.kafka.plugins.module_utils.audit.estate import Estate
from ansible_collections.estate.kafka.plugins.module_utils.audit.findings import ALL, PASS, UNKNOWN, Finding

RULES: Mapping[int, Callable[[Estate], Iterator[Finding]]] = {
    1: apart,
    2: mutual,
    3: keys,
    4: encrypted,
    5: renewed,
    6: super_users,
    7: authorizer_log,
    8: secrets,
    9: jmx,
    10: connect,
    11: mirrors,
    12: acls,
}
# What a look at the settings of a kind is needed for.
NEEDS = {"kafka": (1, 2, 3, 6, 12), "zookeeper": (2,), "connect": (10,), "mirrormaker": (11,)}
# Statements that settings decide; those of a process that is older than its file are not known.
BY_SETTINGS = (1, 2, 3, 6, 7, 10, 11, 12)


def findings(estate: Estate) -> list[Finding]:
    """Return what there is to say of every statement."""
    found = []
    stale = {(one.host, one.kind): one for one in estate.services if one.facts["stale"]}
    for number in ALL:
        for one in RULES[number](estate):
            old = stale.get((one.host, str(one.values.get("_of", ""))))
            values = {name: value for name, value in one.values.items() if name != "_of"}
            if one.result == PASS and old and number in BY_SETTINGS:
                source = {"source": old.facts["source"], "kind": old.kind}
                found.append(Finding(number, UNKNOWN, "stale", one.host, source))
            else:
                found.append(Finding(number, one.result, one.code, one.host, values))
    for service in estate.services:
        if service.facts["error"]:
            values = {"kind": service.kind, "error": service.facts["error"]}
            found += [Finding(number, UNKNOWN, "no_settings", service.host, values) for number in NEEDS.get(service.kind, ())]
    for host, facts in estate.hosts.items():
        if facts["hidden"]:
            found += [Finding(number, UNKNOWN, "hidden", host) for number in ALL]
    if not estate.of("kafka"):
        absent = (1, 3, 6, 7, 12, *(() if estate.of("zookeeper") else (2,)))
        found += [Finding(number, UNKNOWN, "no_broker", "") for number in absent]
    return found
