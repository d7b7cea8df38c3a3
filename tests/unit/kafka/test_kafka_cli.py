"""The command line on a broker host: each link runs its tool and knows the cluster, unless told otherwise."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.filter.client import client, java_client

ROLE = Path(__file__).resolve().parents[3] / "roles/kafka_broker"
SCRIPT = ROLE / "templates/kafka-cli.sh"
VARIABLES = yaml_load((ROLE / "vars/main.yml").read_text())
# A cluster has the one or the other.
METADATA_TOOLS = ["kafka-metadata-quorum", "zookeeper-shell"]
TOOLS: list[str] = sorted([*VARIABLES["_kafka_broker_cli_tools"], *METADATA_TOOLS])

Run = Callable[..., list[str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a tool with a Java that prints its arguments; return the class and what follows."""
    java = tmp_path / "java"
    java.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    java.chmod(0o755)
    settings = {
        "CLIENT": tmp_path / "client.properties",
        "JAVA": java,
        "LIBS": "/libs/*",
        "LOG4J": "/log4j",
        "BOOTSTRAP_SERVERS": "b1:9092,b2:9092",
        "ZOOKEEPER": "z:2181",
    }
    (tmp_path / "cli.env").write_text("# comment\n" + "".join(f"KAFKA_{key}={value}\n" for key, value in settings.items()))
    monkeypatch.setenv("KAFKA_CLI_ENV", str(tmp_path / "cli.env"))

    def call(tool: str, *words: str, under: Sequence[str] = ()) -> list[str]:
        link = tmp_path / tool
        link.symlink_to(SCRIPT)
        out = subprocess.run([*under, "sh", link, *words], check=True, capture_output=True, text=True).stdout.splitlines()
        return out[out.index("/libs/*") + 1 :]

    return call


def test_the_role_links_every_tool_the_script_knows() -> None:
    known = re.findall(r"^((?:kafka|zookeeper)-[a-z-]+)\)", SCRIPT.read_text(), re.MULTILINE)
    assert known == TOOLS
    assert VARIABLES["_kafka_broker_cli_tools"] == sorted(VARIABLES["_kafka_broker_cli_tools"])
    assert all(name in VARIABLES["_kafka_broker_cli_metadata_tools"] for name in METADATA_TOOLS)


@pytest.fixture
def line_4(tmp_path: Path, run: Run) -> None:
    """The same cluster without ZooKeeper."""
    env = tmp_path / "cli.env"
    lines = [line for line in env.read_text().splitlines() if "ZOOKEEPER" not in line]
    env.write_text("\n".join([*lines, "KAFKA_LINE=4", "KAFKA_BOOTSTRAP_CONTROLLERS=c1:9095", ""]))


@pytest.mark.usefixtures("line_4")
@pytest.mark.parametrize(
    ("tool", "main"),
    [
        ("kafka-acls", "org.apache.kafka.tools.AclCommand"),
        ("kafka-broker-api-versions", "org.apache.kafka.tools.BrokerApiVersionsCommand"),
        ("kafka-configs", "kafka.admin.ConfigCommand"),
        ("kafka-console-producer", "org.apache.kafka.tools.ConsoleProducer"),
        ("kafka-dump-log", "org.apache.kafka.tools.DumpLogSegments"),
        ("kafka-metadata-quorum", "org.apache.kafka.tools.MetadataQuorumCommand"),
        ("kafka-topics", "org.apache.kafka.tools.TopicCommand"),
    ],
)
def test_kafka_4_has_its_tools_elsewhere(run: Run, tool: str, main: str) -> None:
    assert run(tool, "--x")[0] == main


@pytest.mark.usefixtures("line_4")
def test_kafka_4_has_one_name_for_settings_and_still_knows_the_older_ones(run: Run, tmp_path: Path) -> None:
    (tmp_path / "client.properties").write_text("")
    settings = str(tmp_path / "client.properties")
    assert run("kafka-console-consumer", "--topic", "t")[3:5] == ["--command-config", settings]
    assert "--command-config" not in run("kafka-console-producer", "--producer.config", "/own")


def test_kafka_4_has_log4j_2(run: Run, line_4: None, tmp_path: Path) -> None:
    (tmp_path / "kafka-topics").symlink_to(SCRIPT)
    said = subprocess.run(["sh", tmp_path / "kafka-topics"], check=True, capture_output=True, text=True).stdout
    assert "-Dlog4j2.configurationFile=file:/log4j" in said and "log4j.configuration=" not in said


def test_the_cluster_is_known(run: Run) -> None:
    assert run("kafka-topics", "--list") == [
        "org.apache.kafka.tools.TopicCommand",
        "--bootstrap-server",
        "b1:9092,b2:9092",
        "--list",
    ]


