# SPDX-License-Identifier: Apache-2.0
"""The twelve statements, one function for each: what of the estate's facts speaks for it and against it.  Pure functions."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.audit.certificates import Certificate
from ansible_collections.estate.kafka.plugins.module_utils.audit.findings import ALL, FAIL, PASS, UNKNOWN, Finding
from ansible_collections.estate.kafka.plugins.module_utils.audit.ports import LOCAL, Port
from ansible_collections.estate.kafka.plugins.module_utils.audit.probe import CERTIFICATE, CLOSED, LOGIN, OPEN
from ansible_collections.estate.kafka.plugins.module_utils.audit.services import (
    Kafka,
    Service,
    ZooKeeper,
    is_true,
    services_of,
)
from ansible_collections.estate.kafka.plugins.module_utils.audit.settings import split_listeners

DAY = 86400
# A certificate is renewed this many days before it ends, and valid for no more than these.
LEAST_DAYS, MOST_DAYS = 30, 1100
# One that begins so long after its process was started was taken over by it.
AFTER_SECONDS = 60
FEW = 3
# Names by which brokers, controllers and the like are called.
MACHINES = re.compile(r"(broker|controller|kafka|node)s?([-_.]?[\w.-]*\d[\w.-]*)?", re.IGNORECASE)
ANYBODY = ("User:ANONYMOUS", "User:*")
# Programs of the system, which hold no secret of the estate.
SYSTEM = ("sshd", "systemd", "init", "systemd-resolved", "systemd-resolve", "rpcbind", "chronyd", "dhclient", "docker-proxy", "")
# What a look at the settings of a kind is needed for.
NEEDS = {"kafka": (1, 2, 3, 6, 12), "zookeeper": (2,), "connect": (10,), "mirrormaker": (11,)}
# Statements that settings decide; those of a process that is older than its file are not known.
BY_SETTINGS = (1, 2, 3, 6, 7, 10, 11, 12)
LOOPBACK = ("127.", "localhost", "::1")


class Estate:
    """What is known: facts by host, ports, and principals known to be machines."""

    def __init__(self, hosts: Mapping[str, Any], ports: Sequence[Port], machines: Sequence[str] = ()) -> None:
        self.hosts = hosts
        self.ports = ports
        self.machines = [one if one.startswith("User:") else f"User:{one}" for one in machines]
        self.services = [service for host, facts in sorted(hosts.items()) for service in services_of(host, facts)]
        self._ports = {(port.host, port.port): port for port in ports if port.protocol == "tcp"}

    def of(self, kind: str) -> list[Any]:
        """Return the services of a kind, with readable settings or not."""
        return [one for one in self.services if one.kind == kind]

    def read(self, kind: str) -> list[Any]:
        """Return the services of a kind whose settings are known."""
        return [one for one in self.of(kind) if not one.facts["error"]]

    def port(self, host: str, number: int) -> Port | None:
        """Return a port of a host that listens."""
        return self._ports.get((host, number))

    def started(self, port: Port) -> float | None:
        """Return when the process that has a port was started."""
        found = next((one for one in self.services if one.host == port.host and one.facts["pid"] == port.pid), None)
        return float(found.facts["started"]) if found else None


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


def _say(number: int, result: str, code: str, service: Service, **values: Any) -> Finding:
    """Return a finding that the settings of a service speak for."""
    return Finding(number, result, code, service.host, {**values, "_of": service.kind})


def apart(estate: Estate) -> Iterator[Finding]:
    """1: listeners of brokers and controllers are apart from those of clients, and out of their reach."""
    for kafka in estate.read("kafka"):
        if "broker" in kafka.roles and not kafka.clients:
            yield _say(1, FAIL, "listener_shared", kafka, listener=kafka.between_brokers)
            continue
        for name in kafka.private:
            number = kafka.listeners[name][1]
            port = estate.port(kafka.host, number)
            values = {"listener": name, "port": number}
            if port is None:
                yield _say(1, UNKNOWN, "private_unknown", kafka, **values, how="nothing listens there")
                continue
            asked = {**values, "how": port.how, "asked_from": port.asked_from}
            if port.answer == OPEN:
                yield _say(1, FAIL, "private_open", kafka, **asked)
            elif port.answer == LOGIN:
                yield _say(1, FAIL, "private_login", kafka, **asked)
            elif port.answer == CERTIFICATE:
                yield _say(1, PASS, "private_certificate", kafka, **values, asked_from=port.asked_from)
            elif port.answer == CLOSED:
                yield _say(1, PASS, "private_closed", kafka, **values, asked_from=port.asked_from)
            elif port.answer == LOCAL:
                yield _say(1, PASS, "private_local", kafka, **values)
            else:
                yield _say(1, UNKNOWN, "private_unknown", kafka, **values, how=port.how)


def mutual(estate: Estate) -> Iterator[Finding]:
    """2: brokers, controllers and ZooKeeper know each other by mutual TLS."""
    for kafka in estate.read("kafka"):
        for name in kafka.private:
            yield _listener(kafka, name)
        away = [name for name in kafka.controller_names[:1] if name not in kafka.listeners]
        for name in away:
            what = "the connection to controllers"
            if kafka.protocol(name).endswith("SSL") and kafka.of(name, "ssl.keystore.location"):
                yield _say(2, PASS, "mutual_tls", kafka, what=what)
            else:
                yield _say(2, FAIL, "not_tls", kafka, what=what, protocol=kafka.protocol(name))
        what = "the connection to ZooKeeper"
        if kafka.to_zookeeper == "mutual":
            yield _say(2, PASS, "mutual_tls", kafka, what=what)
        elif kafka.to_zookeeper == "tls":
            setting = "zookeeper.ssl.keystore.location"
            yield _say(2, FAIL, "tls_one_sided", kafka, what=what, setting=setting, value="empty", wanted="a keystore")
        elif kafka.to_zookeeper:
            yield _say(2, FAIL, "not_tls", kafka, what=what, protocol="plain")
    for server in estate.read("zookeeper"):
        yield from _zookeeper(server)


def _listener(kafka: Kafka, name: str) -> Finding:
    protocol, what = kafka.protocol(name), f"listener {name}"
    if not protocol.endswith("SSL"):
        return _say(2, FAIL, "not_tls", kafka, what=what, protocol=protocol)
    if not kafka.is_mutual(name):
        value = kafka.of(name, "ssl.client.auth") or "none"
        return _say(2, FAIL, "tls_one_sided", kafka, what=what, setting="ssl.client.auth", value=value, wanted="required")
    return _say(2, PASS, "mutual_tls", kafka, what=what)


def _zookeeper(server: ZooKeeper) -> Iterator[Finding]:
    what = "ZooKeeper's port for clients"
    if not server.secure_port:
        yield _say(2, FAIL, "not_tls", server, what=what, protocol="plain")
    else:
        if server.client_auth != "need":
            value = server.client_auth
            yield _say(2, FAIL, "tls_one_sided", server, what=what, setting="ssl.clientAuth", value=value, wanted="need")
        else:
            yield _say(2, PASS, "mutual_tls", server, what=what)
        if server.plain_port:
            yield _say(2, FAIL, "zookeeper_plain_port", server, port=server.plain_port)
    if not server.has_peers:
        return
    what = "ZooKeeper's quorum"
    auth = (server.get("ssl.quorum.clientAuth") or "need").lower()
    if not is_true(server.get("sslQuorum")) or is_true(server.get("portUnification")):
        yield _say(2, FAIL, "not_tls", server, what=what, protocol="plain")
    elif auth != "need":
        yield _say(2, FAIL, "tls_one_sided", server, what=what, setting="ssl.quorum.clientAuth", value=auth, wanted="need")
    else:
        yield _say(2, PASS, "mutual_tls", server, what=what)


def keys(estate: Estate) -> Iterator[Finding]:
    """3: other keys between brokers and controllers than for clients."""
    for kafka in estate.read("kafka"):
        if "broker" in kafka.roles and not kafka.clients:
            name = kafka.between_brokers
            if kafka.protocol(name).endswith("SSL"):
                yield _say(3, FAIL, "keys_same", kafka, listener=name, other="clients", how="it is one listener")
        plain = [name for name in kafka.listeners if not kafka.protocol(name).endswith("SSL")]
        for name in plain:
            yield _say(3, FAIL, "keys_none", kafka, listener=name, protocol=kafka.protocol(name))
        for name in kafka.private:
            for other in kafka.clients:
                if name not in plain and other not in plain:
                    yield _keys_of(estate, kafka, name, other)


def _keys_of(estate: Estate, kafka: Kafka, name: str, other: str) -> Finding:
    ports = [estate.port(kafka.host, kafka.listeners[one][1]) for one in (name, other)]
    shown = [port.certificate if port else None for port in ports]
    pair = {"listener": name, "other": other}
    if shown[0] and shown[1]:
        if shown[0].key_digest == shown[1].key_digest:
            return _say(3, FAIL, "keys_same", kafka, **pair, how="their certificates have one key")
        return _say(3, PASS, "keys_apart", kafka, **pair)
    files = {kafka.key_file(one) for one in (name, other)}
    if len(files) == 1 and files != {""}:
        return _say(3, FAIL, "keys_same", kafka, **pair, how=files.pop())
    return _say(3, UNKNOWN, "keys_unknown", kafka, **pair)


def encrypted(estate: Estate) -> Iterator[Finding]:
    """4: TLS 1.2 or newer everywhere, names verified."""
    for port in estate.ports:
        if port.protocol != "tcp" or port.answer in (LOCAL, CLOSED) or port.how == "SSH":
            continue
        if port.tls is None:
            known = port.answer in (OPEN, LOGIN)
            values = {"port": port.port, "process": port.process or "not known"}
            if known:
                yield Finding(4, FAIL, "tls_none", port.host, values)
            else:
                yield Finding(4, UNKNOWN, "port_unsure", port.host, {**values, "how": port.how})
            continue
        yield from _tls(estate, port)
    for service in estate.services:
        for name, value in service.config.items():
            if (name.endswith("ssl.endpoint.identification.algorithm") and not value.strip()) or (
                name.endswith("ostnameVerification") and value.strip().lower() == "false"
            ):
                yield Finding(4, FAIL, "names_ignored", service.host, {"setting": name})


def _tls(estate: Estate, port: Port) -> Iterator[Finding]:
    tls, values = port.tls or {}, {"port": port.port}
    if tls["old"]:
        yield Finding(4, FAIL, "tls_old", port.host, values)
    if tls["weak"]:
        yield Finding(4, FAIL, "tls_weak", port.host, values)
    if not tls["old"] and not tls["weak"]:
        if tls["old"] is None or tls["weak"] is None:
            yield Finding(4, UNKNOWN, "tls_unsure", port.host, values)
        else:
            yield Finding(4, PASS, "tls_good", port.host, {**values, "version": tls["version"] or "TLS"})
    shown = port.certificate
    if shown is None:
        return
    facts = estate.hosts[port.host]
    if not shown.is_for(port.host, facts["address"], *facts.get("names", ())):
        names = list(shown.names) or ["none"]
        yield Finding(4, FAIL, "name_wrong", port.host, {**values, "name": port.host, "names": names})
    if shown.weak:
        yield Finding(4, FAIL, "key_weak", port.host, {**values, "key": shown.key, "bits": shown.bits, "hash": shown.hash})


def renewed(estate: Estate) -> Iterator[Finding]:
    """5: certificates are renewed while everything runs."""
    with_tls = [port for port in estate.ports if port.tls is not None]
    if not with_tls:
        yield Finding(5, FAIL if estate.ports else UNKNOWN, "no_certificates", "")
    for port in with_tls:
        shown = port.certificate
        if shown is None:
            yield Finding(5, UNKNOWN, "certificate_unseen", port.host, {"port": port.port})
            continue
        now, started = float(estate.hosts[port.host]["now"]), estate.started(port)
        days = int((shown.ends - now) // DAY)
        values = {"port": port.port, "days": days}
        if shown.ends < now:
            yield Finding(5, FAIL, "certificate_ended", port.host, {**values, "days": -days})
        elif shown.begins > now:
            yield Finding(5, FAIL, "certificate_early", port.host, {"port": port.port})
        elif days < LEAST_DAYS:
            yield Finding(5, FAIL, "certificate_ends", port.host, values)
        elif shown.ends - shown.begins > MOST_DAYS * DAY:
            whole = int((shown.ends - shown.begins) // DAY)
            yield Finding(5, FAIL, "certificate_long", port.host, {**values, "days": whole})
        elif waiting := _waiting(estate, port, shown):
            yield Finding(5, FAIL, "certificate_waits", port.host, {"port": port.port, "path": waiting})
        elif started is not None and shown.begins > started + AFTER_SECONDS:
            yield Finding(5, PASS, "certificate_renewed", port.host, values)
        else:
            yield Finding(5, PASS, "certificate_left", port.host, values)
    setting = "sslQuorumReloadCertFiles"
    for server in estate.read("zookeeper"):
        if is_true(server.get("sslQuorum")) and not is_true(server.get(setting)):
            value = server.get(setting) or "false"
            yield _say(5, FAIL, "no_reload", server, setting=setting, value=value)


def _waiting(estate: Estate, port: Port, shown: Certificate) -> str:
    """Return the keystore of a broker's port that is newer than its process, where the port still shows an older certificate."""
    for kafka in estate.read("kafka"):
        paths = {kafka.key_file(name) for name, (_, number) in kafka.listeners.items() if number == port.port}
        for file in kafka.facts["files"]:
            if kafka.host != port.host or file["path"] not in paths:
                continue
            # What the file holds is known of PEM alone; of others that the certificate is older than the process.
            old = file["certificate"] != shown.digest if file.get("certificate") else shown.begins < kafka.facts["started"]
            if old and file["changed"] > kafka.facts["started"] + AFTER_SECONDS:
                return str(file["path"])
    return ""


