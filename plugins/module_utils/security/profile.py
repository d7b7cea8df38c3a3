# SPDX-License-Identifier: Apache-2.0
"""The profile ``secured`` of brokers and ZooKeeper servers: paths, authorities, options, files.  Pure.

What must not be reached from outside has a certificate authority of its own: who trusts only that one refuses everybody else's
certificate during the handshake, before any name or right is looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.security.stages import (
    BESIDE,
    OPEN,
    WATCHED,
    broker_options,
    flags,
    removed,
    zookeeper_options,
)

PROFILES = ("open", "secured")
# Components that the profile covers; an inventory with any other is refused.
COVERED = (
    "zookeeper",
    "kafka_controller",
    "kafka_broker",
    "kafka_connect",
    "schema_registry",
    "elasticsearch",
    "elasticsearch_exporter",
    "kibana",
    "kafka_exporter",
    "grafana",
    # What serves metrics, and what reads them.
    "node_exporter",
    "prometheus",
    "alertmanager",
    "blackbox_exporter",
)
# Principals of a cluster that may do everything: its brokers and controllers, and the toolkit on their hosts. No user may have
# such a name.
OWN = "estate-"
BROKER, CONTROLLER, TOOLKIT = f"{OWN}broker", f"{OWN}controller", f"{OWN}toolkit"
# Where the toolkit's own keys lie, for root alone.
TOOLKIT_DIR = "/opt/kafka-estate/tls"
AUTHORITIES = ("brokers", "listeners", "servers", "clients")
PROTOCOLS = ("TLSv1.3", "TLSv1.2")
SUITES = (
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
)
SCRAM = "SCRAM-SHA-512"
SCRAM_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule"
# Java wants one for a PKCS12 store; it protects nothing that the mode of the file does not.
STORE_PASSWORD = "estate"
# The longest common name of a certificate.
NAME_LENGTH = 64


def authority(owner: str, kind: str) -> str:
    """Return the name of an authority: of a cluster ``brokers`` and ``listeners``, of an ensemble ``servers`` and ``clients``."""
    return f"{owner}-{kind}"


def common_name(name: str) -> str:
    """Return a name as it fits into a certificate; the same for the same name, for an identity is known by it."""
    whole = name.encode()
    if len(whole) <= NAME_LENGTH:
        return name
    return f"{whole[: NAME_LENGTH - 17].decode(errors='ignore')}-{hashlib.sha256(whole).hexdigest()[:16]}"


def cluster_login(brokers: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return how the toolkit talks to the brokers (``client``), and where users try their passwords (``login``), for librdkafka.

    Nothing of it is secret: the key is a file on the brokers' hosts.
    """
    peers = ",".join(f"{broker['host']}:{broker['peer_port']}" for broker in brokers)
    users = ",".join(f"{broker['host']}:{broker['port']}" for broker in brokers)
    return {
        "client": {
            "bootstrap.servers": peers,
            "security.protocol": "SSL",
            "ssl.ca.location": f"{TOOLKIT_DIR}/brokers-ca.pem",
            "ssl.certificate.location": f"{TOOLKIT_DIR}/toolkit.pem",
            "ssl.key.location": f"{TOOLKIT_DIR}/toolkit.pem",
        },
        "login": {
            "bootstrap.servers": users,
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": f"{TOOLKIT_DIR}/listeners-ca.pem",
        },
    }


def controllers_login() -> dict[str, str]:
    """Return the files with which the toolkit asks controllers, on their hosts; a broker of another cluster may be there."""
    return {"ca": f"{TOOLKIT_DIR}/controllers-ca.pem", "key": f"{TOOLKIT_DIR}/controllers.pem"}


def ensemble_login() -> dict[str, str]:
    """Return the files with which the toolkit asks a ZooKeeper server, on that server's host."""
    return {"ca": f"{TOOLKIT_DIR}/zookeeper-ca.pem", "key": f"{TOOLKIT_DIR}/zookeeper.pem"}


Item = dict[str, Any]


def pem_item(path: str, ca: str, name: str = "", owner: str = "") -> Item:
    """Return a file with an authority as PEM, or with ``name`` a key and its certificate, for ``owner`` alone."""
    if not name:
        return {"path": path, "pem": {"authority": ca}}
    return {"path": path, "pem": {"authority": ca, "name": name}, "owner": owner, "mode": "0400", "secret": True}


def issuer_item(path: str, ca: str) -> Item:
    """Return a file with who issues for an authority, and not with those above it, whose certificates are to be refused.

    Java trusts one that another has signed; OpenSSL wants the root, which :func:`pem_item` gives.
    """
    return {"path": path, "pem": {"authority": ca, "part": "issuer"}}


def store_item(path: str, ca: str, name: str = "", owner: str = "") -> Item:
    """Return the same as a PKCS12 store."""
    item = pem_item(path, ca, name, owner)
    return {**item, "pem": {**item["pem"], "store": True}, "binary": True}


def tls_folder(path: str) -> Item:
    """Return a folder of such files."""
    return {"path": path, "state": "directory"}