@pytest.mark.parametrize(
    "given",
    [
        ["--bootstrap-server", "x:1"],
        ["--bootstrap-server=x:1"],
        ["--help"],
        ["--version"],
        ["--zookeeper", "z:1"],
        ["--zookeeper=z:1"],
    ],
)
def test_an_address_that_is_given_wins(run: Run, given: list[str]) -> None:
    assert run("kafka-configs", *given)[1:] == given


def test_words_stay_words(run: Run) -> None:
    assert run("kafka-console-producer", "--producer.config", "/a b")[1:] == [
        "--bootstrap-server",
        "b1:9092,b2:9092",
        "--producer.config",
        "/a b",
    ]


def test_tools_with_ways_of_their_own(run: Run) -> None:
    assert run("kafka-cluster", "cluster-id")[1:] == ["cluster-id", "--bootstrap-server", "b1:9092,b2:9092"]
    assert run("kafka-dump-log", "--files", "x")[1:] == ["--files", "x"]
    assert run("kafka-producer-perf-test", "--topic", "t")[1:3] == ["--producer-props", "bootstrap.servers=b1:9092,b2:9092"]
    assert run("zookeeper-shell", "ls", "/")[1:] == ["-server", "z:2181", "ls", "/"]


def test_zookeeper_shell_with_a_server(run: Run) -> None:
    assert run("zookeeper-shell", "other:2181", "ls", "/")[1:] == ["-server", "other:2181", "ls", "/"]


def test_another_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cli.env").write_text("KAFKA_BOOTSTRAP_SERVERS=b\n")
    monkeypatch.setenv("KAFKA_CLI_ENV", str(tmp_path / "cli.env"))
    (tmp_path / "kafka-nothing").symlink_to(SCRIPT)
    done = subprocess.run(["sh", tmp_path / "kafka-nothing"], check=False, capture_output=True, text=True)
    assert done.returncode == 64 and "kafka-nothing: not a tool" in done.stderr


# -- a cluster where clients log in ------------------------------------------------------------------------------------

LOGIN_OPTIONS = {
    "kafka-cluster": "--config",
    "kafka-console-consumer": "--consumer.config",
    "kafka-console-producer": "--producer.config",
    "kafka-consumer-perf-test": "--consumer.config",
    "kafka-leader-election": "--admin.config",
    "kafka-producer-perf-test": "--producer.config",
    "kafka-verifiable-consumer": "--consumer.config",
    "kafka-verifiable-producer": "--producer.config",
}


@pytest.fixture
def login(tmp_path: Path) -> Path:
    """Return the file with the login of this host's cluster."""
    path = tmp_path / "client.properties"
    path.write_text("security.protocol=SASL_PLAINTEXT\n")
    return path


@pytest.mark.parametrize("tool", TOOLS)
def test_each_tool_gets_the_login_by_its_own_option(run: Run, login: Path, tool: str) -> None:
    words = run(tool, "x")
    if tool in ("kafka-dump-log", "zookeeper-shell"):
        assert str(login) not in words
    else:
        assert words[words.index(str(login)) - 1] == LOGIN_OPTIONS.get(tool, "--command-config")


@pytest.mark.parametrize(
    "given", [["--bootstrap-server", "x:1"], ["--command-config", "/own"], ["--command-config=/own"], ["--zookeeper", "z:1"]]
)
def test_the_login_goes_to_no_other_address_and_beside_no_other(run: Run, login: Path, given: list[str]) -> None:
    assert str(login) not in run("kafka-configs", *given)


def test_who_may_not_read_the_login_is_told(run: Run, login: Path) -> None:
    login.chmod(0)
    # Root may read every file, unless it goes without that right.
    powerless = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    with pytest.raises(subprocess.CalledProcessError) as failed:
        run("kafka-topics", "--list", under=powerless)
    assert failed.value.returncode == 77


CLIENT = {"security.protocol": "sasl_ssl", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "me", "sasl.password": 'a"b\\c'}


def test_the_login_is_laid_over_the_address_of_the_cluster() -> None:
    cluster = {"bootstrap": "a:9092,b:9092", "brokers": []}
    assert client(cluster, {}) == {"bootstrap.servers": "a:9092,b:9092"}
    assert client(cluster, {**CLIENT, "bootstrap.servers": "a:9094", "client.id": None}) == {
        **CLIENT,
        "bootstrap.servers": "a:9094",
    }


def test_settings_of_librdkafka_become_those_of_java() -> None:
    assert java_client({}) == {}
    assert java_client({**CLIENT, "ssl.ca.location": "/ca.pem", "socket.timeout.ms": 1, "bootstrap.servers": "b:1"}) == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required"
        ' username="me" password="a\\"b\\\\c";',
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": "/ca.pem",
    }


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"sasl.mechanism": "GSSAPI"}, "sasl.mechanism is GSSAPI"), ({"sasl.password": ""}, "sasl.password is not")],
)
def test_a_login_that_java_cannot_have_is_named(wrong: dict[str, str], words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=words):
        java_client({**CLIENT, **wrong})
