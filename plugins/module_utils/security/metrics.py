# SPDX-License-Identifier: Apache-2.0
"""The profile ``secured`` of what serves metrics and what reads them: TLS and a login on every such port.  Pure.

There are two logins, and whoever holds one may read, or do, all that is behind it: ``metrics`` for pages that only tell, and
``monitoring`` for Prometheus, Alertmanager and the blackbox exporter, which ask others, silence alerts and show everything.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.formats.yaml_file import yaml_file
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import (
    STORE_PASSWORD,
    SUITES,
    TOOLKIT_DIR,
    Item,
    authority,
    pem_item,
    store_item,
    tls_folder,
)

AUTHORITY = authority("estate", "metrics")
# The user in front of each component's metrics; what is not here has no metrics in a secured estate yet.
LOGINS = {
    "zookeeper": "metrics",
    "kafka_controller": "metrics",
    "kafka_broker": "metrics",
    "kafka_connect": "metrics",
    "node_exporter": "metrics",
    "prometheus": "monitoring",
    "alertmanager": "monitoring",
    "blackbox_exporter": "monitoring",
}
# Those whose metrics the JMX exporter agent in their own process serves.
AGENTS = ("zookeeper", "kafka_controller", "kafka_broker", "kafka_connect")
# A password of one's own: as a file of logins and a command line take it, and not to be guessed.
PASSWORD = re.compile(r"[A-Za-z0-9._~-]{16,72}")
BCRYPT_COST = 10
SALT_ITERATIONS = 10_000
# The agent works out each new password that it is told, and many would cost the process that it is in.
AGENT_ITERATIONS, AGENT_BYTES = 1000, 64
# The agent offers every suite that the JVM has, whatever that was told of servers; what is disabled, it does not have. Java's own
# list, and the suites that encrypt and authenticate apart.
DISABLED = (
    *("SSLv3", "TLSv1", "TLSv1.1", "DTLSv1.0", "RC4", "DES", "MD5withRSA", "DH keySize < 1024", "EC keySize < 224"),
    *("3DES_EDE_CBC", "anon", "NULL", "ECDH", "TLS_RSA_*", "AES_128_CBC", "AES_256_CBC"),
)
# Names of suites below TLS 1.3, where Go lets one choose.
OLDER_SUITES = [suite for suite in SUITES if suite.startswith("TLS_ECDHE")]


def variable_of(login: str) -> str:
    """Return the variable that holds the password of a login."""
    return f"estate_{login}_password"


def logins(topology: Mapping[str, Any]) -> list[str]:
    """Return the logins that a secured estate has; [] in an open one."""
    served = {row["component"] for row in topology.get("metrics", ()) if "tls" in row}
    return list(dict.fromkeys(login for component, login in LOGINS.items() if component in served))


def reader(component: str) -> dict[str, str]:
    """Return the files with which the toolkit asks a component for its metrics, on its host; {} for what has none."""
    if component not in LOGINS:
        return {}
    return {"ca": f"{TOOLKIT_DIR}/metrics-ca.pem", "login": f"{TOOLKIT_DIR}/{LOGINS[component]}.login"}


def toolkit_items(login: str, password: str) -> list[Item]:
    """Return these files."""
    items: list[Item] = [
        tls_folder("/opt/kafka-estate"),
        tls_folder(TOOLKIT_DIR),
        pem_item(f"{TOOLKIT_DIR}/metrics-ca.pem", AUTHORITY),
        {
            "path": f"{TOOLKIT_DIR}/{login}.login",
            "content": f"{login}:{password}\n",
            "owner": "root",
            "mode": "0400",
            "secret": True,
        },
    ]
    return [item | {"group": "root"} for item in items]


@functools.cache
def salt(password: str, purpose: str) -> bytes:
    """Return 16 bytes that are always the same for a password, so that a second run finds the hash of the first.

    They stand beside the hash, so they are no faster to try than that.
    """
    return hashlib.pbkdf2_hmac("sha512", password.encode(), purpose.encode(), SALT_ITERATIONS)[:16]


@functools.cache
def bcrypt_hash(password: str, purpose: str) -> str:
    """Return the hash of a password as bcrypt. Raises ImportError where the controller lacks the package."""
    import bcrypt

    # Base64 in the order of bcrypt's own alphabet.
    ours = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    theirs = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    salted = base64.b64encode(salt(password, purpose)).rstrip(b"=").translate(bytes.maketrans(ours, theirs))
    return bcrypt.hashpw(password.encode(), b"$2b$%02d$" % BCRYPT_COST + salted).decode()


def listener(
    topology: Mapping[str, Any], component: str, host: str, directory: str, user: str, passwords: Mapping[str, str]
) -> dict[str, Any]:
    """Return what a program of Prometheus' family has more in a secured estate: ``files``, ``flags`` and ``probe``.

    ``directory`` is that of its files, ``passwords`` are by variable. ``web`` is the file that ``flags`` name;
    ``probe`` is how the toolkit asks it. In an open estate there is nothing of it.
    """
    if not topology.get("secured"):
        return {"files": [], "web": "", "flags": [], "probe": {}}
    login, tls = LOGINS[component], f"{directory}/tls"
    password = passwords.get(variable_of(login), "")
    key = f"{tls}/metrics.pem"
    config = {
        "tls_server_config": {"cert_file": key, "key_file": key, "min_version": "TLS12", "cipher_suites": OLDER_SUITES},
        # A run that is to make nothing has no password yet.
        "basic_auth_users": {login: bcrypt_hash(password, login)} if password else {},
    }
    web = {"path": f"{directory}/web.yml", "content": yaml_file(config), "owner": user, "mode": "0400", "secret": True}
    return {
        "files": [tls_folder(tls), pem_item(key, AUTHORITY, f"{component}@{host}", user), web, *toolkit_items(login, password)],
        "web": web["path"],
        "flags": [f"--web.config.file={web['path']}"],
        "probe": {"host": host, **reader(component)},
    }


def agent(
    topology: Mapping[str, Any], component: str, host: str, directory: str, user: str, passwords: Mapping[str, str]
) -> dict[str, Any]:
    """Return what the JMX exporter agent has more in a secured estate: ``config``, ``files``, ``watch`` and ``flags``.

    The agent reads its store and its login at the start of the process: ``watch`` are files that change with them.
    """
    if not topology.get("secured"):
        return {"config": {}, "files": [], "watch": [], "flags": []}
    login, tls = LOGINS[component], f"{directory}/tls"
    password = passwords.get(variable_of(login), "")
    salted = salt(password, f"{login} agent").hex()
    hashed = hashlib.pbkdf2_hmac("sha512", password.encode(), salted.encode(), AGENT_ITERATIONS, AGENT_BYTES).hex()
    basic = {
        "username": login,
        "passwordHash": hashed,
        "salt": salted,
        "algorithm": "PBKDF2WithHmacSHA512",
        "iterations": AGENT_ITERATIONS,
        "keyLength": AGENT_BYTES,
    }
    store = store_item(f"{tls}/agent.p12", AUTHORITY, f"{component}@{host}", user)
    # Its name in a store is the one that keystores.py gives.
    shown = {"keyStore": {"filename": store["path"], "password": STORE_PASSWORD}, "certificate": {"alias": "estate"}}
    security = {"path": f"{tls}/agent.security", "content": f"jdk.tls.disabledAlgorithms={', '.join(DISABLED)}\n"}
    watched = [
        store,
        security,
        {"path": f"{tls}/agent.login", "content": f"{hashed}\n", "owner": user, "mode": "0400", "secret": True},
    ]
    return {
        "config": {"httpServer": {"authentication": {"basic": basic}, "ssl": shown}},
        "files": [tls_folder(tls), *watched, *toolkit_items(login, password)],
        "watch": [item["path"] for item in watched],
        "flags": [f"-Djava.security.properties={security['path']}"],
    }


def scraper(topology: Mapping[str, Any], directory: str, user: str, passwords: Mapping[str, str]) -> list[Item]:
    """Return the files with which Prometheus asks others, by names relative to its ``directory``; see :func:`access`."""
    found = logins(topology)
    if not found:
        return []
    secret = {"owner": user, "mode": "0400", "secret": True}
    return [
        tls_folder(f"{directory}/tls"),
        tls_folder(f"{directory}/secrets"),
        pem_item(f"{directory}/tls/metrics-ca.pem", AUTHORITY),
        *(
            {"path": f"{directory}/secrets/{login}", "content": passwords.get(variable_of(login), ""), **secret}
            for login in found
        ),
    ]


def access(topology: Mapping[str, Any], component: str) -> dict[str, Any]:
    """Return how Prometheus asks a component, in its own words; {} in an open estate."""
    if not topology.get("secured") or component not in LOGINS:
        return {}
    login = LOGINS[component]
    return {
        "scheme": "https",
        "tls_config": {"ca_file": "tls/metrics-ca.pem"},
        "basic_auth": {"username": login, "password_file": f"secrets/{login}"},
    }
