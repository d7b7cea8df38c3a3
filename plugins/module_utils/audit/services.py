# SPDX-License-Identifier: Apache-2.0
"""What the settings of a running service mean for an audit: listeners of brokers and controllers, TLS of ZooKeeper.  Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.audit.settings import split_listeners

PLAINTEXT = "PLAINTEXT"
SECURITY_PROTOCOLS = (PLAINTEXT, "SSL", "SASL_PLAINTEXT", "SASL_SSL")


def is_true(value: str | None) -> bool:
    """Return whether a setting is true."""
    return str(value or "").strip().lower() == "true"


@dataclass(frozen=True)
class Service:
    """A running service on a host, with the facts of ``audit_host``."""

    host: str
    facts: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """Return what it is."""
        return str(self.facts["kind"])

    @property
    def config(self) -> Mapping[str, str]:
        """Return its settings; {} where they are not known."""
        config: Mapping[str, str] = self.facts["config"]
        return config

    def get(self, name: str, default: str = "") -> str:
        """Return a setting, without blanks around it."""
        return str(self.config.get(name, default)).strip()


class Kafka(Service):
    """A broker, a controller, or both."""

    @property
    def listeners(self) -> dict[str, tuple[str, int]]:
        """Return address and port of each listener by name."""
        listed = split_listeners(self.get("listeners") or "PLAINTEXT://:9092")
        return {name: (address, port) for name, address, port in listed}

    @property
    def roles(self) -> set[str]:
        """Return broker, controller or both."""
        return {one.strip() for one in self.get("process.roles").split(",") if one.strip()} or {"broker"}

    def protocol(self, listener: str) -> str:
        """Return the security protocol of a listener; one of controllers that no map names is plain, whatever it is called."""
        pairs = (part.partition(":") for part in self.get("listener.security.protocol.map").split(","))
        known = {name.strip().upper(): protocol.strip().upper() for name, _, protocol in pairs}
        unnamed = (
            PLAINTEXT if listener in self.controller_names and listener.upper() not in SECURITY_PROTOCOLS else listener.upper()
        )
        return known.get(listener.upper(), unnamed)

    def of(self, listener: str, name: str, default: str = "") -> str:
        """Return a setting as it counts for a listener."""
        return self.get(f"listener.name.{listener.lower()}.{name}") or self.get(name) or default

    @property
    def controller_names(self) -> list[str]:
        """Return the names of controllers' listeners, bound here or not."""
        return [one.strip() for one in self.get("controller.listener.names").split(",") if one.strip()]

    @property
    def between_brokers(self) -> str:
        """Return the listener through which brokers reach this one; '' for a controller alone."""
        if "broker" not in self.roles:
            return ""
        if name := self.get("inter.broker.listener.name"):
            return name
        wanted = (self.get("security.inter.broker.protocol") or PLAINTEXT).upper()
        own = [name for name in self.listeners if name not in self.controller_names]
        return next((name for name in own if self.protocol(name) == wanted), own[0] if own else "")

    @property
    def private(self) -> list[str]:
        """Return the listeners bound here that are for brokers and controllers."""
        names = [self.between_brokers, self.get("control.plane.listener.name"), *self.controller_names]
        if self.roles == {"controller"}:
            names += self.listeners
        return [name for name in dict.fromkeys(names) if name in self.listeners]

    @property
    def clients(self) -> list[str]:
        """Return the listeners of a broker that are for clients."""
        return [name for name in self.listeners if name not in self.private]

    def key_file(self, listener: str) -> str:
        """Return the path of the keystore of a listener."""
        return self.of(listener, "ssl.keystore.location")

    def mapped_names(self, listener: str) -> list[re.Pattern[str]]:
        """Return patterns of the names that rules give the certificates of a listener that demands one."""
        if not self.is_mutual(listener):
            return []
        rules = re.findall(r"RULE:(?:[^/\\]|\\.)+/([^/]+)/", self.of(listener, "ssl.principal.mapping.rules"))
        # A rule that takes any name says nothing.
        return [
            re.compile(".+".join(re.escape(part) for part in re.split(r"\$\d", rule)))
            for rule in rules
            if re.sub(r"\$\d", "", rule).strip()
        ]

    def is_mutual(self, listener: str) -> bool:
        """Return whether a listener is TLS that demands a certificate."""
        return self.protocol(listener).endswith("SSL") and self.of(listener, "ssl.client.auth").lower() == "required"

    @property
    def to_zookeeper(self) -> str:
        """Return how this broker reaches ZooKeeper: mutual, tls, plain, or '' where it does not."""
        if self.get("process.roles") or not self.get("zookeeper.connect"):
            return ""
        system = self.facts["system"]
        if not is_true(self.get("zookeeper.ssl.client.enable")) and not is_true(system.get("zookeeper.client.secure")):
            return "plain"
        key = self.get("zookeeper.ssl.keystore.location") or system.get("zookeeper.ssl.keyStore.location")
        return "mutual" if key else "tls"


class ZooKeeper(Service):
    """A server of ZooKeeper."""

    @property
    def plain_port(self) -> int:
        """Return the port that takes clients without TLS; 0 for none."""
        port = self.get("clientPort")
        return int(port) if port.isdigit() else 0

    @property
    def secure_port(self) -> int:
        """Return the port that takes clients by TLS; 0 for none."""
        port = self.get("secureClientPort")
        return int(port) if port.isdigit() else 0

    @property
    def client_auth(self) -> str:
        """Return what is asked of clients: need, want or none."""
        return (self.get("ssl.clientAuth") or "need").lower()

    @property
    def has_peers(self) -> bool:
        """Return whether it is one of several servers."""
        return sum(name.startswith("server.") and name[7:].isdigit() for name in self.config) > 1


KINDS: Mapping[str, type[Service]] = {"kafka": Kafka, "zookeeper": ZooKeeper}


def services_of(host: str, facts: Mapping[str, Any]) -> list[Service]:
    """Return the services that run on a host."""
    return [KINDS.get(one["kind"], Service)(host, one) for one in facts["services"]]
