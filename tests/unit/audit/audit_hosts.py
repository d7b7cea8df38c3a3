"""Hosts as the audit sees them, made by tests: services with their settings, ports with what they answered."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.audit.judge import Audit, assess
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
STARTED = NOW - timedelta(days=10)
SECURED = {
    "listeners": "BROKER://:9091,CLIENT://:9094",
    "listener.security.protocol.map": "BROKER:SSL,CLIENT:SASL_SSL",
    "inter.broker.listener.name": "BROKER",
    "listener.name.broker.ssl.client.auth": "required",
    "listener.name.broker.ssl.keystore.location": "/etc/kafka/broker.pem",
    "listener.name.broker.ssl.principal.mapping.rules": "RULE:^CN=toolkit,.*$/estate-toolkit/,DEFAULT",
    "listener.name.client.ssl.keystore.location": "/etc/kafka/client.pem",
    "authorizer.class.name": "kafka.security.authorizer.AclAuthorizer",
    "super.users": "User:CN=broker-1,O=estate;User:estate-toolkit",
    "zookeeper.connect": "a:2281/one",
    "zookeeper.ssl.client.enable": "true",
    "zookeeper.ssl.keystore.location": "/etc/kafka/zookeeper.pem",
}
QUORUM = {f"server.{number}": f"h{number}:2888:3888" for number in (1, 2, 3)}
ZOOKEEPER = {
    "secureClientPort": "2281",
    "ssl.clientAuth": "need",
    "sslQuorum": "true",
    "sslQuorumReloadCertFiles": "true",
    **QUORUM,
}
CONTROLLER = {
    "process.roles": "controller",
    "listeners": "CONTROLLER://:9093",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:SSL",
    "listener.name.controller.ssl.client.auth": "required",
    "listener.name.controller.ssl.keystore.location": "/etc/kafka/controller.pem",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:controller-1",
}
WORKER = {"listeners": "https://:8083", "admin.listeners": "http://127.0.0.1:8084"}


@cache
def certificate(key: str, *names: str, begins: int = -30, ends: int = 300, bits: str = "P-256") -> str:
    """Return a certificate of a named key as a port shows it; days are counted from NOW."""
    private = _key(key, bits)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=begins))
        .not_valid_after(NOW + timedelta(days=ends))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(private, hashes.SHA256())
    )
    return base64.b64encode(built.public_bytes(Encoding.DER)).decode()


@cache
def _key(name: str, bits: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP192R1() if bits == "P-192" else ec.SECP256R1())


def service(kind: str, config: dict[str, str] | None = None, **facts: Any) -> dict[str, Any]:
    found = {"pid": hash(kind) % 1000, "kind": kind, "user": kind, "unit": "", "started": STARTED.timestamp(), "source": "file"}
    found |= {"error": "", "stale": False, "config": dict(config or {}), "system": {}, "unread": [], "agents": [], "clear": []}
    found |= {"files": [], **facts}
    return found | ({"log": {"level": "INFO", "logger": "root", "error": ""}, **found} if kind == "kafka" else {})


class Host:
    """A host: its services, and its ports with what they answered."""

    def __init__(self, *services: dict[str, Any], **facts: Any) -> None:
        self.facts = {"root": True, "hidden": False, "address": "10.0.0.1", "names": [], "now": NOW.timestamp(), **facts}
        self.facts |= {"listeners": [], "services": list(services)}
        self.probes: list[dict[str, Any]] = []

    def port(
        self,
        number: int,
        answer: str,
        shows: str = "",
        how: str = "as seen",
        of: str = "kafka",
        protocol: str = "tcp",
        **tls: Any,
    ) -> Host:
        pid = next((one["pid"] for one in self.facts["services"] if one["kind"] == of), None)
        row = {"protocol": protocol, "address": "127.0.0.1" if answer == "local" else "0.0.0.0", "port": number, "pid": pid}
        row |= {"user": of, "process": of, "local": answer == "local", "speaks": "", "plain": False}
        self.facts["listeners"].append(row)
        seen = {"version": "TLSv1.3", "cipher": "", "certificate": shows, "old": False, "weak": False, **tls}
        if protocol == "tcp" and answer != "local":
            said = {"address": "10.0.0.1", "port": number, "answer": answer, "how": how, "tls": seen if shows or tls else None}
            self.probes.append(said)
        return self


def audit(topology: dict[str, Any] | None = None, machines: tuple[str, ...] = (), **hosts: Host | str) -> Audit:
    told = {host: one if isinstance(one, str) else one.facts for host, one in hosts.items()}
    probes = {
        "asker": [{**probe, "host": host} for host, one in hosts.items() if not isinstance(one, str) for probe in one.probes]
    }
    return assess(topology or {}, json.loads(json.dumps(told)), probes, machines)


def secured() -> Host:
    """Return a host on which everything is as it should be."""
    host = Host(service("kafka", SECURED), service("zookeeper", ZOOKEEPER), service("connect", WORKER, connectors=CONNECTORS))
    host.port(9091, "certificate", certificate("brokers", "h1")).port(9094, "login", certificate("clients", "h1"))
    host.port(2281, "certificate", certificate("zookeeper", "h1"), of="zookeeper")
    host.port(3888, "certificate", certificate("quorum", "h1"), of="zookeeper")
    host.port(8083, "certificate", certificate("connect", "h1"), of="connect").port(8084, "local", of="connect")
    return host.port(22, "login", how="SSH", of="sshd")


SIDES = {"source": {"protocol": "SASL_SSL", "who": "user up"}, "target": {"protocol": "SASL_SSL", "who": "user down"}}
CONNECTORS = {"error": "", "clear": [], "mirrors": [{"name": "m", **SIDES, "worker": "user worker"}]}
