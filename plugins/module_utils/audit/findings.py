# SPDX-License-Identifier: Apache-2.0
"""What an audit finds: data, with English sentences for each code.  Korean stands in ``words``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
RESULTS = {PASS: "pass", FAIL: "fail", UNKNOWN: "not known"}
# Statements of Kafka's Security Model, in its order here.
STATEMENTS = {
    1: "Listeners of brokers and controllers are apart from those of clients, and out of their reach",
    2: "Brokers, controllers and ZooKeeper know each other by mutual TLS",
    3: "They have other keys for that than for clients",
    4: "TLS 1.2 or newer everywhere, names verified",
    5: "Certificates are renewed while everything runs",
    6: "Super users are few, and machines only",
    7: "The authorizer's log is kept",
    8: "No secret stands in clear text",
    9: "JMX is local, or asks for a login",
    10: "Connect's REST wants https and a login, its admin listener is apart",
    11: "MirrorMaker has a login of its own for each side",
    12: "Without an ACL nothing is allowed",
}
ALL = tuple(STATEMENTS)
# By code: what was seen, and what to do; '' where nothing is to be done.
SENTENCES: Mapping[str, tuple[str, str]] = {
    # All
    "no_broker": ("no broker runs on the hosts that were asked", "run the audit on the brokers' hosts too"),
    "no_settings": (
        "settings of {kind} cannot be read: {error}",
        "run the audit as root (-b); of brokers also audit_client tells",
    ),
    "stale": (
        "{source} changed after {kind} started, so what runs may be older than what it says",
        "restart it through the gate, or give audit_client, which asks for the settings in force",
    ),
    "hidden": ("this user may not see the processes of others", "run the audit as root (-b)"),
    # 1
    "listener_shared": (
        "clients use the listener {listener} of the brokers themselves",
        "give brokers a listener of their own",
    ),
    "private_open": (
        "{listener}, port {port}, lets anybody in ({how}, asked from {asked_from})",
        "make it mutual TLS with a CA of its own",
    ),
    "private_login": (
        "{listener}, port {port}, takes the login of a client ({how}, asked from {asked_from})",
        "make it mutual TLS with a CA of its own, or keep clients off the port",
    ),
    "private_certificate": ("{listener}, port {port}, refuses clients without a certificate (asked from {asked_from})", ""),
    "private_closed": ("{listener}, port {port}, cannot be reached from {asked_from}", ""),
    "private_local": ("{listener}, port {port}, listens on loopback only", ""),
    "private_unknown": (
        "{listener}, port {port}: {how}",
        "see that the port can be asked from another host of the estate",
    ),
    # 2
    "mutual_tls": ("{what} is mutual TLS", ""),
    "not_tls": ("{what} is {protocol}, not TLS", "make it TLS with client certificates required"),
    "tls_one_sided": ("{what} is TLS without client certificates ({setting} is {value})", "set {setting} to {wanted}"),
    "zookeeper_plain_port": (
        "ZooKeeper still serves plain clients at port {port}",
        "remove clientPort once all brokers use TLS",
    ),
    # 3
    "keys_apart": ("{listener} and {other} show different keys", ""),
    "keys_same": ("{listener} and {other} use one key ({how})", "give each listener a keystore of its own"),
    "keys_none": ("{listener} has no key: it is {protocol}", "make it TLS with a key of its own"),
    "keys_unknown": ("which keys {listener} and {other} use could not be seen", "see that their ports can be asked"),
    # 4
    "tls_good": ("port {port}: {version}, older ones and weak suites refused", ""),
    "tls_old": ("port {port} takes TLS 1.1 or older", "set the enabled protocols to TLSv1.3, TLSv1.2"),
    "tls_weak": ("port {port} takes weak cipher suites", "list modern cipher suites only"),
    "tls_none": ("port {port} ({process}) is plain", "turn TLS on"),
    "tls_unsure": (
        "port {port} speaks TLS, but whether it takes old versions or weak suites is not known",
        "ask it with sslyze",
    ),
    "port_unsure": ("port {port} ({process}): {how}", "see whether it is TLS"),
    "name_wrong": (
        "port {port} shows a certificate without the name {name}: {names}",
        "renew it with the host's name and address",
    ),
    "key_weak": (
        "port {port} shows a certificate with a short key or a broken signature: {key} {bits}, {hash}",
        "renew it",
    ),
    "names_ignored": ("{setting} is empty, so names are not verified", "remove {setting}"),
    # 5
    "no_certificates": ("no port shows a certificate", "turn TLS on"),
    "certificate_ended": ("port {port}: the certificate ended {days} days ago", "renew it"),
    "certificate_ends": ("port {port}: the certificate ends in {days} days", "renew it"),
    "certificate_early": ("port {port}: the certificate is not valid yet", "set the clock right, or renew it"),
    "certificate_long": (
        "port {port}: the certificate is valid for {days} days, so nobody means to renew it",
        "issue it for a year or less, and renew it by a schedule",
    ),
    "certificate_renewed": ("port {port}: taken over while the process ran, {days} days left", ""),
    "certificate_left": ("port {port}: {days} days left", ""),
    "certificate_unseen": ("port {port}: its certificate could not be seen", "ask the port with a client certificate"),
    "certificate_waits": (
        "{path} is newer than the process that uses it and port {port} still shows the old one",
        "reload or roll it",
    ),
    "no_reload": ("ZooKeeper does not take renewed certificates: {setting} is {value}", "set {setting} to true"),
    # 6
    "no_authorizer": ("no authorizer: everybody may do everything", "set authorizer.class.name"),
    "super_anybody": ("super.users has {users}, which is everybody without a login", "take it out of super.users"),
    "super_many": ("{count} super users that are no brokers: {users}", "give users ACLs instead"),
    "super_people": (
        "whether these super users are machines cannot be seen: {users}",
        "name those that are in audit_machines, and take the others out of super.users",
    ),
    "super_good": ("super users are machines: {users}", ""),
    "super_none": ("nobody is a super user", ""),
    # 7
    "log_kept": ("{logger} logs at {level}", ""),
    "log_off": ("{logger} logs at {level}, so refusals are lost", "set kafka.authorizer.logger to INFO"),
    "log_unknown": ("how the authorizer logs is not known: {error}", "run the audit as root (-b)"),
    # 8
    "clear": (
        "{kind} has secrets in clear text: {places}",
        "move them to files of their service alone, and name them by a config provider",
    ),
    "file_open": ("{path} is {mode} of {owner}", "make it 0400 of {user}"),
    "unread": ("{kind}: could not be looked at: {places}", "run the audit as root (-b)"),
    "connectors_unread": ("settings of connectors cannot be read: {error}", "give audit_connect_tls"),
    "no_clear": ("{kind} has no secret in clear text", ""),
    # 9
    "jmx_none": ("no Java process opens JMX to others", ""),
    "jmx_open": (
        "{kind} opens JMX at port {port} without a login",
        "set com.sun.management.jmxremote.authenticate, or keep it local",
    ),
    "jmx_login": ("{kind} asks for a login at JMX port {port}", ""),
    "jmx_local": ("{kind} keeps {what} at port {port} local", ""),
    "jmx_unknown": ("{kind} may open JMX: {error}", "run the audit as root (-b)"),
    "agent_open": (
        "{kind}: the agent {agent} answers anybody at port {port} ({how}, asked from {asked_from})",
        "give it TLS and a login",
    ),
    "agent_login": ("{kind}: the agent {agent} wants a login at port {port}", ""),
    "agent_closed": ("{kind}: the agent {agent} at port {port} cannot be reached from {asked_from}", ""),
    "agent_unknown": (
        "{kind}: whether the agent {agent} wants a login at port {port} is not known: {how}",
        "ask it by hand",
    ),
    # 10
    "no_connect": ("no Kafka Connect runs on the hosts that were asked", ""),
    "rest_open": (
        "REST at port {port} answers anybody ({how}, asked from {asked_from})",
        "want client certificates of a CA of its own",
    ),
    "rest_login": ("REST at port {port} wants https and a login ({how})", ""),
    "rest_local": ("REST at port {port} listens on loopback only", ""),
    "rest_plain": ("REST at port {port} is not https", "use https listeners and rest.advertised.listener=https"),
    "rest_unknown": ("REST at port {port}: {how}", "see that the port can be asked from another host of the estate"),
    "admin_shared": (
        "admin.listeners is not set, so who reaches REST can change log levels",
        "set admin.listeners to loopback, or empty",
    ),
    "admin_apart": ("admin listener: {listeners}", ""),
    # 11
    "no_mirror": ("no MirrorMaker runs on the hosts that were asked", ""),
    "mirror_good": ("mirror {name}: {source} at the source, {target} at the target", ""),
    "mirror_plain": (
        "mirror {name} uses its {side} without a login over TLS: {protocol}",
        "give it a principal of its own and TLS there",
    ),
    "mirror_shared": ("mirror {name} has one login for {places}: {who}", "give each side a principal of its own"),
    "mirror_unknown": ("mirrors cannot be looked at: {error}", "give audit_connect_tls"),
    # 12
    "everyone": ("allow.everyone.if.no.acl.found is true", "set it to false once the ACLs are complete"),
    "acl_needed": ("{authorizer} refuses what no ACL allows", ""),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was seen of one statement on one host; lists among the values are of names."""

    statement: int
    result: str
    code: str
    host: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """The same thing seen on several hosts."""

    statement: int
    result: str
    code: str
    hosts: tuple[str, ...]
    values: Mapping[str, Any]

    @property
    def evidence(self) -> str:
        """Return what was seen, in English."""
        return SENTENCES[self.code][0].format(**shown(self.values))

    @property
    def remedy(self) -> str:
        """Return what to do about it, in English; '' for nothing."""
        return SENTENCES[self.code][1].format(**shown(self.values))


def shown(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the values as text; of a list the first ones."""
    return {name: shorten(value) if isinstance(value, (list, tuple)) else str(value) for name, value in values.items()}


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """Return the findings with equal ones of several hosts as one, by statement, the worst first.

    Who asked is no difference.
    """
    order = {FAIL: 0, UNKNOWN: 1, PASS: 2}
    found: dict[Any, tuple[list[str], Finding]] = {}
    for one in findings:
        rest = sorted((name, str(value)) for name, value in one.values.items() if name != "asked_from")
        hosts, _ = found.setdefault((one.statement, one.result, one.code, *rest), ([], one))
        if one.host and one.host not in hosts:
            hosts.append(one.host)
    groups = [Group(one.statement, one.result, one.code, tuple(hosts), one.values) for hosts, one in found.values()]
    return sorted(groups, key=lambda one: (one.statement, order[one.result]))
