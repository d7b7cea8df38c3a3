"""The judge of an audit: each statement passes, fails and is not known by inputs made for it; nothing unknown counts as pass."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.audit.findings import (
    ALL,
    FAIL,
    PASS,
    UNKNOWN,
)
from ansible_collections.estate.kafka.plugins.module_utils.audit.judge import Audit
from audit_hosts import CONNECTORS, CONTROLLER, NOW, SECURED, SIDES, WORKER, ZOOKEEPER, Host, audit, certificate, secured, service
from hypothesis import given, settings
from hypothesis import strategies as st


def codes(found: Audit, statement: int, result: str) -> set[str]:
    return {one.code for one in found.findings if one.statement == statement and one.result == result}


def test_a_secured_estate_passes_all_twelve() -> None:
    found = audit(h1=secured())
    assert found.results == dict.fromkeys(ALL, PASS), found.report()
    assert found.good and found.shut == len(found.ports) == 7
    assert "12 of 12 statements pass, 0 fail, 0 not known, ports closed to strangers: 7 of 7" in found.report()


def test_one_open_port_or_one_unreachable_host_is_not_well() -> None:
    assert not audit(h1=secured().port(9100, "open", how="HTTP 200 without a login", of="node_exporter")).good
    found = audit(h1=secured(), h2="Host is down")
    assert set(found.results.values()) == {UNKNOWN} and not found.good
    assert "h2 cannot be asked, so nothing is known of it: Host is down" in found.report()


def changed(**config: str | None) -> dict[str, str]:
    return {name: value for name, value in {**SECURED, **config}.items() if value is not None}


def of_broker(config: dict[str, str], **facts: Any) -> Audit:
    host = Host(service("kafka", config, **facts))
    host.port(9091, "certificate", certificate("brokers", "h1")).port(9094, "login", certificate("clients", "h1"))
    found: Audit = audit(h1=host)
    return found


@pytest.mark.parametrize(
    ("answer", "result", "code"),
    [
        ("open", FAIL, "private_open"),
        ("login", FAIL, "private_login"),
        ("certificate", PASS, "private_certificate"),
        ("closed", PASS, "private_closed"),
        ("local", PASS, "private_local"),
        ("unknown", UNKNOWN, "private_unknown"),
    ],
)
@pytest.mark.parametrize(("config", "port"), [(SECURED, 9091), (CONTROLLER, 9093)], ids=["broker", "controller"])
def test_1_listeners_apart(answer: str, result: str, code: str, config: dict[str, str], port: int) -> None:
    found = audit(h1=Host(service("kafka", config)).port(port, answer))
    assert found.result(1) == result and code in codes(found, 1, result)


def test_1_one_listener_for_all_and_a_port_that_nobody_sees() -> None:
    shared = of_broker({"listeners": "PLAINTEXT://:9092", "authorizer.class.name": ""})
    assert codes(shared, 1, FAIL) == {"listener_shared"}
    assert audit(h1=Host(service("kafka", SECURED))).result(1) == UNKNOWN
    combined = {**SECURED, "process.roles": "broker,controller", "controller.listener.names": "CONTROLLER"}
    combined["listeners"] += ",CONTROLLER://:9093"
    combined["listener.security.protocol.map"] += ",CONTROLLER:PLAINTEXT"
    host = Host(service("kafka", combined)).port(9091, "certificate").port(9093, "open")
    assert codes(audit(h1=host), 1, FAIL) == {"private_open"} and codes(audit(h1=host), 1, PASS) == {"private_certificate"}


def test_2_mutual_tls_of_brokers_controllers_and_zookeeper() -> None:
    assert of_broker(SECURED).result(2) == PASS
    assert codes(of_broker(changed(**{"listener.name.broker.ssl.client.auth": "requested"})), 2, FAIL) == {"tls_one_sided"}
    assert codes(of_broker(changed(**{"listener.security.protocol.map": "BROKER:SASL_PLAINTEXT"})), 2, FAIL) == {"not_tls"}
    assert codes(of_broker(changed(**{"zookeeper.ssl.client.enable": None})), 2, FAIL) == {"not_tls"}
    assert codes(of_broker(changed(**{"zookeeper.ssl.keystore.location": None})), 2, FAIL) == {"tls_one_sided"}
    kraft = changed(**{"process.roles": "broker", "zookeeper.connect": None, "controller.listener.names": "CONTROLLER"})
    assert codes(of_broker(kraft), 2, FAIL) == {"not_tls"}
    kraft["listener.security.protocol.map"] += ",CONTROLLER:SSL"
    kraft["listener.name.controller.ssl.keystore.location"] = "/etc/kafka/broker.pem"
    assert of_broker(kraft).result(2) == PASS
    assert audit(h1=Host(service("kafka", CONTROLLER))).result(2) == PASS
    assert (
        audit(h1=Host(service("kafka", {**CONTROLLER, "listener.security.protocol.map": "CONTROLLER:PLAINTEXT"}))).result(2)
        == FAIL
    )


@pytest.mark.parametrize(
    "mapped", ["", "SSL:SSL,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL"], ids=["in the file", "as a broker says it"]
)
@pytest.mark.parametrize("name", ["CONTROLLER", "QUORUM_SSL"])
def test_2_a_listener_of_controllers_that_no_map_names_is_plain(mapped: str, name: str) -> None:
    """Kafka maps it so where nobody wrote a map, whatever it is called."""
    config = {"listeners": f"{name}://:9093", "controller.listener.names": name, "listener.security.protocol.map": mapped}
    found = audit(h1=Host(service("kafka", {**CONTROLLER, **config})))
    assert codes(found, 2, FAIL) == {"not_tls"} and f"listener {name} is PLAINTEXT, not TLS" in found.report()


@pytest.mark.parametrize(
    ("changes", "result", "code"),
    [
        ({}, PASS, "mutual_tls"),
        ({"secureClientPort": "", "clientPort": "2181"}, FAIL, "not_tls"),
        ({"clientPort": "2181"}, FAIL, "zookeeper_plain_port"),
        ({"ssl.clientAuth": "want"}, FAIL, "tls_one_sided"),
        ({"sslQuorum": "false"}, FAIL, "not_tls"),
        ({"portUnification": "true"}, FAIL, "not_tls"),
        ({"ssl.quorum.clientAuth": "none"}, FAIL, "tls_one_sided"),
    ],
)
def test_2_zookeeper(changes: dict[str, str], result: str, code: str) -> None:
    found = audit(h1=Host(service("zookeeper", {**ZOOKEEPER, **changes})))
    assert found.result(2) == result and code in codes(found, 2, result)


def test_3_keys_apart() -> None:
    assert of_broker(SECURED).result(3) == PASS
    one = Host(service("kafka", SECURED)).port(9091, "certificate", certificate("one", "h1"))
    assert codes(audit(h1=one.port(9094, "login", certificate("one", "h1"))), 3, FAIL) == {"keys_same"}
    # Without certificates to compare, one file is one key, and two files say nothing.
    unseen = Host(service("kafka", SECURED)).port(9091, "certificate").port(9094, "login")
    assert audit(h1=unseen).result(3) == UNKNOWN
    config = changed(**{"listener.name.client.ssl.keystore.location": "/etc/kafka/broker.pem"})
    assert codes(audit(h1=Host(service("kafka", config))), 3, FAIL) == {"keys_same"}
    assert codes(of_broker({"listeners": "PLAINTEXT://:9092"}), 3, FAIL) == {"keys_none"}


@pytest.mark.parametrize(
    ("tls", "result", "code"),
    [
        ({}, PASS, "tls_good"),
        ({"old": True}, FAIL, "tls_old"),
        ({"weak": True}, FAIL, "tls_weak"),
        ({"old": None}, UNKNOWN, "tls_unsure"),
    ],
)
def test_4_versions(tls: dict[str, Any], result: str, code: str) -> None:
    found = audit(h1=Host(service("kafka", SECURED)).port(9094, "login", certificate("clients", "h1"), **tls))
    assert found.result(4) == result and codes(found, 4, result) == {code}


def test_4_names_keys_and_plain_ports() -> None:
    def shown(encoded: str) -> set[str]:
        return codes(audit(h1=Host(service("kafka", SECURED)).port(9094, "login", encoded)), 4, FAIL)

    assert shown(certificate("clients", "other.example.com")) == {"name_wrong"}
    assert shown(certificate("weak", "h1", bits="P-192")) == {"key_weak"}
    assert shown(certificate("clients", "h1", "other")) == set()
    host = Host(service("kafka", {**SECURED, "ssl.endpoint.identification.algorithm": ""}))
    assert codes(audit(h1=host.port(9092, "open")), 4, FAIL) == {"names_ignored", "tls_none"}
    assert audit(h1=Host().port(7000, "unknown", of="")).result(4) == UNKNOWN
    # What nobody reaches from outside, and SSH, which is no TLS, say nothing for or against.
    quiet = Host(service("kafka", SECURED)).port(9094, "login", certificate("clients", "h1"))
    assert audit(h1=quiet.port(22, "login", how="SSH").port(5, "local").port(6, "closed")).result(4) == PASS


@pytest.mark.parametrize(
    ("begins", "ends", "result", "code"),
    [
        (-30, 300, PASS, "certificate_left"),
        (-3, 300, PASS, "certificate_renewed"),
        (-300, 12, FAIL, "certificate_ends"),
        (-300, -2, FAIL, "certificate_ended"),
        (2, 300, FAIL, "certificate_early"),
        (-30, 3650, FAIL, "certificate_long"),
    ],
)
def test_5_certificates(begins: int, ends: int, result: str, code: str) -> None:
    shows = certificate("clients", "h1", begins=begins, ends=ends)
    found = audit(h1=Host(service("kafka", SECURED)).port(9094, "login", shows))
    assert found.result(5) == result and codes(found, 5, result) == {code}


def test_5_what_waits_what_cannot_reload_and_what_is_not_seen() -> None:
    newer = {"path": "/etc/kafka/client.pem", "mode": "0400", "owner": "kafka", "changed": (NOW - timedelta(days=1)).timestamp()}
    waits = Host(service("kafka", SECURED, files=[newer])).port(9094, "login", certificate("clients", "h1"))
    assert codes(audit(h1=waits), 5, FAIL) == {"certificate_waits"}
    taken = Host(service("kafka", SECURED, files=[newer])).port(9094, "login", certificate("clients", "h1", begins=-1))
    assert audit(h1=taken).result(5) == PASS
    # Of PEM it is known what the file holds, so a certificate that begins before it was made is no trouble.
    shows = certificate("clients", "h1")
    digest = hashlib.sha256(base64.b64decode(shows)).hexdigest()
    for holds, result in ((digest, PASS), ("another", FAIL)):
        host = Host(service("kafka", SECURED, files=[{**newer, "certificate": holds}])).port(9094, "login", shows)
        assert audit(h1=host).result(5) == result
    server = Host(service("zookeeper", {**ZOOKEEPER, "sslQuorumReloadCertFiles": "false"}))
    assert "no_reload" in codes(audit(h1=server.port(2281, "certificate", certificate("z", "h1"))), 5, FAIL)
    assert audit(h1=Host(service("kafka", SECURED)).port(9094, "certificate", version="TLSv1.2")).result(5) == UNKNOWN
    assert audit(h1=Host(service("kafka", {})).port(9092, "open")).result(5) == FAIL


@pytest.mark.parametrize(
    ("users", "result", "code"),
    [
        ("User:broker-1;User:CN=kafka-2,OU=x;User:h1;User:estate-toolkit", PASS, "super_good"),
        ("", PASS, "super_none"),
        ("User:broker-1;User:ANONYMOUS", FAIL, "super_anybody"),
        ("User:kim;User:lee;User:park;User:choi", FAIL, "super_many"),
        ("User:broker-1;User:kim", UNKNOWN, "super_people"),
    ],
)
def test_6_super_users(users: str, result: str, code: str) -> None:
    found = of_broker(changed(**{"super.users": users}))
    assert found.result(6) == result and codes(found, 6, result) == {code}


def test_6_machines_can_be_named_and_without_an_authorizer_all_are_super() -> None:
    host = Host(service("kafka", changed(**{"super.users": "User:backup-seoul"})))
    assert audit(h1=host).result(6) == UNKNOWN
    assert audit(h1=host, machines=("backup-*",)).result(6) == audit(h1=host, machines=("User:backup-seoul",)).result(6) == PASS
    assert codes(of_broker(changed(**{"authorizer.class.name": None})), 6, FAIL) == {"no_authorizer"}
    # A rule that gives every certificate its own name makes nobody a machine.
    rules = {"listener.name.broker.ssl.principal.mapping.rules": "RULE:^CN=(.*?),.*$/$1/", "super.users": "User:kim"}
    assert of_broker(changed(**rules)).result(6) == UNKNOWN


@pytest.mark.parametrize(
    ("log", "result"),
    [
        ({"level": "INFO", "logger": "root", "error": ""}, PASS),
        ({"level": "WARN", "logger": "kafka", "error": ""}, FAIL),
        ({"level": "OFF", "logger": "kafka.authorizer.logger", "error": ""}, FAIL),
        ({"level": "", "logger": "", "error": "/x: permission denied"}, UNKNOWN),
    ],
)
def test_7_authorizer_log(log: dict[str, str], result: str) -> None:
    assert of_broker(SECURED, log=log).result(7) == result
    assert of_broker({"listeners": "PLAINTEXT://:9092"}, log=log).result(7) == FAIL


@pytest.mark.parametrize(
    ("facts", "result", "code"),
    [
        ({}, PASS, "no_clear"),
        ({"clear": ["command line: --password"]}, FAIL, "clear"),
        ({"files": [{"path": "/k", "mode": "0644", "owner": "kafka", "changed": 0}]}, FAIL, "file_open"),
        ({"files": [{"path": "/k", "mode": "0400", "owner": "kim", "changed": 0}]}, FAIL, "file_open"),
        ({"files": [{"path": "/k", "mode": "0400", "owner": "root", "changed": 0}]}, PASS, "no_clear"),
        ({"unread": ["environment of its process"]}, UNKNOWN, "unread"),
    ],
)
def test_8_secrets(facts: dict[str, Any], result: str, code: str) -> None:
    found = of_broker(SECURED, **facts)
    assert found.result(8) == result and codes(found, 8, result) == {code}


def test_8_connectors() -> None:
    def worker(**connectors: Any) -> Audit:
        told = {"error": "", "clear": [], "mirrors": [], **connectors}
        found: Audit = audit(h1=Host(service("connect", WORKER, connectors=told)))
        return found

    assert worker().result(8) == PASS
    assert codes(worker(clear=["connector a: database.password"]), 8, FAIL) == {"clear"}
    assert codes(worker(error="no certificate"), 8, UNKNOWN) == {"connectors_unread"}


@pytest.mark.parametrize(
    ("system", "answer", "result", "code"),
    [
        ({}, "unknown", PASS, "jmx_none"),
        ({"port": "9999", "authenticate": "false"}, "unknown", FAIL, "jmx_open"),
        ({"port": "9999", "authenticate": "false"}, "local", PASS, "jmx_local"),
        ({"port": "9999"}, "unknown", PASS, "jmx_login"),
    ],
)
def test_9_jmx(system: dict[str, str], answer: str, result: str, code: str) -> None:
    flags = {f"com.sun.management.jmxremote.{name}": value for name, value in system.items()}
    found = audit(h1=Host(service("kafka", SECURED, system=flags)).port(9999, answer))
    assert found.result(9) == result and codes(found, 9, result) == {code}


@pytest.mark.parametrize(
    ("answer", "result"),
    [("open", FAIL), ("login", PASS), ("certificate", PASS), ("local", PASS), ("closed", PASS), ("unknown", UNKNOWN)],
)
def test_9_agents_serve_jmx_too(answer: str, result: str) -> None:
    agent = {"name": "jmx_prometheus_javaagent.jar", "address": "", "port": 7071}
    assert audit(h1=Host(service("kafka", SECURED, agents=[agent])).port(7071, answer)).result(9) == result
    file = {"com.sun.management.config.file": "/etc/jmx.properties"}
    assert audit(h1=Host(service("kafka", SECURED, system=file))).result(9) == UNKNOWN


@pytest.mark.parametrize(
    ("config", "answer", "result", "code"),
    [
        (WORKER, "certificate", PASS, "rest_login"),
        (WORKER, "login", PASS, "rest_login"),
        (WORKER, "open", FAIL, "rest_open"),
        (WORKER, "unknown", UNKNOWN, "rest_unknown"),
        ({**WORKER, "listeners": "http://:8083"}, "login", FAIL, "rest_plain"),
        ({"listeners": "https://:8083"}, "certificate", FAIL, "admin_shared"),
        ({**WORKER, "listeners": "http://127.0.0.1:8083"}, "local", PASS, "rest_local"),
    ],
)
def test_10_connect(config: dict[str, str], answer: str, result: str, code: str) -> None:
    found = audit(h1=Host(service("connect", config, connectors=CONNECTORS)).port(8083, answer, of="connect"))
    assert found.result(10) == result and code in codes(found, 10, result)


def test_11_mirrors() -> None:
    def mirror(error: str = "", **changes: Any) -> Audit:
        one = {"name": "m", **SIDES, "worker": "user worker", **changes}
        told = {"error": error, "clear": [], "mirrors": [one] if not error else []}
        found: Audit = audit(h1=Host(service("connect", WORKER, connectors=told)))
        return found

    assert mirror().result(11) == PASS
    assert codes(mirror(source={"protocol": "PLAINTEXT", "who": ""}), 11, FAIL) == {"mirror_plain"}
    assert codes(mirror(target={"protocol": "SASL_PLAINTEXT", "who": "user down"}), 11, FAIL) == {"mirror_plain"}
    assert codes(mirror(target=SIDES["source"]), 11, FAIL) == {"mirror_shared"}
    assert codes(mirror(worker="user up"), 11, FAIL) == {"mirror_shared"}
    assert mirror(error="refused").result(11) == UNKNOWN
    alone = Host(service("mirrormaker", {}, mirrors=[{"name": "a->b", **SIDES, "worker": ""}]))
    assert audit(h1=alone).result(11) == PASS
    assert audit(h1=Host(service("kafka", SECURED))).result(11) == PASS


def test_12_acls() -> None:
    assert of_broker(SECURED).result(12) == PASS
    assert codes(of_broker(changed(**{"allow.everyone.if.no.acl.found": "true"})), 12, FAIL) == {"everyone"}
    assert codes(of_broker(changed(**{"authorizer.class.name": None})), 12, FAIL) == {"no_authorizer"}
    assert of_broker({}, error="permission denied").result(12) == UNKNOWN


def test_what_cannot_be_seen_is_never_a_pass() -> None:
    """No broker, settings that cannot be read, processes that are hidden, files newer than what runs."""
    assert audit(h1=Host()).results == {**dict.fromkeys(ALL, UNKNOWN), 9: PASS, 10: PASS, 11: PASS}
    assert set(audit().results.values()) == {UNKNOWN}
    blind = of_broker({}, error="permission denied", log={"level": "", "logger": "", "error": "permission denied"})
    assert {blind.result(number) for number in (1, 2, 3, 6, 7, 8, 12)} == {UNKNOWN}
    hidden = secured()
    hidden.facts["hidden"] = True
    assert set(audit(h1=hidden).results.values()) == {UNKNOWN}
    stale = of_broker(SECURED, stale=True)
    assert {stale.result(number) for number in (1, 2, 3, 6, 7, 12)} == {UNKNOWN}
    assert of_broker({"listeners": "PLAINTEXT://:9092"}, stale=True).result(12) == FAIL


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_an_answer_that_is_missing_never_makes_it_better(data: st.DataObject) -> None:
    host = secured()
    for probe in host.probes:
        if data.draw(st.booleans()):
            probe.update(answer=data.draw(st.sampled_from(["unknown", "open"])), how="changed", tls=None)
    found = audit(h1=host)
    touched = [probe for probe in host.probes if probe["answer"] in ("unknown", "open")]
    assert found.good == (not touched) and found.shut == 7 - len(touched)
    assert found.result(4) != PASS or not touched
