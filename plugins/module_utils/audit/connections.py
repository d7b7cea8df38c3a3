# SPDX-License-Identifier: Apache-2.0
"""Statements 1 to 5, on connections: listeners, mutual TLS, keys, versions of TLS, certificates.  A function for each; pure."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.estate.kafka.plugins.module_utils.audit.certificates import Certificate
from ansible_collections.estate.kafka.plugins.module_utils.audit.estate import Estate, say
from ansible_collections.estate.kafka.plugins.module_utils.audit.findings import FAIL, PASS, UNKNOWN, Finding
from ansible_collections.estate.kafka.plugins.module_utils.audit.ports import LOCAL, Port
from ansible_collections.estate.kafka.plugins.module_utils.audit.probe import CERTIFICATE, CLOSED, LOGIN, OPEN
from ansible_collections.estate.kafka.plugins.module_utils.audit.services import Kafka, ZooKeeper, is_true

DAY = 86400
# A certificate is renewed this many days before it ends, and valid for no more than these.
MIN_DAYS, MAX_DAYS = 30, 1100
# One that begins so long after its process was started was taken over by it.
AFTER_SECONDS = 60


def apart(estate: Estate) -> Iterator[Finding]:
    """1: listeners of brokers and controllers are apart from those of clients, and out of their reach."""
    for kafka in estate.read("kafka"):
        if "broker" in kafka.roles and not kafka.clients:
            yield say(1, FAIL, "listener_shared", kafka, listener=kafka.between_brokers)
            continue
        for name in kafka.private:
            number = kafka.listeners[name][1]
            port = estate.port(kafka.host, number)
            values = {"listener": name, "port": number}
            if port is None:
                yield say(1, UNKNOWN, "private_unknown", kafka, **values, how="nothing listens there")
                continue
            asked = {**values, "how": port.how, "asked_from": port.asked_from}
            if port.answer == OPEN:
                yield say(1, FAIL, "private_open", kafka, **asked)
            elif port.answer == LOGIN:
                yield say(1, FAIL, "private_login", kafka, **asked)
            elif port.answer == CERTIFICATE:
                yield say(1, PASS, "private_certificate", kafka, **values, asked_from=port.asked_from)
            elif port.answer == CLOSED:
                yield say(1, PASS, "private_closed", kafka, **values, asked_from=port.asked_from)
            elif port.answer == LOCAL:
                yield say(1, PASS, "private_local", kafka, **values)
            else:
                yield say(1, UNKNOWN, "private_unknown", kafka, **values, how=port.how)


def mutual(estate: Estate) -> Iterator[Finding]:
    """2: brokers, controllers and ZooKeeper know each other by mutual TLS."""
    for kafka in estate.read("kafka"):
        for name in kafka.private:
            yield _listener(kafka, name)
        away = [name for name in kafka.controller_names[:1] if name not in kafka.listeners]
        for name in away:
            what = "the connection to controllers"
            if kafka.protocol(name).endswith("SSL") and kafka.of(name, "ssl.keystore.location"):
                yield say(2, PASS, "mutual_tls", kafka, what=what)
            else:
                yield say(2, FAIL, "not_tls", kafka, what=what, protocol=kafka.protocol(name))
        what = "the connection to ZooKeeper"
        if kafka.to_zookeeper == "mutual":
            yield say(2, PASS, "mutual_tls", kafka, what=what)
        elif kafka.to_zookeeper == "tls":
            setting = "zookeeper.ssl.keystore.location"
            yield say(2, FAIL, "tls_one_sided", kafka, what=what, setting=setting, value="empty", wanted="a keystore")
        elif kafka.to_zookeeper:
            yield say(2, FAIL, "not_tls", kafka, what=what, protocol="plain")
    for server in estate.read("zookeeper"):
        yield from _zookeeper(server)


def _listener(kafka: Kafka, name: str) -> Finding:
    protocol, what = kafka.protocol(name), f"listener {name}"
    if not protocol.endswith("SSL"):
        return say(2, FAIL, "not_tls", kafka, what=what, protocol=protocol)
    if not kafka.is_mutual(name):
        value = kafka.of(name, "ssl.client.auth") or "none"
        return say(2, FAIL, "tls_one_sided", kafka, what=what, setting="ssl.client.auth", value=value, wanted="required")
    return say(2, PASS, "mutual_tls", kafka, what=what)


def _zookeeper(server: ZooKeeper) -> Iterator[Finding]:
    what = "ZooKeeper's port for clients"
    if not server.secure_port:
        yield say(2, FAIL, "not_tls", server, what=what, protocol="plain")
    else:
        if server.client_auth != "need":
            value = server.client_auth
            yield say(2, FAIL, "tls_one_sided", server, what=what, setting="ssl.clientAuth", value=value, wanted="need")
        else:
            yield say(2, PASS, "mutual_tls", server, what=what)
        if server.plain_port:
            yield say(2, FAIL, "zookeeper_plain_port", server, port=server.plain_port)
    if not server.has_peers:
        return
    what = "ZooKeeper's quorum"
    auth = (server.get("ssl.quorum.clientAuth") or "need").lower()
    if not is_true(server.get("sslQuorum")) or is_true(server.get("portUnification")):
        yield say(2, FAIL, "not_tls", server, what=what, protocol="plain")
    elif auth != "need":
        yield say(2, FAIL, "tls_one_sided", server, what=what, setting="ssl.quorum.clientAuth", value=auth, wanted="need")
    else:
        yield say(2, PASS, "mutual_tls", server, what=what)


def keys(estate: Estate) -> Iterator[Finding]:
    """3: other keys between brokers and controllers than for clients."""
    for kafka in estate.read("kafka"):
        if "broker" in kafka.roles and not kafka.clients:
            name = kafka.between_brokers
            if kafka.protocol(name).endswith("SSL"):
                yield say(3, FAIL, "keys_same", kafka, listener=name, other="clients", how="it is one listener")
        plain = [name for name in kafka.listeners if not kafka.protocol(name).endswith("SSL")]
        for name in plain:
            yield say(3, FAIL, "keys_none", kafka, listener=name, protocol=kafka.protocol(name))
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
            return say(3, FAIL, "keys_same", kafka, **pair, how="their certificates have one key")
        return say(3, PASS, "keys_apart", kafka, **pair)
    files = {kafka.key_file(one) for one in (name, other)}
    if len(files) == 1 and files != {""}:
        return say(3, FAIL, "keys_same", kafka, **pair, how=files.pop())
    return say(3, UNKNOWN, "keys_unknown", kafka, **pair)


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
        elif days < MIN_DAYS:
            yield Finding(5, FAIL, "certificate_ends", port.host, values)
        elif shown.ends - shown.begins > MAX_DAYS * DAY:
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
            yield say(5, FAIL, "no_reload", server, setting=setting, value=value)


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