NOTHING: dict[str, Any] = {"options": {}, "files": []}
# Who was refused what is logged at INFO, whatever level the rest of the broker has.
AUTHORIZER_LOG = {"log4j.logger.kafka.authorizer.logger": "INFO"}
# Who was allowed what, and who sends which request, of an estate that is about to be closed: in files of their own.
AUTHORIZER_FILE, REQUESTS_FILE = "authorizer.log", "requests.log"
PATTERN = "[%d] %p %m (%c)%n"


def _watching(directory: str) -> dict[str, Any]:
    """Return the options of log4j with which a broker tells who is allowed what, and can be made to tell of each request."""
    options: dict[str, Any] = {}
    for name, logger, level, file in (
        ("authorizer", "kafka.authorizer.logger", "DEBUG", AUTHORIZER_FILE),
        ("requests", "kafka.request.logger", "INFO", REQUESTS_FILE),
    ):
        appender = f"log4j.appender.{name}"
        options |= {
            f"log4j.logger.{logger}": f"{level}, {name}",
            f"log4j.additivity.{logger}": False,
            appender: "org.apache.log4j.RollingFileAppender",
            f"{appender}.File": f"{directory}/{file}",
            f"{appender}.MaxFileSize": "50MB",
            f"{appender}.MaxBackupIndex": 4,
            f"{appender}.layout": "org.apache.log4j.PatternLayout",
            f"{appender}.layout.ConversionPattern": PATTERN,
        }
    return options


def _own(members: Sequence[Mapping[str, Any]], host: str) -> Mapping[str, Any]:
    return next(member for member in members if member["host"] == host)


def broker(cluster: Mapping[str, Any], host: str, directory: str, user: str, logs: str = "") -> dict[str, Any]:
    """Return what a broker has more in a secured cluster: ``options`` of server.properties, ``files``, ``reload``, and so on.

    ``cluster`` is one of the topology, ``directory`` that of the broker's files, ``logs`` that of its logs. ``reload`` are the
    files that a running broker takes over, ``served`` those of them that its ports show; ``cli`` are lines for the environment of
    the command line, ``log`` options of log4j; ``port`` is that of clients. A cluster that is open gets nothing else, one that is
    on its way what its stage has; ``flags`` tell that on the command line of the process.
    """
    own, stage = _own(cluster["brokers"], host), cluster.get("stage", "")
    nothing = {**NOTHING, "reload": [], "served": {}, "log": {}, "port": own["port"], "cli": "", "flags": []}
    if "client" not in cluster:
        return nothing
    tls = f"{directory}/tls"
    brokers, listeners = authority(cluster["name"], "brokers"), authority(cluster["name"], "listeners")
    clients = authority(cluster["ensemble"], "clients")
    jaas = "listener.name.client.scram-sha-512.sasl.jaas.config"
    options = {
        "listeners": [f"BROKER://:{own['peer_port']}", f"CLIENT://:{own['port']}"],
        "advertised.listeners": [f"BROKER://{host}:{own['peer_port']}", f"CLIENT://{host}:{own['port']}"],
        "listener.security.protocol.map": ["BROKER:SSL", "CLIENT:SASL_SSL"],
        "inter.broker.listener.name": "BROKER",
        "ssl.enabled.protocols": list(PROTOCOLS),
        "ssl.cipher.suites": list(SUITES),
        "listener.name.broker.ssl.keystore.type": "PEM",
        "listener.name.broker.ssl.keystore.location": f"{tls}/broker.pem",
        "listener.name.broker.ssl.truststore.type": "PEM",
        "listener.name.broker.ssl.truststore.location": f"{tls}/brokers-ca.pem",
        "listener.name.broker.ssl.client.auth": "required",
        "listener.name.broker.ssl.principal.mapping.rules": [
            f"RULE:^CN=broker-[0-9]+,.*$/{BROKER}/",
            f"RULE:^CN=toolkit,.*$/{TOOLKIT}/",
            "DEFAULT",
        ],
        "listener.name.client.ssl.keystore.type": "PEM",
        "listener.name.client.ssl.keystore.location": f"{tls}/listener.pem",
        "listener.name.client.sasl.enabled.mechanisms": SCRAM,
        jaas: f"{SCRAM_MODULE} required;",
        "authorizer.class.name": "kafka.security.authorizer.AclAuthorizer",
        "super.users": ";".join(f"User:{name}" for name in (BROKER, TOOLKIT)),
        "zookeeper.clientCnxnSocket": "org.apache.zookeeper.ClientCnxnSocketNetty",
        "zookeeper.ssl.client.enable": True,
        "zookeeper.ssl.protocol": PROTOCOLS[0],
        "zookeeper.ssl.enabled.protocols": list(PROTOCOLS),
        "zookeeper.ssl.cipher.suites": list(SUITES),
        "zookeeper.ssl.keystore.location": f"{tls}/zookeeper.pem",
        "zookeeper.ssl.truststore.location": f"{tls}/zookeeper-ca.pem",
        "zookeeper.set.acl": True,
    }
    keys = [
        pem_item(f"{tls}/broker.pem", brokers, host, user),
        issuer_item(f"{tls}/brokers-ca.pem", brokers),
        pem_item(f"{tls}/listener.pem", listeners, host, user),
        pem_item(f"{tls}/zookeeper.pem", clients, f"{cluster['name']}@{host}", user),
        issuer_item(f"{tls}/zookeeper-ca.pem", clients),
    ]
    toolkit = [
        tls_folder(TOOLKIT_DIR),
        pem_item(f"{TOOLKIT_DIR}/toolkit.pem", brokers, f"toolkit@{host}", "root"),
        pem_item(f"{TOOLKIT_DIR}/brokers-ca.pem", brokers),
        pem_item(f"{TOOLKIT_DIR}/listeners-ca.pem", listeners),
    ]
    toolkit = [item | {"group": "root"} for item in toolkit]
    if stage == OPEN:
        return {**nothing, "files": removed([*keys, *toolkit])}
    words = {
        "zookeeper.client.secure": "true",
        "zookeeper.clientCnxnSocket": options["zookeeper.clientCnxnSocket"],
        "zookeeper.ssl.protocol": PROTOCOLS[0],
        "zookeeper.ssl.keyStore.location": f"{tls}/zookeeper.pem",
        "zookeeper.ssl.trustStore.location": f"{tls}/zookeeper-ca.pem",
    }
    return {
        "options": broker_options(options, cluster, own),
        "files": [tls_folder(tls), *keys, *toolkit],
        # None to restart for: those for ZooKeeper it reads at each connection, the others when it is told to.
        "reload": [item["path"] for item in keys],
        "served": {own["peer_port"]: f"{tls}/broker.pem", own["port"]: f"{tls}/listener.pem"},
        "log": _watching(logs) if stage == WATCHED else AUTHORIZER_LOG,
        "port": own["port"],
        # Beside what a person exports: sh reads this file.
        "cli": f'KAFKA_OPTS="{" ".join(f"-D{name}={value}" for name, value in words.items())} ${{KAFKA_OPTS-}}"\n',
        "flags": flags(stage),
    }


