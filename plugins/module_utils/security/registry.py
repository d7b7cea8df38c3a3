# SPDX-License-Identifier: Apache-2.0
"""The profile ``secured`` of schema registries: their login at the brokers, and who may read and write schemas.  Pure.

The proxy in front of Apicurio speaks https alone. It lets in who shows a certificate of the registry's own authority, which only
the toolkit has, and who logs in: as a reader, or as a writer, who may do everything.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.security.passwords import variable_of
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import (
    OWN,
    SCRAM,
    TOOLKIT_DIR,
    Item,
    authority,
    pem_item,
    store_item,
    tls_folder,
)

AUTHORITY = authority("schema", "registry")
PRINCIPAL = f"{OWN}schema-registry"
# The module of the blackbox exporter by which it is asked.
PROBE = "registry"
# Who may log in, and the variable with the password of each.
LOGINS = {name: f"schema_registry_{name}_password" for name in ("reader", "writer")}
NOTHING: dict[str, Any] = {"login": {}, "secret": "", "files": [], "watch": [], "tls": {}, "proxy": {}}
# Of nginx, and so by the names of OpenSSL; those of TLS 1.3 are modern without being told.
PROXY_PROTOCOLS = ("TLSv1.2", "TLSv1.3")
PROXY_SUITES = tuple(f"ECDHE-{key}-{suite}" for key in ("ECDSA", "RSA") for suite in ("AES256-GCM-SHA384", "AES128-GCM-SHA256"))


def toolkit_login() -> dict[str, str]:
    """Return the files with which the toolkit asks a registry, on that registry's host."""
    return {"ca": f"{TOOLKIT_DIR}/registry-ca.pem", "key": f"{TOOLKIT_DIR}/registry.pem"}


