# SPDX-License-Identifier: Apache-2.0
"""Statements 6 to 12, on who may do what: super users, secrets, JMX, Connect, mirrors, ACLs.  A function for each; pure."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.audit.estate import Estate, say
from ansible_collections.estate.kafka.plugins.module_utils.audit.findings import FAIL, PASS, UNKNOWN, Finding
from ansible_collections.estate.kafka.plugins.module_utils.audit.ports import LOCAL
from ansible_collections.estate.kafka.plugins.module_utils.audit.probe import CERTIFICATE, CLOSED, LOGIN, OPEN
from ansible_collections.estate.kafka.plugins.module_utils.audit.services import Kafka, Service, is_true
from ansible_collections.estate.kafka.plugins.module_utils.audit.settings import split_listeners

MAX_SUPER_USERS = 3
# Names by which brokers, controllers and the like are called.
MACHINES = re.compile(r"(broker|controller|kafka|node)s?([-_.]?[\w.-]*\d[\w.-]*)?", re.IGNORECASE)
ANYBODY = ("User:ANONYMOUS", "User:*")
# Programs of the system, which hold no secret of the estate.
SYSTEM = ("sshd", "systemd", "init", "systemd-resolved", "systemd-resolve", "rpcbind", "chronyd", "dhclient", "docker-proxy", "")


def super_users(estate: Estate) -> Iterator[Finding]:
    """6: super users are few, and machines only."""
    for kafka in estate.read("kafka"):
        if not kafka.get("authorizer.class.name"):
            yield say(6, FAIL, "no_authorizer", kafka)
            continue
        users = [one.strip() for one in kafka.get("super.users").split(";") if one.strip()]
        if not users:
            yield say(6, PASS, "super_none", kafka)
            continue
        if anybody := [one for one in users if one in ANYBODY]:
            yield say(6, FAIL, "super_anybody", kafka, users=anybody)
        others = [one for one in users if one not in ANYBODY and not _is_machine(estate, kafka, one)]
        if len(others) > MAX_SUPER_USERS:
            yield say(6, FAIL, "super_many", kafka, count=len(others), users=others)
        elif others:
            yield say(6, UNKNOWN, "super_people", kafka, users=others)
        elif not anybody:
            yield say(6, PASS, "super_good", kafka, users=users)


def _is_machine(estate: Estate, kafka: Kafka, user: str) -> bool:
    """Return whether a principal is a broker or the like: by its name, because it was said to be one, or because only the
    certificates of the brokers' own listener are called so."""
    if any(fnmatch.fnmatchcase(user, one) for one in estate.machines):
        return True
    name = user.partition(":")[2]
    if any(rule.fullmatch(name) for listener in kafka.private for rule in kafka.mapped_names(listener)):
        return True
    common = re.search(r"(?:^|,)\s*CN=([^,]+)", name)
    name = common[1] if common else name
    return bool(MACHINES.fullmatch(name)) or name in estate.hosts


def authorizer_log(estate: Estate) -> Iterator[Finding]:
    """7: the authorizer's log is kept."""
    for kafka in estate.of("kafka"):
        log = kafka.facts.get("log") or {"error": "not looked at"}
        if not kafka.facts["error"] and not kafka.get("authorizer.class.name"):
            yield say(7, FAIL, "no_authorizer", kafka)
        elif kafka.facts["error"] or log["error"]:
            yield say(7, UNKNOWN, "log_unknown", kafka, error=log["error"] or kafka.facts["error"])
        elif log["level"] in ("INFO", "DEBUG", "TRACE", "ALL"):
            yield say(7, PASS, "log_kept", kafka, logger=log["logger"], level=log["level"])
        else:
            yield say(7, FAIL, "log_off", kafka, logger=log["logger"], level=log["level"])


def secrets(estate: Estate) -> Iterator[Finding]:
    """8: no secret stands in clear text."""
    for service in estate.services:
        if service.kind in SYSTEM:
            continue
        facts, kind = service.facts, service.kind
        connectors = facts.get("connectors") or {"error": "", "clear": []}
        clear = [*facts["clear"], *connectors["clear"]]
        unread = [*facts["unread"], *([facts["error"]] if facts["error"] else [])]
        if clear:
            yield Finding(8, FAIL, "clear", service.host, {"kind": kind, "places": clear})
        bad = [one for one in facts["files"] if int(one["mode"], 8) & 0o027 or one["owner"] not in ("root", facts["user"])]
        for one in bad:
            values = {"path": one["path"], "mode": one["mode"], "owner": one["owner"], "user": facts["user"]}
            yield Finding(8, FAIL, "file_open", service.host, values)
        if unread:
            yield Finding(8, UNKNOWN, "unread", service.host, {"kind": kind, "places": unread})
        if connectors["error"]:
            yield Finding(8, UNKNOWN, "connectors_unread", service.host, {"error": connectors["error"]})
        if not (clear or bad or unread or connectors["error"]):
            yield Finding(8, PASS, "no_clear", service.host, {"kind": kind})


def jmx(estate: Estate) -> Iterator[Finding]:
    """9: JMX is local, or asks for a login."""
    seen = False
    for service in estate.services:
        for one in [*_remote_jmx(estate, service), *_agents(estate, service)]:
            seen = True
            yield one
    if not seen and estate.hosts:
        yield Finding(9, PASS, "jmx_none", "")


