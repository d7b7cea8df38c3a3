"""Ports in options, flags and environment, beside those that have a variable."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.written_ports import of_component, privileged
from hypothesis import given
from hypothesis import strategies as st


def ports(role: str, options: dict[str, Any] | None = None, **values: Any) -> list[tuple[str, int]]:
    found = of_component(role, options or {}, lambda _: f"{role}_config", lambda variable: values.get(variable))
    return [(one.place, one.port) for one in found]


@pytest.mark.parametrize(
    ("word", "port"),
    [
        ("-Dcom.sun.management.jmxremote.port=9999", 9999),
        ("-Dcom.sun.management.jmxremote.rmi.port=9998", 9998),
        ("-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005", 5005),
        ("-agentlib:jdwp=transport=dt_socket,server=y,address=5005", 5005),
        ("-javaagent:/opt/jmx.jar=7777:/etc/jmx.yml", 7777),
        ("-javaagent:/opt/jmx.jar=0.0.0.0:7777:/etc/jmx.yml", 7777),
        ("-javaagent:/opt/jmx.jar=[::1]:7777:/etc/jmx.yml", 7777),
    ],
)
def test_in_flags_of_java_and_in_the_environment(word: str, port: int) -> None:
    assert ports("kafka_broker", kafka_broker_jvm_flags=["-Xss1m", word]) == [("kafka_broker_jvm_flags[1]", port)]
    environment = {"JAVA_TOOL_OPTIONS": f"-Dx=y {word}", "OTHER": word}
    found = ports("kafka_connect", kafka_connect_environment=environment)
    assert found == [("kafka_connect_environment.JAVA_TOOL_OPTIONS", port)]


def test_jmx_and_its_rmi_may_share_one() -> None:
    word = "-Dcom.sun.management.jmxremote.port=9999 -Dcom.sun.management.jmxremote.rmi.port=9999"
    assert len(ports("zookeeper", zookeeper_environment={"JDK_JAVA_OPTIONS": word})) == 1
    assert len(ports("zookeeper", zookeeper_jvm_flags=word.split())) == 1
    assert len(ports("zookeeper", zookeeper_jvm_flags=["-javaagent:/a.jar=9:/a", "-javaagent:/b.jar=9:/b"])) == 2


@pytest.mark.parametrize(
    ("role", "options", "port"),
    [
        ("kafka_connect", {"admin.listeners": "http://:8084"}, 8084),
        ("kafka_connect", {"admin.listeners": ["https://a:8443/"]}, 8443),
        ("zookeeper", {"metricsProvider.httpPort": 7000}, 7000),
        ("zookeeper", {"admin.serverPort": "8080", "admin.enableServer": "true"}, 8080),
        ("elasticsearch", {"transport.profiles.client.port": 9500}, 9500),
        ("kibana", {"server.ssl.redirectHttpFromPort": 80}, 80),
    ],
)
def test_in_options(role: str, options: dict[str, Any], port: int) -> None:
    (found,) = ports(role, options)
    assert found[1] == port and found[0].startswith(f"{role}_config.")


def test_in_flags_of_programs() -> None:
    assert ports("alertmanager", alertmanager_flags=["--web.listen-address=:9999"]) == [("alertmanager_flags[0]", 9999)]
    assert ports("prometheus", prometheus_flags=["--web.listen-address", "[::]:9999"]) == [("prometheus_flags[0]", 9999)]


@pytest.mark.parametrize(
    ("role", "options"),
    [
        ("zookeeper", {"admin.serverPort": 8080}),
        ("zookeeper", {"admin.serverPort": 8080, "admin.enableServer": False}),
        ("kafka_connect", {"admin.listeners": ""}),
        ("kibana", {"xpack.reporting.kibanaServer.port": 443}),
        ("kafka_connect", {"admin.listeners": "{{ later }}"}),
    ],
)
def test_what_listens_nowhere(role: str, options: dict[str, Any]) -> None:
    assert ports(role, options) == []


@given(st.sets(st.integers(1, 65535), max_size=4), st.lists(st.integers(1, 65535), max_size=3))
def test_below_1024_the_unit_grants_the_right(numbers: set[int], listening: list[int]) -> None:
    listeners = [f"PLAINTEXT://:{port}" for port in listening]
    assert privileged(numbers, listeners) == any(port < 1024 for port in (*numbers, *listening))