def super_users(estate: Estate) -> Iterator[Finding]:
    """6: super users are few, and machines only."""
    for kafka in estate.read("kafka"):
        if not kafka.get("authorizer.class.name"):
            yield _say(6, FAIL, "no_authorizer", kafka)
            continue
        users = [one.strip() for one in kafka.get("super.users").split(";") if one.strip()]
        if not users:
            yield _say(6, PASS, "super_none", kafka)
            continue
        if anybody := [one for one in users if one in ANYBODY]:
            yield _say(6, FAIL, "super_anybody", kafka, users=anybody)
        others = [one for one in users if one not in ANYBODY and not _is_machine(estate, kafka, one)]
        if len(others) > FEW:
            yield _say(6, FAIL, "super_many", kafka, count=len(others), users=others)
        elif others:
            yield _say(6, UNKNOWN, "super_people", kafka, users=others)
        elif not anybody:
            yield _say(6, PASS, "super_good", kafka, users=users)


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
            yield _say(7, FAIL, "no_authorizer", kafka)
        elif kafka.facts["error"] or log["error"]:
            yield _say(7, UNKNOWN, "log_unknown", kafka, error=log["error"] or kafka.facts["error"])
        elif log["level"] in ("INFO", "DEBUG", "TRACE", "ALL"):
            yield _say(7, PASS, "log_kept", kafka, logger=log["logger"], level=log["level"])
        else:
            yield _say(7, FAIL, "log_off", kafka, logger=log["logger"], level=log["level"])


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
                yield _say(10, PASS, "rest_local", worker, **values)
                continue
            if scheme.lower() != "https":
                yield _say(10, FAIL, "rest_plain", worker, **values)
            if port is not None and port.answer == OPEN:
                yield _say(10, FAIL, "rest_open", worker, **values, how=port.how, asked_from=port.asked_from)
            elif scheme.lower() == "https" and port is not None and port.answer in (LOGIN, CERTIFICATE):
                yield _say(10, PASS, "rest_login", worker, **values, how=port.how)
            elif scheme.lower() == "https":
                yield _say(10, UNKNOWN, "rest_unknown", worker, **values, how=port.how if port else "nothing listens there")
        if "admin.listeners" not in worker.config:
            yield _say(10, FAIL, "admin_shared", worker)
        else:
            yield _say(10, PASS, "admin_apart", worker, listeners=worker.get("admin.listeners") or "none")


