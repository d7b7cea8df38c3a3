"""What the audit reads on a host: command lines, sockets, files of settings, secrets, logs, from a /proc of this test's own."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import struct
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.audit import host as audit_host
from ansible_collections.estate.kafka.plugins.module_utils.audit.connectors import mirror_sides, mirrors_of_process
from ansible_collections.estate.kafka.plugins.module_utils.audit.host import host_facts
from ansible_collections.estate.kafka.plugins.module_utils.audit.processes import Process, as_row, kind_of, listeners, processes
from ansible_collections.estate.kafka.plugins.module_utils.audit.settings import (
    authorizer_log,
    in_words,
    is_clear,
    ports_of,
    service,
    split_listeners,
)
from ansible_collections.estate.kafka.plugins.module_utils.formats.properties import parsed, properties
from ansible_collections.estate.kafka.plugins.module_utils.http import PLAIN
from hypothesis import given, settings
from hypothesis import strategies as st

SECRET = "correct-horse-battery"
KAFKA = ["/usr/bin/java", "-Xmx1g", "-cp", "/opt/kafka/libs/*"]


def process(words: list[str], proc: Path = Path("/nowhere"), **more: Any) -> Process:
    return Process(7, kind_of(words, "x"), words, "kafka", more.pop("started", 4e9), proc=proc, **more)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ([*KAFKA, "kafka.Kafka", "/etc/server.properties"], "kafka"),
        (["java", "org.apache.zookeeper.server.quorum.QuorumPeerMain", "zoo.cfg"], "zookeeper"),
        (["java", "org.apache.kafka.connect.cli.ConnectDistributed", "w.properties"], "connect"),
        (["java", "-jar", "/opt/apicurio-registry-app-3.0.9-runner.jar"], "schema registry"),
        (["java", "-jar", "/opt/own.jar"], "java"),
        (["/usr/bin/prometheus", "--config.file=x"], "prometheus"),
        (["nginx: master process /usr/sbin/nginx"], "nginx"),
        (["/usr/bin/python3", "-u", "/opt/lag/exporter.py"], "exporter.py"),
    ],
)
def test_a_process_is_known_by_its_command_line(words: list[str], kind: str) -> None:
    assert kind_of(words, "comm") == kind


WORD = st.text("ab :=#!\\,\t\n\f\u0085가€😀", max_size=12)


@given(st.dictionaries(WORD.filter(bool), WORD, max_size=6))
@settings(max_examples=50, deadline=None)
def test_what_is_written_is_read_back(options: dict[str, str]) -> None:
    assert parsed(properties(options)) == options


def test_properties_as_people_write_them() -> None:
    text = "! a\n  # b\nlisteners = A://:1,\\\n    B://:2\nkey:value\nalone\npath=C:\\\\x\ntwice=1\ntwice=2\n\\u0061\\=b=c\n"
    assert parsed(text) == {
        "listeners": "A://:1,B://:2",
        "key": "value",
        "alone": "",
        "path": "C:\\x",
        "twice": "2",
        "a=b": "c",
    }
    assert split_listeners("A://:1,B://[::1]:2, http://h:3/") == [("A", "", 1), ("B", "::1", 2), ("http", "h", 3)]


def running(tmp_path: Path, settings: dict[str, str], *more: str, kind: str = "kafka.Kafka") -> dict[str, Any]:
    file = tmp_path / "own.properties"
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return service(process([*KAFKA, *more, kind, str(file)], tmp_path))


def test_settings_of_a_broker_that_nobody_here_built(tmp_path: Path) -> None:
    key = tmp_path / "broker.pem"
    pem = base64.encodebytes(b"any certificate").decode()
    key.write_text(f"key\n-----BEGIN CERTIFICATE-----\n{pem}-----END CERTIFICATE-----\n")
    key.chmod(0o640)
    found = running(tmp_path, {"listeners": "SSL://:9093", "ssl.keystore.location": str(key), "ssl.keystore.password": SECRET})
    assert found["source"].endswith("own.properties") and found["error"] == "" and not found["stale"]
    assert found["config"]["listeners"] == "SSL://:9093" and ports_of(found) == {9093: "kafka"}
    assert [(one["path"], one["mode"]) for one in found["files"]] == [(str(key), "0640")]
    assert found["files"][0]["certificate"] == hashlib.sha256(b"any certificate").hexdigest()
    assert found["clear"] == [f"{found['source']}: ssl.keystore.password"]
    assert SECRET not in json.dumps(found)
    old = service(process([*KAFKA, "kafka.Kafka", found["source"]], tmp_path, started=1.0))
    assert old["stale"]
    gone = service(process([*KAFKA, "kafka.Kafka", "/nowhere/server.properties"], tmp_path))
    assert gone["config"] == {} and "No such file" in gone["error"]


def test_overrides_and_system_properties_win(tmp_path: Path) -> None:
    file = tmp_path / "s.properties"
    file.write_text("broker.id=1\n")
    words = [*KAFKA, "kafka.Kafka", str(file), "--override", "broker.id=7"]
    assert service(process(words, tmp_path))["config"] == {"broker.id": "7"}
    words = ["java", "-Dzookeeper.sslQuorum=true", "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(file)]
    file.write_text("clientPort=2181\nserver.1=a:2888:3888;2181\nadmin.serverPort=8081\n")
    found = service(process(words, tmp_path))
    assert found["config"]["sslQuorum"] == "true"
    assert ports_of(found) == {2181: "zookeeper", 2888: "quorum", 3888: "quorum", 8081: "http"}
    file.write_text("secureClientPort=2281\nadmin.enableServer=false\n")
    assert ports_of(service(process(words, tmp_path))) == {2281: "zookeeper"}


@pytest.mark.parametrize(
    ("name", "value", "clear"),
    [
        ("ssl.keystore.password", SECRET, True),
        ("ssl.keystore.password", "${file:/etc/secrets:key}", False),
        ("ssl.truststore.password", "changeit", False),
        ("sasl.jaas.config", f'a.b.ScramLoginModule required username="u" password="{SECRET}";', True),
        ("sasl.jaas.config", "a.b.ScramLoginModule required;", False),
        ("sasl.jaas.config", "${file:/etc/secrets:jaas}", False),
        ("sasl.jaas.config", 'a.b.ScramLoginModule required username="u" password="${file:/s:p}";', False),
        ("connection.url", f"jdbc:postgresql://u:{SECRET}@h/d", True),
        ("log.dirs", "/var/lib/kafka", False),
    ],
)
def test_what_is_a_secret_in_clear_text(name: str, value: str, clear: bool) -> None:
    assert is_clear(name, value) is clear


def test_secrets_of_command_lines_are_named_and_not_told() -> None:
    words = [f"-Djavax.net.ssl.keyStorePassword={SECRET}", "--password", SECRET, f"--sasl.password={SECRET}", "--port", "9092"]
    found = in_words(words)
    assert found == [
        "command line: -Djavax.net.ssl.keyStorePassword",
        "command line: --password",
        "command line: --sasl.password",
    ]
    assert in_words(["-Djavax.net.ssl.trustStorePassword=changeit", "--password-file", "/etc/x"]) == []


OWN = "kafka.authorizer.logger"
LOG4J2 = f"rootLogger.level=warn\nlogger.x.name={OWN}\nlogger.x.level=info\n"
YAML = f"Loggers:\n  Root:\n    level: INFO\n  Logger:\n    - name: {OWN}\n      level: OFF\n"
XML = '<Loggers><Logger name="kafka" level="WARN"/><Root level="info"/></Loggers>'


@pytest.mark.parametrize(
    ("name", "text", "level", "logger"),
    [
        ("a.properties", f"log4j.rootLogger=WARN, f\nlog4j.logger.{OWN}=INFO, f\n", "INFO", OWN),
        ("a.properties", "log4j.rootLogger=INFO, f\nlog4j.logger.kafka=ERROR\n", "ERROR", "kafka"),
        ("a.properties", "log4j.rootLogger=INFO, f\n", "INFO", "root"),
        ("b.properties", LOG4J2, "INFO", OWN),
        ("c.yaml", YAML, "OFF", OWN),
        ("d.xml", XML, "WARN", "kafka"),
        ("d.xml", '<Loggers><Root level="info"/></Loggers>', "INFO", "root"),
    ],
)
def test_the_level_of_the_authorizer_is_that_of_the_nearest_logger(
    tmp_path: Path, name: str, text: str, level: str, logger: str
) -> None:
    (tmp_path / name).write_text(text)
    flag = "log4j.configuration" if name == "a.properties" else "log4j2.configurationFile"
    found = authorizer_log(process([*KAFKA, f"-D{flag}=file:{tmp_path / name}", "kafka.Kafka"], tmp_path))
    assert found == {"level": level, "logger": logger, "error": ""}
    assert authorizer_log(process([*KAFKA, "kafka.Kafka"]))["error"]


def test_agents_and_jmx(tmp_path: Path) -> None:
    flags = ["-javaagent:/opt/jmx.jar=127.0.0.1:7071:/etc/x.yml", "-javaagent:/opt/jolokia.jar=port=8778,host=0.0.0.0"]
    found = running(
        tmp_path, {}, *flags, "-Dcom.sun.management.jmxremote.port=9999", f"-Dcom.sun.management.jmxremote.x={SECRET}"
    )
    assert found["agents"] == [
        {"name": "jmx.jar", "address": "127.0.0.1", "port": 7071},
        {"name": "jolokia.jar", "address": "0.0.0.0", "port": 8778},
    ]
    assert found["system"]["com.sun.management.jmxremote.port"] == "9999"


def test_mirrors_as_connectors_and_as_a_process() -> None:
    jaas = 'ScramLoginModule required username="{}" password="x";'
    connector = {
        "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
        "source.cluster.security.protocol": "SASL_SSL",
        "source.cluster.sasl.jaas.config": jaas.format("up"),
        "target.cluster.security.protocol": "SASL_SSL",
        "target.cluster.sasl.jaas.config": "${file:/etc/secrets:down}",
    }
    worker = {"security.protocol": "SASL_SSL", "sasl.jaas.config": jaas.format("worker")}
    (found,) = mirror_sides("m", connector, worker)
    assert (found["source"]["who"], found["target"]["who"], found["worker"]) == (
        "user up",
        "${file:/etc/secrets:down}",
        "user worker",
    )
    assert mirror_sides("other", {**connector, "connector.class": "a.FileStreamSink"}, worker) == []
    alone = {"clusters": "a,b", "a->b.enabled": "true", "b->a.enabled": "false", "a.security.protocol": "SSL"}
    (flow,) = mirrors_of_process({**alone, "a.ssl.keystore.location": "/k.pem"})
    assert flow["name"] == "a->b" and flow["source"] == {"protocol": "SSL", "who": "/k.pem"}
    assert flow["target"] == {"protocol": "PLAINTEXT", "who": ""}


def test_sockets_are_read_as_the_kernel_writes_them(tmp_path: Path) -> None:
    def raw(address: str, family: int) -> str:
        data = socket.inet_pton(family, address)
        return "".join(f"{struct.unpack('=I', data[at : at + 4])[0]:08X}" for at in range(0, len(data), 4))

    def line(address: str, port: int, state: str, inode: int, family: int = socket.AF_INET) -> str:
        return f"0: {raw(address, family)}:{port:04X} 0:0 {state} 0:0 0:0 0 {os.getuid()} 0 {inode} 1"

    net = tmp_path / "net"
    net.mkdir()
    six = socket.AF_INET6
    tcp = [line("0.0.0.0", 9092, "0A", 1), line("127.0.0.1", 8084, "0A", 2), line("10.0.0.1", 9, "01", 3)]
    tcp6 = [line("::", 2181, "0A", 4, six), line("::ffff:127.0.0.1", 5, "0A", 5, six)]
    udp = [line("0.0.0.0", 9094, "07", 6), line("0.0.0.0", 40000, "07", 7)]
    for name, lines in (("tcp", tcp), ("tcp6", tcp6), ("udp", udp)):
        (net / name).write_text("\n".join(["head", *lines]))
    found = {(one.protocol, one.address, one.port, one.local) for one in listeners(tmp_path)}
    assert found == {
        ("tcp", "0.0.0.0", 9092, False),
        ("tcp", "127.0.0.1", 8084, True),
        ("tcp", "::", 2181, False),
        ("tcp", "127.0.0.1", 5, True),
        ("udp", "0.0.0.0", 9094, False),
    }
    assert processes(tmp_path) == []


def test_a_socket_belongs_to_who_is_seen_or_says_so_or_is_alone() -> None:
    def owner(known: list[Process], ports: dict[int, int]) -> str:
        from ansible_collections.estate.kafka.plugins.module_utils.audit.processes import Listener

        return str(as_row(Listener("tcp", "0.0.0.0", 9092, "kafka", "77"), known, ports)["process"])

    broker = process([*KAFKA, "kafka.Kafka", "x"])
    other = Process(8, "connect", ["java"], "kafka", 0.0)
    assert owner([broker, Process(9, "nc", ["nc"], "root", 0.0, sockets={"77"})], {}) == "nc"
    assert owner([broker, other], {9092: 8}) == "connect"
    assert owner([broker], {}) == "kafka"
    assert owner([broker, other], {}) == owner([], {}) == ""


def test_this_machine_is_read_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The listener of this very test is found, with its process, and what is on loopback is told apart."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
        facts = host_facts({}, PLAIN, 1)
        (row,) = [row for row in facts["listeners"] if row["port"] == port and row["protocol"] == "tcp"]
    assert row["local"] and row["pid"] == os.getpid() and facts["now"] > 1e9
    assert json.loads(json.dumps(facts)) == facts


def test_connectors_are_asked_of_the_worker_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"connector.class": "a.B", "database.password": SECRET}
    asked = []

    def read(url: str, timeout: float, tls: Any) -> str:
        asked.append(url)
        return json.dumps({"c": {"info": {"config": config}}})

    monkeypatch.setattr(audit_host, "read", read)
    found = audit_host._connectors({"listeners": "https://0.0.0.0:8083"}, PLAIN, 1)
    assert asked == ["https://127.0.0.1:8083/connectors?expand=info"]
    assert found == {"error": "", "clear": ["connector c: database.password"], "mirrors": []}
    monkeypatch.undo()
    assert audit_host._connectors({"listeners": "http://127.0.0.1:1"}, PLAIN, 1)["error"]


def test_a_file_that_was_written_just_before_the_start_is_not_newer_than_the_process(tmp_path: Path) -> None:
    """As every roll does: the start is known to a second only."""
    file = tmp_path / "s.properties"
    file.write_text("broker.id=1\n")
    written = file.stat().st_mtime
    for started, stale in ((written - 0.9, False), (written + 10, False), (written - 10, True)):
        assert service(process([*KAFKA, "kafka.Kafka", str(file)], tmp_path, started=started))["stale"] is stale
