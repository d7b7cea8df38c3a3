"""Flags over which Java, or a program that takes each once, ends before it does anything."""

from __future__ import annotations

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.flags import COLLECTORS, java_mistakes, program_mistakes
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("flags", "place", "remedy"),
    [
        (["XX:+UseG1GC"], 0, "begins with '-'"),
        (["-Xss1m", "\u2013XX:+UseG1GC"], 1, "begins with '-'"),
        ([""], 0, "begins with '-'"),
        (["-XX:+UseG1GC -server"], 0, "each flag as an item"),
        (["-XX:+UseG1GC -XX:+UseZGC"], 0, "each flag as an item"),
        (["-XX:UseG1GC"], 0, "-XX:+NAME"),
        (["-XX:+MaxGCPauseMillis=20"], 0, "-XX:NAME=VALUE"),
        (["-XX:+PrintGCDateStamps"], 0, "kafka_broker_gc_log"),
        (["-XX:NumberOfGCLogFiles=5"], 0, "kafka_broker_gc_log"),
        (["-XX:+UseG1GC", "-Xss1m", "-XX:+UseParallelGC"], 2, "one collector"),
        (["-cp", "/x"], 0, "by the unit"),
        (["--class-path=/x"], 0, "by the unit"),
        (["-jar"], 0, "by the unit"),
    ],
)
def test_a_flag_with_which_java_does_not_start(flags: list[str], place: int, remedy: str) -> None:
    found = [(where, what) for where, _, what in java_mistakes("kafka_broker", flags)]
    assert any(where == f"kafka_broker_jvm_flags[{place}]" and remedy in what for where, what in found), found


@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["-XX:+UseG1GC", "-XX:-UseG1GC", "-XX:+UseZGC"],
        ["-XX:+UseZGC", "-XX:+UseZGC"],
        ["-XX:+PrintGCDetails", "-Xloggc:/var/log/gc.log", "-server", "-Xss512k", "-ea", "-XX:OnOutOfMemoryError=kill -9 %p"],
        ["-Da=b c", "-Dempty=", "-Dalone"],
        ["--add-opens", "java.base/java.lang=ALL-UNNAMED", "--add-exports=java.base/sun.net=ALL-UNNAMED"],
        ["@/etc/kafka/java.args", "{{ flags_of_the_site }}"],
        ["-XX:+IgnoreUnrecognizedVMOptions", "-XX:+PrintGCDateStamps"],
        ["-agentlib:jdwp=transport=dt_socket,server=y,address=5005", "-javaagent:/opt/x.jar=9404:/etc/x.yml"],
    ],
)
def test_flags_that_java_takes(flags: list[str]) -> None:
    assert list(java_mistakes("kafka_broker", flags)) == []


def test_elasticsearch_names_the_java_that_a_flag_is_for() -> None:
    assert list(java_mistakes("elasticsearch", ["20-:--add-modules=jdk.incubator.vector", "17-19:-XX:+UseG1GC"])) == []
    assert list(java_mistakes("elasticsearch", ["17:-XX:+UseG1GC", "18-:-XX:+UseZGC"])) == []
    assert list(java_mistakes("kafka_broker", ["20-:-XX:+UseG1GC"]))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(COLLECTORS), st.booleans()), max_size=6))
def test_java_takes_one_collector(chosen: list[tuple[str, bool]]) -> None:
    flags = [f"-XX:{'+' if on else '-'}{name}" for name, on in chosen]
    assert bool(list(java_mistakes("zookeeper", flags))) == (sum(dict(chosen).values()) > 1)


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.none(), st.lists(st.one_of(st.text(max_size=20), st.integers(), st.none()))))
def test_any_flags_are_judged(flags: object) -> None:
    for place, _, remedy in [*java_mistakes("elasticsearch", flags), *program_mistakes("prometheus", flags)]:
        assert "_flags[" in place and remedy


@pytest.mark.parametrize(
    ("role", "flags", "remedy"),
    [
        ("prometheus", ["web.enable-lifecycle"], "begins with '--'"),
        ("prometheus", ["--web.enable-lifecycle=true", "x"], "begins with '--'"),
        ("prometheus", ["--storage.tsdb.retention.time=3d"], "prometheus_retention_time"),
        ("prometheus", ["--config.file", "/x"], "prometheus_config_dir"),
        ("alertmanager", ["--cluster.listen-address=:1"], "alertmanager_cluster_port"),
        ("blackbox_exporter", ["-config.file=/x"], "blackbox_exporter_config_dir"),
    ],
)
def test_a_flag_that_is_none_or_that_the_role_passes_too(role: str, flags: list[str], remedy: str) -> None:
    assert any(remedy in what for _, _, what in program_mistakes(role, flags))


def test_flags_that_a_program_takes() -> None:
    flags = ["--web.enable-lifecycle", "--log.level", "debug", "--storage.tsdb.wal-compression", "--web.listen-address=:9999"]
    assert list(program_mistakes("prometheus", flags)) == []
    assert list(program_mistakes("grafana", None)) == []