def mirrors(estate: Estate) -> Iterator[Finding]:
    """11: MirrorMaker has a login of its own for each side."""
    seen = False
    for service in [*estate.of("connect"), *estate.of("mirrormaker")]:
        connectors = service.facts.get("connectors") or {"error": "", "mirrors": service.facts.get("mirrors", [])}
        if connectors["error"]:
            seen = True
            yield _say(11, UNKNOWN, "mirror_unknown", service, error=connectors["error"])
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
        yield _say(11, FAIL, "mirror_plain", service, name=one["name"], side=side, protocol=protocol)
    if plain:
        return
    logins = {**{side: login["who"] for side, login in sides.items()}, **({"worker": one["worker"]} if one["worker"] else {})}
    same = [(a, b) for a in logins for b in logins if a < b and logins[a] == logins[b]]
    for a, b in same:
        yield _say(11, FAIL, "mirror_shared", service, name=one["name"], places=f"{a} and {b}", who=logins[a])
    if not same:
        yield _say(11, PASS, "mirror_good", service, name=one["name"], source=logins["source"], target=logins["target"])


def acls(estate: Estate) -> Iterator[Finding]:
    """12: without an ACL nothing is allowed."""
    for kafka in estate.read("kafka"):
        authorizer = kafka.get("authorizer.class.name")
        if not authorizer:
            yield _say(12, FAIL, "no_authorizer", kafka)
        elif is_true(kafka.get("allow.everyone.if.no.acl.found")):
            yield _say(12, FAIL, "everyone", kafka)
        else:
            yield _say(12, PASS, "acl_needed", kafka, authorizer=authorizer)


RULES = {
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
