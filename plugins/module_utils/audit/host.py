# SPDX-License-Identifier: Apache-2.0
"""All facts of one host for the audit, in one call: see :func:`host_facts`."""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.audit.connectors import mirror_sides, mirrors_of_process
from ansible_collections.estate.kafka.plugins.module_utils.audit.processes import (
    as_row,
    hides_processes,
    listeners,
    own_address,
    processes,
)
from ansible_collections.estate.kafka.plugins.module_utils.audit.settings import (
    is_clear,
    is_root,
    ports_of,
    service,
    split_listeners,
)
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.http import Tls, read
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster, explain
from ansible_collections.estate.kafka.plugins.module_utils.secrets import HIDDEN

# Programs without a port or settings that say anything are left out.
SERVICES = ("kafka", "zookeeper", "connect", "mirrormaker", "schema registry", "elasticsearch")


def host_facts(client: Mapping[str, Any], tls: Tls, timeout: float) -> dict[str, Any]:
    """Return what listens and runs on this host.

    ``client`` are settings of librdkafka with which brokers are asked, {} for none; ``tls`` is for Connect's REST; ``timeout`` is
    in seconds.  The result has ``listeners`` (rows of :func:`processes.as_row` with ``speaks`` and ``plain``), ``services`` (see
    :func:`settings.service`; Connect has ``connectors`` besides), ``address``, ``names``, ``root``, ``hidden``
    and ``now``.
    """
    known = processes()
    sockets = listeners()
    owners = {one.pid for one in known for socket_ in sockets if socket_.inode in one.sockets}
    told = [service(one) for one in known if one.kind in SERVICES or one.pid in owners or "-javaagent:" in " ".join(one.words)]
    ports: dict[int, int] = {}
    speaks: dict[tuple[int, int], str] = {}
    for facts in told:
        for port, what in ports_of(facts).items():
            ports.setdefault(port, facts["pid"])
            speaks[facts["pid"], port] = what
    rows = [as_row(one, known, ports) for one in sockets]
    by_pid = {facts["pid"]: facts for facts in told}
    for row in rows:
        row["speaks"] = speaks.get((row["pid"], row["port"]), "")
        row["plain"] = _says_plain(by_pid.get(row["pid"]), row["port"])
    for facts in told:
        if facts["kind"] == "kafka" and client:
            _in_force(facts, client, timeout, [row["port"] for row in rows if row["pid"] == facts["pid"]])
        if facts["kind"] == "connect":
            facts["connectors"] = _connectors(facts["config"], tls, timeout)
        elif facts["kind"] == "mirrormaker":
            facts["mirrors"] = mirrors_of_process(facts["config"])
    return {
        "root": is_root(),
        "hidden": hides_processes(),
        "address": own_address(),
        "names": [socket.gethostname()],
        "now": time.time(),
        "listeners": rows,
        "services": told,
    }


def _says_plain(facts: Mapping[str, Any] | None, port: int) -> bool:
    """Return whether a broker says that it speaks no TLS at a port, so that a first handshake need not disturb it."""
    if not facts or facts["kind"] not in ("kafka", "zookeeper"):
        return False
    config = facts["config"]
    if facts["kind"] == "zookeeper":
        return bool(str(port) == config.get("clientPort")) and config.get("client.portUnification", "false") != "true"
    protocols = dict(re.findall(r"([\w.-]+):(\w+)", config.get("listener.security.protocol.map", "")))
    names = [name for name, _, own in split_listeners(config.get("listeners", "")) if own == port]
    return bool(names) and all(protocols.get(name, name).upper().endswith("PLAINTEXT") for name in names)


def _in_force(facts: dict[str, Any], client: Mapping[str, Any], timeout: float, ports: Sequence[int]) -> None:
    """Put the settings that a broker says are in force over those of its file."""
    from ansible_collections.estate.kafka.plugins.module_utils.host.libraries import add_host_python

    try:
        cluster = Cluster(client, timeout)
        add_host_python()
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import ConfigResource, ResourceType

        own = [one for one in cluster.metadata().brokers.values() if one.port in ports and _is_own(one.host)]
        if not own:
            facts["asked"] = "no broker of the cluster that was asked is this one"
            return
        resource = ConfigResource(ResourceType.BROKER, str(own[0].id))
        try:
            (answer,) = cluster.admin.describe_configs([resource], request_timeout=timeout).values()
            entries = answer.result(timeout)
        except KafkaException as error:
            raise ClusterError(explain(error)) from error
    except (ClusterError, ImportError) as error:
        facts["asked"] = str(error)
        return
    for name, entry in entries.items():
        if entry.is_sensitive:
            # Whether it is a reference only the file says.
            facts["config"].setdefault(name, HIDDEN)
        elif entry.value is not None:
            facts["config"][name] = entry.value
    if facts["error"]:
        # A broker shows no secrets, so what its file holds in clear text stays unknown.
        facts["unread"].append(facts["error"])
    facts.update(source="DescribeConfigs", error="", stale=False)


def _is_own(host: str) -> bool:
    """Return whether a name leads to this host: an address that can be bound here."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
    except OSError:
        return False
    for family, kind, _, _, address in found:
        try:
            with socket.socket(family, kind) as one:
                one.bind((address[0], 0))
                return True
        except OSError:
            continue
    return False


def _connectors(config: Mapping[str, str], tls: Tls, timeout: float) -> dict[str, Any]:
    """Return which connectors have secrets in clear text, and both sides of each mirror; ``error`` where REST does not tell."""
    found = split_listeners(config.get("listeners", "")) or [("http", "", int(config.get("rest.port", 8083) or 8083))]
    name, address, port = found[0]
    # The certificate has the name that the workers have for each other.
    host = config.get("rest.advertised.host.name", "") if tls.ca else ""
    host = host or address or "127.0.0.1"
    try:
        if ipaddress.ip_address(host).is_unspecified:
            host = "127.0.0.1"
    except ValueError:
        pass
    try:
        url = f"{name.lower()}://{f'[{host}]' if ':' in host else host}:{port}/connectors?expand=info"
        answer = json.loads(read(url, timeout, tls))
    except (OSError, ValueError) as error:
        return {"error": str(getattr(error, "reason", error)) or type(error).__name__, "clear": [], "mirrors": []}
    clear, mirrors = [], []
    for connector, one in sorted(answer.items()):
        settings = {key: str(value) for key, value in one["info"]["config"].items()}
        clear += [f"connector {connector}: {key}" for key, value in settings.items() if is_clear(key, value)]
        mirrors += mirror_sides(connector, settings, config)
    return {"error": "", "clear": clear, "mirrors": mirrors}