def zookeeper(ensemble: Mapping[str, Any], name: str, host: str, directory: str, user: str) -> dict[str, Any]:
    """Return what a server has more in a secured ensemble, as :func:`broker` does.

    ``watch`` are the files that it reads at its start; ``tls`` are those of the toolkit.
    """
    own, stage = _own(ensemble["servers"], host), ensemble.get("stage", "")
    nothing = {**NOTHING, "watch": [], "tls": {}, "port": own["client_port"], "flags": []}
    if "tls" not in ensemble:
        return nothing
    tls = f"{directory}/tls"
    servers, clients = authority(name, "servers"), authority(name, "clients")
    both = {"protocol": PROTOCOLS[0], "enabledProtocols": list(PROTOCOLS), "ciphersuites": list(SUITES)}
    options: dict[str, Any] = {
        "clientPort": None,
        "secureClientPort": own.get("secured_port", own["client_port"]),
        # The other kind of connection has no TLS.
        "serverCnxnFactory": "org.apache.zookeeper.server.NettyServerCnxnFactory",
        "ssl.keyStore.location": f"{tls}/client.pem",
        "ssl.trustStore.location": f"{tls}/clients-ca.pem",
        "ssl.clientAuth": "need",
        **{f"ssl.{key}": value for key, value in both.items()},
        "sslQuorum": True,
        "sslQuorumReloadCertFiles": True,
        "ssl.quorum.keyStore.location": f"{tls}/server.pem",
        "ssl.quorum.trustStore.location": f"{tls}/servers-ca.pem",
        **{f"ssl.quorum.{key}": value for key, value in both.items()},
    }
    watched = [
        pem_item(f"{tls}/client.pem", clients, host, user),
        issuer_item(f"{tls}/clients-ca.pem", clients),
    ]
    # Those between servers it looks at itself (sslQuorumReloadCertFiles).
    seen = [
        pem_item(f"{tls}/server.pem", servers, host, user),
        issuer_item(f"{tls}/servers-ca.pem", servers),
    ]
    toolkit = [
        tls_folder("/opt/kafka-estate"),
        tls_folder(TOOLKIT_DIR),
        pem_item(ensemble["tls"]["key"], clients, f"toolkit@{host}", "root"),
        pem_item(ensemble["tls"]["ca"], clients),
    ]
    toolkit = [item | {"group": "root"} for item in toolkit]
    if stage == OPEN:
        return {**nothing, "files": removed([*watched, *seen, *toolkit])}
    return {
        "options": zookeeper_options(options, ensemble, own),
        "files": [tls_folder(tls), *watched, *seen, *toolkit],
        "watch": [item["path"] for item in watched],
        # Not every server has the other port yet.
        "tls": {} if stage == BESIDE else ensemble["tls"],
        "flags": flags(stage),
        "port": own["client_port"],
    }
