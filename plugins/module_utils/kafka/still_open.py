# SPDX-License-Identifier: Apache-2.0
"""Who comes to a port that is to be closed, and who would be denied without it: told from logs of a broker.  Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.acls.plan import Acl

ANONYMOUS = "User:ANONYMOUS"
BEFORE = "Principal = "
DECISION = re.compile(
    r"(?P<principal>\S.*?) is (?:Allowed|Denied) operation = (?P<operation>\w+) from host = (?P<host>\S+)"
    r" on resource = (?P<type>\w+):LITERAL:(?P<name>\S+) for request",
    re.IGNORECASE,
)
REQUEST = "Completed request:"
# Whoever may do the first may do the second.
IMPLIED = {
    "describe": ("read", "write", "delete", "alter"),
    "describe_configs": ("alter_configs",),
}
# What Kafka asks first on the cluster, and is content with on a topic.
ON_TOPICS = {"idempotent_write": "write", "create": "create"}
CLUSTER = "cluster"
Decision = tuple[str, str, str, str, str]


def decisions(lines: Iterable[str]) -> list[Decision]:
    """Return principal, host, operation, kind and name of the resource of all that an authorizer was asked, each once."""
    texts = {line[line.index(BEFORE) + len(BEFORE) :] for line in lines if BEFORE in line}
    found = (DECISION.match(text) for text in texts)
    return sorted(
        {(one["principal"], one["host"], _snake(one["operation"]), _snake(one["type"]), one["name"]) for one in found if one}
    )


def denied(asked: Iterable[Decision], acls: Sequence[Acl], above: Sequence[str]) -> list[Decision]:
    """Return what the rights would not allow; ``above`` are the principals who need none."""
    return [one for one in asked if one[0] not in above and not _allowed(one, acls)]


def _allowed(one: Decision, acls: Sequence[Acl]) -> bool:
    principal, host, operation, kind, name = one
    mine = [acl for acl in acls if acl.principal in (principal, "User:*") and acl.host in (host, "*")]
    if (
        kind == CLUSTER
        and operation in ON_TOPICS
        and any(
            acl.permission == "allow" and acl.resource_type == "topic" and acl.operation in (ON_TOPICS[operation], "all")
            for acl in mine
        )
    ):
        return True
    on = [acl for acl in mine if acl.resource_type == kind and _covers(acl, name)]
    if any(acl.permission == "deny" and acl.operation in (operation, "all") for acl in on):
        return False
    enough = (operation, "all", *IMPLIED.get(operation, ()))
    return any(acl.permission == "allow" and acl.operation in enough for acl in on)


def _covers(acl: Acl, name: str) -> bool:
    if acl.pattern == "prefixed":
        return name.startswith(acl.resource_name)
    return acl.resource_name in (name, "*")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def requests(lines: Iterable[str], listener: str) -> list[dict[str, str]]:
    """Return address, principal, client id and software of those who sent a request to a listener, each once."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for line in lines:
        begin = line.find(REQUEST)
        if begin < 0 or f'"listener":"{listener}"' not in line:
            continue
        try:
            seen = json.JSONDecoder().raw_decode(line[begin + len(REQUEST) :])[0]
        except ValueError:
            continue
        software = seen.get("clientInformation", {})
        row = {
            # server:port-client:port-number
            "address": str(seen.get("connection", "")).rpartition("-")[0].rpartition("-")[2].rpartition(":")[0],
            "principal": str(seen.get("principal", "")),
            "client_id": str(seen.get("requestHeader", {}).get("clientId") or ""),
            "software": f"{software.get('softwareName', '')} {software.get('softwareVersion', '')}".strip(),
        }
        found.setdefault(tuple(row.values()), row)
    return [found[key] for key in sorted(found)]


def told(results: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    """Return in words what was seen on all hosts; ``results`` are those of the module ``open_port`` by kind of port and host."""
    return [
        *_ports("ZooKeeper", results.get("zookeeper", {})),
        *_ports("the brokers", results.get("kafka_broker", {})),
        *_denied(results.get("kafka_broker", {})),
    ]


def _ports(of: str, results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    if not results:
        return []
    port = next(iter(results.values()))["port"]
    there: dict[str, set[str]] = {}
    who: dict[str, set[str]] = {}
    for host, result in results.items():
        for address in result["connected"]:
            there.setdefault(address, set()).add(host)
        for row in result["clients"]:
            there.setdefault(row["address"], set()).add(host)
            about = (row["principal"], f"client id {row['client_id'] or 'none'}", row["software"] or "unknown software")
            who.setdefault(row["address"], set()).add(", ".join(about))
    if not there:
        return [f"Nobody is connected to port {port} of {of}"]
    said = {address: "; ".join(sorted(who.get(address, ["sent nothing meanwhile"]))) for address in there}
    return [f"Still at port {port} of {of}:"] + [
        f"  {address} ({said[address]}), at {', '.join(sorted(hosts))}" for address, hosts in sorted(there.items())
    ]


def _denied(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    found: dict[tuple[str, str], set[str]] = {}
    for result in results.values():
        for principal, host, operation, kind, name in result["denied"]:
            found.setdefault((principal, host), set()).add(f"{operation} on {kind} {name}")
    since = [result["since"] for result in results.values() if result.get("since")]
    if not found:
        return [f"Nobody would have been denied anything since {max(since)}"] if since else []
    return [f"Would have been denied, since {max(since, default='the start')}:"] + [
        f"  {principal} from {host}: {', '.join(sorted(what))}" for (principal, host), what in sorted(found.items())
    ]