def _clusters(topology: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = topology.get("registry", {}).get("clusters", {})
    return found


def hosts(topology: Mapping[str, Any]) -> list[str]:
    """Return the hosts of registries in a secured estate."""
    return [host for cluster in _clusters(topology).values() for host in cluster["hosts"]]


def users(topology: Mapping[str, Any], cluster: str) -> list[dict[str, str]]:
    """Return the user with which registries log in at a cluster that keeps their schemas, as an item of ``kafka_users``."""
    return [{"name": PRINCIPAL}] if cluster in _clusters(topology) else []


def rights(topology: Mapping[str, Any], cluster: str) -> list[dict[str, Any]]:
    """Return the least rights of this user, as items of ``kafka_acls``."""
    if cluster not in _clusters(topology):
        return []
    wanted = [("topic", topic, "literal", ["create", "read", "write"]) for topic in _clusters(topology)[cluster]["topics"]]
    wanted += [
        # Its snapshots; and what it would tell of changes.
        ("topic", "kafkasql-", "prefixed", ["create", "read", "write"]),
        ("topic", "registry-events", "literal", ["create", "write"]),
        # A group of another name after each start.
        ("group", "apicurio-", "prefixed", ["read"]),
    ]
    return [
        {
            "principal": f"User:{PRINCIPAL}",
            "operations": operations,
            "resource_type": kind,
            "resource_name": name,
            "pattern": pattern,
        }
        for kind, name, pattern, operations in wanted
    ]


def registry(
    topology: Mapping[str, Any], host: str, cluster: str, directory: str, user: str, passwords: Mapping[str, str]
) -> dict[str, Any]:
    """Return what a registry has more in a secured estate.

    ``login`` at the brokers has names of librdkafka, and its secret stands in the file ``secret``; ``tls`` are the files of
    the toolkit, ``proxy`` what that is told. ``directory`` is that of the registry's files, ``passwords`` are by variable. In an
    open estate all of it is empty.
    """
    if host not in hosts(topology):
        return NOTHING
    tls, kept, listeners = f"{directory}/tls", f"{directory}/secrets", authority(cluster, "listeners")
    password = passwords.get(variable_of(cluster, PRINCIPAL), "")
    login = {
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": f"{tls}/listeners-ca.pem",
        "sasl.mechanism": SCRAM,
        "sasl.username": PRINCIPAL,
        # Where it is only asked for the probe, nobody has the passwords.
        "sasl.password": password or "unknown",
    }
    proxied = [pem_item(f"{tls}/registry.pem", AUTHORITY, host, user), pem_item(f"{tls}/registry-ca.pem", AUTHORITY)]
    known = {name: passwords[variable] for name, variable in LOGINS.items() if passwords.get(variable)}
    hashed = {name: f"{name}:{hash_of(known[name])}\n" for name in known}
    allowed = {"readers": "".join(hashed.values()), "writers": hashed.get("writer", "")}
    toolkit = [
        tls_folder("/opt/kafka-estate"),
        tls_folder(TOOLKIT_DIR),
        pem_item(toolkit_login()["key"], AUTHORITY, f"toolkit@{host}", "root"),
        pem_item(toolkit_login()["ca"], AUTHORITY),
    ]
    return {
        "login": login,
        "secret": f"{kept}/kafka.properties",
        "files": [
            tls_folder(tls),
            {"path": kept, "state": "directory", "owner": user, "mode": "0700"},
            pem_item(f"{tls}/listeners-ca.pem", listeners),
            *proxied,
            *(_secret(f"{kept}/{name}", content, user) for name, content in allowed.items()),
            *(item | {"group": "root"} for item in toolkit),
        ],
        "watch": [f"{tls}/listeners-ca.pem", f"{kept}/kafka.properties"],
        "tls": toolkit_login(),
        "proxy": {
            "key": proxied[0]["path"],
            "ca": proxied[1]["path"],
            "users": kept,
            "protocols": " ".join(PROXY_PROTOCOLS),
            "suites": ":".join(PROXY_SUITES),
        },
    }


def probe(topology: Mapping[str, Any], directory: str, user: str, passwords: Mapping[str, str]) -> dict[str, Any]:
    """Return how the blackbox exporter asks a registry in a secured estate: ``files``, and its ``modules``; {} without one.

    It logs in as a reader: what the proxy answers to nobody tells nothing of the registry behind it.
    """
    if not hosts(topology):
        return {"files": [], "modules": {}}
    ca, login = f"{directory}/tls/registry-ca.pem", f"{directory}/tls/registry.login"
    asks = {
        "preferred_ip_protocol": "ip4",
        "basic_auth": {"username": "reader", "password_file": login},
        "tls_config": {"ca_file": ca, "min_version": "TLS12"},
    }
    return {
        "files": [pem_item(ca, AUTHORITY), _secret(login, passwords.get(LOGINS["reader"], ""), user)],
        "modules": {PROBE: {"prober": "http", "timeout": "5s", "http": asks}},
    }


def for_workers(topology: Mapping[str, Any], directory: str, user: str, passwords: Mapping[str, str]) -> list[Item]:
    """Return the files with which converters of a Connect worker log in at the registry; none without a registry.

    The authority as PEM and as PKCS12, and the logins, as Confluent's converters want them, for ``${file:...}``.
    """
    if not hosts(topology):
        return []
    content = "".join(f"{name}={name}:{passwords.get(variable, '')}\n" for name, variable in LOGINS.items())
    return [
        pem_item(f"{directory}/tls/registry-ca.pem", AUTHORITY),
        store_item(f"{directory}/tls/registry-ca.p12", AUTHORITY),
        _secret(f"{directory}/secrets/registry.properties", content, user),
    ]


def _secret(path: str, content: str, user: str) -> Item:
    return {"path": path, "content": content, "owner": user, "mode": "0400", "secret": True}


def hash_of(password: str) -> str:
    """Return a password as nginx keeps it, the same for the same one.

    nginx works out the hash at each request, and the passwords are long and random, or preflight refuses them: a slow hash would
    guard nothing, and be paid for by every client.
    """
    salt = hashlib.sha256(f"registry {password}".encode()).digest()[:8]
    return "{SSHA}" + base64.b64encode(hashlib.sha1(password.encode() + salt).digest() + salt).decode()