def _remote_jmx(estate: Estate, service: Service) -> Iterator[Finding]:
    system, start = service.facts["system"], "com.sun.management."
    if file := system.get(f"{start}config.file"):
        yield Finding(9, UNKNOWN, "jmx_unknown", service.host, {"kind": service.kind, "error": f"settings stand in {file}"})
    number = system.get(f"{start}jmxremote.port", "")
    if not number.isdigit() or number == "0":
        return
    port = estate.port(service.host, int(number))
    values = {"kind": service.kind, "port": int(number)}
    if port is not None and port.answer == LOCAL:
        yield Finding(9, PASS, "jmx_local", service.host, {**values, "what": "JMX"})
    elif system.get(f"{start}jmxremote.authenticate", "true").lower() == "false":
        yield Finding(9, FAIL, "jmx_open", service.host, values)
    else:
        yield Finding(9, PASS, "jmx_login", service.host, values)


def _agents(estate: Estate, service: Service) -> Iterator[Finding]:
    for agent in service.facts["agents"]:
        port = estate.port(service.host, agent["port"])
        values = {"kind": service.kind, "agent": agent["name"], "port": agent["port"]}
        if port is None:
            yield Finding(9, UNKNOWN, "agent_unknown", service.host, {**values, "how": "nothing listens there"})
        elif port.answer == LOCAL:
            local = {"kind": service.kind, "what": agent["name"], "port": agent["port"]}
            yield Finding(9, PASS, "jmx_local", service.host, local)
        elif port.answer == OPEN:
            yield Finding(9, FAIL, "agent_open", service.host, {**values, "how": port.how, "asked_from": port.asked_from})
        elif port.answer in (LOGIN, CERTIFICATE):
            yield Finding(9, PASS, "agent_login", service.host, values)
        elif port.answer == CLOSED:
            yield Finding(9, PASS, "agent_closed", service.host, {**values, "asked_from": port.asked_from})
        else:
            yield Finding(9, UNKNOWN, "agent_unknown", service.host, {**values, "how": port.how})


def connect(estate: Estate) -> Iterator[Finding]:
    """10: Connect's REST wants https and a login, its admin listener is apart."""
    if not estate.of("connect") and estate.hosts:
        yield Finding(10, PASS, "no_connect", "")
    for worker in estate.read("connect"):
        listed = split_listeners(worker.get("listeners")) or [("http", "", int(worker.get("rest.port") or 8083))]
        for scheme, _, number in listed:
            port = estate.port(worker.host, number)
            values: dict[str, Any] = {"port": number}
            if port is not None and port.answer == LOCAL:
                yield say(10, PASS, "rest_local", worker, **values)
                continue
            if scheme.lower() != "https":
                yield say(10, FAIL, "rest_plain", worker, **values)
            if port is not None and port.answer == OPEN:
                yield say(10, FAIL, "rest_open", worker, **values, how=port.how, asked_from=port.asked_from)
            elif scheme.lower() == "https" and port is not None and port.answer in (LOGIN, CERTIFICATE):
                yield say(10, PASS, "rest_login", worker, **values, how=port.how)
            elif scheme.lower() == "https":
                yield say(10, UNKNOWN, "rest_unknown", worker, **values, how=port.how if port else "nothing listens there")
        if "admin.listeners" not in worker.config:
            yield say(10, FAIL, "admin_shared", worker)
        else:
            yield say(10, PASS, "admin_apart", worker, listeners=worker.get("admin.listeners") or "none")


def mirrors(estate: Estate) -> Iterator[Finding]:
    """11: MirrorMaker has a login of its own for each side."""
    seen = False
    for service in [*estate.of("connect"), *estate.of("mirrormaker")]:
        connectors = service.facts.get("connectors") or {"error": "", "mirrors": service.facts.get("mirrors", [])}
        if connectors["error"]:
            seen = True
            yield say(11, UNKNOWN, "mirror_unknown", service, error=connectors["error"])
        for one in connectors["mirrors"]:
            seen = True
            yield from _mirror(service, one)
    if not seen and estate.hosts and not any(one.facts["error"] for one in estate.of("mirrormaker")):
        yield Finding(11, PASS, "no_mirror", "")


def _mirror(service: Service, one: Mapping[str, Any]) -> Iterator[Finding]:
    sides = {side: one[side] for side in ("source", "target")}
    plain = [side for side, login in sides.items() if not login["protocol"].endswith("SSL") or not login["who"]]
    for side in plain:
        protocol = sides[side]["protocol"]
        yield say(11, FAIL, "mirror_plain", service, name=one["name"], side=side, protocol=protocol)
    if plain:
        return
    logins = {**{side: login["who"] for side, login in sides.items()}, **({"worker": one["worker"]} if one["worker"] else {})}
    same = [(a, b) for a in logins for b in logins if a < b and logins[a] == logins[b]]
    for a, b in same:
        yield say(11, FAIL, "mirror_shared", service, name=one["name"], places=f"{a} and {b}", who=logins[a])
    if not same:
        yield say(11, PASS, "mirror_good", service, name=one["name"], source=logins["source"], target=logins["target"])


def acls(estate: Estate) -> Iterator[Finding]:
    """12: without an ACL nothing is allowed."""
    for kafka in estate.read("kafka"):
        authorizer = kafka.get("authorizer.class.name")
        if not authorizer:
            yield say(12, FAIL, "no_authorizer", kafka)
        elif is_true(kafka.get("allow.everyone.if.no.acl.found")):
            yield say(12, FAIL, "everyone", kafka)
        else:
            yield say(12, PASS, "acl_needed", kafka, authorizer=authorizer)
