"""What an audit says of ports, its document, and its words in both languages."""

from __future__ import annotations

import json
import string
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.audit.findings import (
    FAIL,
    PASS,
    SENTENCES,
    STATEMENTS,
    UNKNOWN,
)
from ansible_collections.estate.kafka.plugins.module_utils.audit.judge import ANSWERS, assess
from ansible_collections.estate.kafka.plugins.module_utils.audit.ports import targets
from ansible_collections.estate.kafka.plugins.module_utils.audit.words import (
    ANSWERS_KO,
    RESULTS_KO,
    SENTENCES_KO,
    STATEMENTS_KO,
)
from audit_hosts import NOW, Host, audit, secured, service

TOPOLOGY: dict[str, Any] = {
    "ensembles": {},
    "clusters": {"c": {"ensemble": "", "brokers": [{"host": "h1", "port": 9094}]}},
    "schema_registries": {},
    "connect_clusters": {},
    "elasticsearch": {"hosts": []},
    "metrics": [],
    "components": [
        {"component": "kafka_broker", "host": "h1", "ports": [9094, 7071]},
        {"component": "zookeeper", "host": "h9", "ports": [2181]},
    ],
}


def test_ports_are_named_by_the_matrix_and_strange_ones_as_such() -> None:
    host = secured().port(31337, "open", how="HTTP 200 without a login", of="nc").port(53, "unknown", of="dns", protocol="udp")
    found = audit(TOPOLOGY, h1=host)
    of = {port.port: port for port in found.ports}
    assert (of[9094].purpose, of[22].purpose, of[31337].purpose) == ("Kafka c", "Ansible over SSH", "")
    assert of[31337].asked_from == "asker" and of[8084].answer == "local" and of[53].answer == "unknown"
    lines = {line.split()[0]: line for line in found.report().splitlines() if line[:1].isdigit()}
    assert "not in the port matrix" in lines["31337"] and "ANYBODY" in lines["31337"]
    assert "loopback only" in lines["8084"] and "not in the port matrix" not in lines["8084"]
    assert "not known (UDP" in lines["53/udp"]
    assert "Not asked in this run: h9." in found.report()
    foreign = audit(h1=host).report()
    assert "not in the port matrix" not in foreign and "no matrix of ports" in foreign


def test_each_host_asks_the_next_for_what_can_be_asked() -> None:
    hosts = {name: secured().port(53, "unknown", protocol="udp").facts for name in ("a", "b", "c")}
    asked = {name: targets(hosts, name) for name in hosts}
    assert {name: {one["host"] for one in listed} for name, listed in asked.items()} == {"a": {"b"}, "b": {"c"}, "c": {"a"}}
    assert sorted(one["port"] for one in asked["a"]) == [22, 2281, 3888, 8083, 9091, 9094]
    assert {one["address"] for one in asked["a"]} == {"10.0.0.1"}
    assert {one["host"] for one in targets({"a": hosts["a"]}, "a")} == {"a"}
    assert targets(hosts, "elsewhere") == []


def test_a_prober_that_failed_is_the_reason_why_a_port_is_not_known() -> None:
    hosts = {name: secured().facts for name in ("a", "b")}
    found = assess({}, hosts, {"a": "no python", "b": []})
    of = {(port.host, port.port): port for port in found.ports}
    assert of["b", 9091].answer == "unknown" and "no python" in of["b", 9091].how
    assert found.result(1) == UNKNOWN


def test_the_document_is_json_and_has_codes_and_values() -> None:
    host = Host(service("kafka", {"listeners": "PLAINTEXT://:9092"})).port(9092, "open", how="Kafka, asks for no login")
    document = json.loads(json.dumps(audit(h1=host, h2=host).document(NOW)))
    first = document["statements"][0]
    assert (first["number"], first["result"]) == (1, "fail")
    (finding,) = first["findings"]
    assert finding["hosts"] == ["h1", "h2"] and finding["values"] == {"listener": "PLAINTEXT"} and finding["remedy"]
    assert {port["answer"] for port in document["ports"]} == {"open"} and document["good"] is False


def test_both_languages_say_the_same() -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert SENTENCES.keys() == SENTENCES_KO.keys() and STATEMENTS.keys() == STATEMENTS_KO.keys()
    assert ANSWERS.keys() == ANSWERS_KO.keys() and RESULTS_KO.keys() == {PASS, FAIL, UNKNOWN}
    for code, english in SENTENCES.items():
        korean = SENTENCES_KO[code]
        assert [fields(part) for part in english] == [fields(part) for part in korean], code
        assert [bool(part) for part in english] == [bool(part) for part in korean], code
