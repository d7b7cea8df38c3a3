"""Hosts as their administrators left them: own names, mounts, folders in data directories, kernel, names no URI takes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.addresses import binds, uri_host
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.modules import preflight_host
from hypothesis import given, settings
from hypothesis import strategies as st
from test_preflight import broker_directory, facts, healthy, judge, name_of, observed
from test_topology import Estate

LOOPBACK = name_of("kafka2", addresses=["127.0.1.1"])


def found(estate: Estate, *breaks: Any, host: str = "kafka2") -> tuple[list[str], list[str]]:
    seen: Any = healthy(estate)
    for break_it in breaks:
        break_it(seen[host])
    problems, warnings = judge(seen, estate)
    return list(problems), list(warnings)


def test_debians_own_line_for_the_own_name_is_no_problem() -> None:
    assert found(Estate(), LOOPBACK) == ([], [])


@pytest.mark.parametrize(
    ("variable", "value", "wrong"),
    [
        ("kafka_broker_listeners", ["PLAINTEXT://kafka2:9092"], True),
        ("kafka_broker_listeners", ["PLAINTEXT://:9092", "SSL://kafka2:9093"], True),
        ("kafka_broker_listeners", ["PLAINTEXT://0.0.0.0:9092", "LOCAL://127.0.0.1:9095", "V6://[::]:9094"], False),
        ("elasticsearch_network_host", "kafka2", True),
        ("elasticsearch_network_host", "_site_", False),
        ("elasticsearch_config", {"network.publish_host": "kafka2"}, True),
        ("elasticsearch_config", {"network.bind_host": ["_local_", "kafka2"]}, True),
        ("elasticsearch_config", {"node.attr.rack": "kafka2"}, False),
    ],
)
def test_a_component_that_binds_the_own_name_is_told_where_that_is_loopback(variable: str, value: Any, wrong: bool) -> None:
    estate = Estate()
    estate.hostvars["kafka2"][variable] = value
    assert found(estate) == ([], [])
    problems, _ = found(estate, LOOPBACK)
    assert len(problems) == wrong, problems
    if wrong:
        assert problems[0].startswith(
            f"kafka2: {variable}: found the host's own name kafka2, which is 127.0.1.1 on the host itself. No other host"
        )


def test_listeners_are_read_as_kafka_writes_them() -> None:
    values = {"kafka_broker_listeners": ["A://one.test:1", "B://[2001:db8::1]:2", "C://:3", "D://0.0.0.0:4"]}
    assert binds("kafka_broker", values.get) == {"kafka_broker_listeners": ["one.test", "2001:db8::1"]}


@pytest.mark.parametrize("folder", ["lost+found", "backup", "orders", "orders-", "orders-x", "kafka"])
def test_a_folder_no_partition_has_is_named_before_the_broker_throws(folder: str) -> None:
    problems, _ = found(Estate(), broker_directory(folders=["orders-0", folder]))
    assert len(problems) == 1
    assert problems[0].startswith(
        f"kafka2: kafka_broker_log_dirs: found /var/lib/kafka/data, with {folder} in it. A broker refuses"
    )
    assert "such as /var/lib/kafka/data/kafka" in problems[0]


def test_a_brokers_own_folders_are_none_of_these() -> None:
    own = ["orders-0", "a.b_c-d-17", "orders-1.6f2a0c1e9bde4c0f8a71d0c5a5b7d1aa-delete", "t-3.ab12-future", "t-4.ab12-stray"]
    assert found(Estate(), broker_directory(folders=[*own, "remote-log-index-cache"])) == ([], [])


@pytest.mark.parametrize(
    ("directories", "inside"),
    [
        (["/var/lib/kafka"], "/var/lib/kafka/tmp"),
        (["/data1", "/data1/second"], "/data1/second"),
        (["/var/lib"], "/var/lib/zookeeper"),
    ],
)
def test_a_log_directory_around_another_directory_of_the_estate_is_named(directories: list[str], inside: str) -> None:
    estate = Estate()
    estate.hostvars["zk1"]["kafka_broker_log_dirs"] = directories
    problems, _ = found(estate, host="zk1")
    assert len(problems) == 1
    assert f"zk1: kafka_broker_log_dirs: found {directories[0]}, with {inside}" in problems[0]


@pytest.mark.parametrize(
    ("path", "options", "expected"),
    [
        ("/opt", ["rw", "noexec"], "kafka2: mount options: found /opt on /m, mounted noexec. Mount it without noexec: programs"),
        (
            "/var/lib",
            ["rw", "noexec"],
            "kafka2: mount options: found /var/lib on /m, mounted noexec. Mount it without noexec: Java",
        ),
        ("/var/lib/kafka/data", ["rw", "noexec", "nosuid"], ""),
        (
            "/var/lib/kafka/data",
            ["ro"],
            "kafka2: kafka_broker_log_dirs: found /var/lib/kafka/data on the read-only file system /m.",
        ),
    ],
)
def test_mounts(path: str, options: list[str], expected: str) -> None:
    problems, warnings = found(Estate(), observed(mounts={path: {"point": "/m", "options": options}}))
    assert warnings == [] and len(problems) == bool(expected)
    assert not expected or problems[0].startswith(expected)


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [
        ({"transparent_hugepages": "always"}, "transparent huge pages: found 'always'"),
        ({"transparent_hugepages": "madvise"}, ""),
        ({"swap_used_mb": 900}, "swap: found 900 MiB in use"),
        ({"swap_used_mb": 0}, ""),
        (
            {"max_map_count": 65530, "max_map_count_writable": False},
            "vm.max_map_count: found 65530, which this run cannot change",
        ),
        ({"max_map_count": 65530, "max_map_count_writable": True}, ""),
    ],
)
def test_the_kernel_is_looked_at(kernel: dict[str, Any], expected: str) -> None:
    problems, warnings = found(Estate(), observed(kernel=kernel))
    assert problems == [] and len(warnings) == bool(expected)
    assert not expected or warnings[0].startswith(f"kafka2: {expected}")


def test_too_few_processes_are_refused_where_elasticsearch_would_and_warned_of_elsewhere() -> None:
    few = observed(kernel={"processes_max": 1024})
    assert [len(lines) for lines in found(Estate(), few)] == [1, 0]
    assert [len(lines) for lines in found(Estate(), few, host="zk1")] == [0, 1]


def test_an_old_python_is_named() -> None:
    old = facts(python={"executable": "/usr/bin/python3", "version": {"major": 3, "minor": 8, "micro": 10}})
    (problem,), _ = found(Estate(), old)
    assert problem.startswith("kafka2: ansible_python_interpreter: found Python 3.8 at /usr/bin/python3. Install Python 3.9")


@pytest.mark.parametrize(
    ("name", "advertised", "refused"),
    [
        ("zk_1", None, True),
        ("zk1", "worker_1", True),
        ("zk_1", "worker-1", False),
        ("zk_1", "192.0.2.7", False),
        ("zk1", None, False),
    ],
)
def test_a_worker_needs_a_name_that_java_takes_in_a_uri(name: str, advertised: str | None, refused: bool) -> None:
    estate = Estate()
    for group in estate.groups.values():
        group[:] = [name if host == "zk1" else host for host in group]
    estate.hostvars[name] = estate.hostvars.pop("zk1") if name != "zk1" else estate.hostvars["zk1"]
    if advertised:
        estate.hostvars[name]["kafka_connect_advertised_host"] = advertised
    lines = render(estate.plan().problems)
    wanted = f"{name}: kafka_connect_advertised_host: found the name '{advertised or name}', which is no host of a URI."
    assert [line.startswith(wanted) for line in lines if "URI" in line] == [True] * refused


LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)


@settings(max_examples=40)
@given(st.lists(LABEL, min_size=1, max_size=4), st.sampled_from("_ %:/?@한"))
def test_names_of_uris(labels: list[str], sign: str) -> None:
    name = ".".join(labels)
    assert uri_host(name)
    assert not uri_host(name + sign + "x")


def test_this_host_is_seen_as_it_is(tmp_path: Any) -> None:
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "orders-0").mkdir()
    (tmp_path / "meta.properties").write_text("broker.id=3\n")
    seen = preflight_host.data_directory(str(tmp_path))
    assert (seen["folders"], seen["id"], seen["live"]) == (["lost+found", "orders-0"], "3", True)
    assert preflight_host.mounts([str(tmp_path / "new/deep")])[str(tmp_path / "new/deep")]["options"]
    assert preflight_host.kernel()["max_map_count"] > 0
    assert preflight_host.memory_mb() > 100
