"""What preflight says of observed hosts: each thing wrong gives a line with host, variable, value found and remedy."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import COMPONENTS, PREFLIGHT_OPTIONS
from ansible_collections.estate.kafka.plugins.module_utils.estate.preflight import GIB, evaluate
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.system import java_major
from ansible_collections.estate.kafka.plugins.modules import preflight, preflight_host
from test_topology import Estate

Seen = dict[str, dict[str, Any] | None]
LISTENER = {"units": [], "processes": ["python3"], "user": "peter"}


def healthy(estate: Estate) -> Seen:
    """Return what would be observed on bare hosts of 16 GiB that have everything."""
    placement = estate.plan().placement
    return {host: observation(carried, list(placement)) for host, carried in placement.items()}


def observation(carried: dict[str, Any], hosts: list[str]) -> dict[str, Any]:
    space = {"on": "/", "device": 1, "free": 100 * GIB, "total": 200 * GIB, "live": False}
    return {
        "ansible_facts": {
            "ansible_distribution": "Debian",
            "ansible_distribution_version": "12",
            "ansible_os_family": "Debian",
            "ansible_service_mgr": "systemd",
            "ansible_memtotal_mb": 16384,
        },
        "observed": {
            "root": True,
            "user": "root",
            "install": {**space, "releases": []},
            "disks": {
                path: {**space, "id": None, "cluster_id": None} for row in carried["components"] for path in row["data_dirs"]
            },
            "listeners": {},
            "java": {"path": "/usr/bin/java", "version": "17.0.9"},
            "names": {name: {"addresses": ["192.0.2.1"]} for name in hosts},
        },
        "clock": {"before": 100.0, "host": 100.5, "after": 101.0},
    }


def judge(seen: Seen, estate: Estate | None = None) -> tuple[list[str], list[str]]:
    outcome = (estate or Estate()).plan()
    problems, warnings = evaluate(outcome.placement, outcome.topology["clusters"], seen)
    return render(problems), render(warnings)


def test_healthy_hosts() -> None:
    assert judge(healthy(Estate())) == ([], [])


Break = Callable[[Any], Any]


def facts(**values: Any) -> Break:
    return lambda host: host["ansible_facts"].update({f"ansible_{name}": value for name, value in values.items()})


def observed(**values: Any) -> Break:
    return lambda host: host["observed"].update(values)


def broker_directory(**values: Any) -> Break:
    return lambda host: host["observed"]["disks"]["/var/lib/kafka/data"].update(values)


def name_of(other: str, **answer: Any) -> Break:
    return lambda host: host["observed"]["names"].update({other: answer})


def clock(ahead: float) -> Break:
    return lambda host: host["clock"].update(host=100.5 + ahead)


BAD: dict[str, tuple[str, Break, str]] = {
    "id of a live broker": (
        "kafka2",
        broker_directory(id="7", live=True),
        "kafka2: kafka_broker_id: found 2 in the inventory and 7 in /var/lib/kafka/data. Set kafka_broker_id to 7;",
    ),
    "data of another cluster": (
        "kafka2",
        lambda host: None,
        "kafka2: kafka_broker_cluster: found data of cluster id BBB in /var/lib/kafka/data, and kafka1 of kafka-1 has AAA.",
    ),
    "foreign process on a port": (
        "kafka2",
        observed(listeners={"9092": LISTENER}),
        "kafka2: kafka_broker_port: found port 9092 held by python3 (user peter). Stop it, or choose another port",
    ),
    "foreign unit on a port": (
        "kafka2",
        observed(listeners={"9200": {**LISTENER, "units": ["opensearch.service"]}}),
        "kafka2: elasticsearch_port: found port 9200 held by opensearch.service (user peter).",
    ),
    "memory": (
        "zk1",
        facts(memtotal_mb=900),
        "zk1: zookeeper_heap, kafka_broker_heap, kafka_connect_heap: found 900 MiB of memory where ",
    ),
    "disk": (
        "kafka2",
        broker_directory(free=4 * GIB),
        "kafka2: preflight_disk_kafka_broker, preflight_disk_install: found 4.0 GiB free where 12 GiB are needed for "
        "/var/lib/kafka/data, /opt.",
    ),
    "name without address": (
        "zk1",
        name_of("kafka2", addresses=[], error="Name or service not known"),
        "zk1: inventory_hostname: found name kafka2 that does not resolve (Name or service not known). Add it to DNS",
    ),
    "name of another host that is this one": (
        "zk1",
        name_of("kafka2", addresses=["127.0.1.1"]),
        "zk1: inventory_hostname: found name kafka2 that resolves to 127.0.1.1, this host itself.",
    ),
    "clock ahead": (
        "zk1",
        clock(30),
        "zk1: preflight_clock_skew_max: found a clock at least 29.0 s ahead of ",
    ),
    "clock behind": ("zk1", clock(-30), "zk1: preflight_clock_skew_max: found a clock at least 29.0 s behind "),
    "system": (
        "zk1",
        facts(distribution="Debian", distribution_version="10"),
        "zk1: ansible_distribution: found Debian 10. Use a supported system: Debian 11, 12, 13; Ubuntu 22.04, 24.04; ",
    ),
    "unknown system": (
        "zk1",
        facts(distribution="arch", distribution_version="", os_family="arch"),
        "zk1: ansible_distribution: found arch. Use a supported system",
    ),
    "no systemd": ("zk1", facts(service_mgr="unknown"), "zk1: ansible_service_mgr: found a host not run by systemd."),
    "Java 8": (
        "zk1",
        observed(java={"path": "/opt/java", "version": "1.8.0_402"}),
        "zk1: java_versions_accepted: found Java 1.8.0_402 at /opt/java. What stands on this host runs on Java 11, 17, 21:",
    ),
    "no root": ("zk1", observed(root=False, user="peter"), "zk1: ansible_become: found user peter. Set ansible_become"),
}


def needs(**more: Any) -> list[str]:
    """Judge hosts, of which zk1 has what is given: what the catalogue asks for, or what was observed."""
    estate = Estate()
    seen: Any = healthy(estate)
    placement = estate.plan().placement
    for key, value in more.items():
        if key in ("java_majors", "libraries", "java_chosen"):
            placement["zk1"][key] = value
        elif key == "java":
            seen["zk1"]["observed"]["java"] = value
        else:
            seen["zk1"]["ansible_facts"][f"ansible_{key}"] = value
    return render(evaluate(placement, estate.plan().topology["clusters"], seen)[0])


def python(minor: int) -> dict[str, Any]:
    return {"executable": "/usr/bin/python3", "version": {"major": 3, "minor": minor, "micro": 1}}


@pytest.mark.parametrize("minor", [9, 10, 11, 12, 13])
def test_every_supported_python_will_do(minor: int) -> None:
    assert needs(libraries=["kafka-client"], python=python(minor), architecture="x86_64") == []


@pytest.mark.parametrize(("minor", "machine"), [(8, "x86_64"), (14, "x86_64"), (11, "s390x")])
def test_a_python_without_libraries_is_named_on_hosts_that_need_them(minor: int, machine: str) -> None:
    (line,) = needs(libraries=["kafka-client", "students"], python=python(minor), architecture=machine)
    assert line.startswith(
        f"zk1: ansible_python_interpreter: found Python 3.{minor} on {machine}. kafka-client, students: available"
    )
    # The modules themselves run on 3.9 and newer.
    assert bool(needs(libraries=[], python=python(minor), architecture=machine)) == (minor < 9)


def test_a_java_that_a_component_does_not_run_on_or_that_nobody_can_give_is_named() -> None:
    assert needs(java_majors=[17, 21], java={"path": "/usr/bin/java", "version": "21.0.1"}) == []
    (line,) = needs(java_majors=[17, 21], java={"path": "/usr/bin/java", "version": "25"})
    assert "found Java 25 at /usr/bin/java. What stands on this host runs on Java 17, 21" in line
    assert needs(java_majors=[17, 21], java={}, distribution_version="13") == []
    (line,) = needs(java_majors=[11], java={}, distribution_version="13")
    assert line.startswith("zk1: java_version: found no Java (Java for Debian 13: it packages 21, 25, and")
    assert needs(java_majors=[11], java={}, distribution_version="13", java_chosen=True) == []
    (line,) = needs(java_majors=[0])
    assert "no version of Java in common" in line


@pytest.mark.parametrize(
    ("has", "said"),
    [
        ("glibc 2.31", "found glibc 2.31, where node-exporter needs 2.34: the programs in packages of the controller's"),
        ("glibc 2.9", "found glibc 2.9, where node-exporter needs 2.34"),
        ("glibc 2.34", ""),
        ("glibc 2.36", ""),
        ("musl", ""),
        ("", ""),
    ],
)
def test_a_program_of_a_package_that_the_host_cannot_run_is_named(has: str, said: str) -> None:
    estate = Estate()
    seen: Any = healthy(estate)
    seen["zk1"]["observed"]["libc"] = has
    placement = estate.plan().placement
    placement["zk1"]["libc"] = {"node-exporter": "2.34", "alertmanager": "2.3"}
    lines = render(evaluate(placement, estate.plan().topology["clusters"], seen)[0])
    assert [line.startswith(f"zk1: estate_artifact_sources: {said}") for line in lines] == [True] * bool(said), lines


@pytest.mark.parametrize("mistake", BAD)
def test_mistake_is_named(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    host, break_it, expected = BAD[mistake]
    estate = Estate()
    for name in estate.hostvars:
        estate.hostvars[name]["java_versions_accepted"] = [11, 17, 21]
    seen: Any = healthy(estate)
    if mistake == "data of another cluster":
        broker_directory(cluster_id="AAA", id="1")(seen["kafka1"])
        broker_directory(cluster_id="BBB", id="2")(seen["kafka2"])
    break_it(seen[host])
    problems, _ = judge(seen, estate)
    assert len(problems) == 1, problems
    assert problems[0].startswith(expected)


def test_all_problems_come_at_once() -> None:
    seen: Any = healthy(Estate())
    facts(memtotal_mb=900)(seen["zk1"])
    clock(30)(seen["zk2"])
    observed(listeners={"9092": LISTENER})(seen["kafka3"])
    assert len(judge(seen)[0]) == 3


def test_own_unit_may_hold_its_port() -> None:
    seen: Any = healthy(Estate())
    observed(listeners={"9092": {**LISTENER, "units": ["kafka.service"]}})(seen["kafka2"])
    assert judge(seen) == ([], [])


def test_heap_set_by_a_person_counts() -> None:
    estate = Estate()
    estate.hostvars["kafka1"]["kafka_broker_heap"] = "15900m"
    problems, _ = judge(healthy(estate), estate)
    assert problems == [
        "kafka1: kafka_broker_heap: found 16384 MiB of memory where 16572 MiB are needed (heap + overhead: "
        "kafka_broker 15900 + 160; preflight_memory_reserve 512). Give the host more memory, place less on it, or set "
        "smaller heaps."
    ]


def test_little_space_on_a_live_directory_only_warns() -> None:
    seen: Any = healthy(Estate())
    broker_directory(free=GIB, id="2", live=True)(seen["kafka2"])
    seen["kafka2"]["observed"]["install"]["releases"] = ["kafka"]
    problems, warnings = judge(seen)
    assert problems == []
    assert warnings[0].startswith("kafka2: preflight_disk_kafka_broker: found 1.0 GiB free where 10 GiB are needed")


def test_a_host_with_the_other_registry_is_refused() -> None:
    seen: Any = healthy(Estate())
    installed = seen["kafka3"]["observed"]["install"]["releases"]
    installed += ["apicurio-registry", "kafka"]
    assert judge(seen) == ([], [])
    installed.append("confluent-schema-registry")
    (problem,), _ = judge(seen)
    found = "found 'apicurio' in the inventory and 'confluent' in /opt/confluent-schema-registry"
    assert problem.startswith(f"kafka3: schema_registry_implementation: {found}")
    assert "disable --now schema-registry' and 'rm /opt/confluent-schema-registry/current'" in problem


def test_limits_come_from_the_inventory() -> None:
    estate = Estate()
    estate.every("all", preflight_disk_kafka_broker=0.5, preflight_disk_install=0.5, preflight_clock_skew_max=60)
    seen: Any = healthy(estate)
    broker_directory(free=2 * GIB)(seen["kafka2"])
    clock(30)(seen["zk1"])
    assert judge(seen, estate) == ([], [])


def test_a_slow_round_trip_is_no_skew() -> None:
    seen: Any = healthy(Estate())
    seen["zk1"]["clock"] = {"before": 100.0, "host": 109.0, "after": 110.0}
    assert judge(seen) == ([], [])


def test_unreachable_host_is_named_and_does_not_stop_the_others() -> None:
    seen = healthy(Estate())
    seen["zk2"] = None
    problems, warnings = judge(seen)
    assert problems == []
    assert warnings[0].startswith("zk2: connection: found no connection to the host at the start. This run goes on")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("Missing sudo password", "zk2: ansible_become: found a login that cannot become root (Missing sudo password)."),
        ("/bin/sh: 1: /usr/bin/python9: not found", "zk2: ansible_python_interpreter: found no usable Python ("),
    ],
)
def test_host_on_which_nothing_can_run(error: str, expected: str) -> None:
    seen = healthy(Estate())
    seen["zk2"] = {"error": error}
    problems, _ = judge(seen)
    assert problems[0].startswith(expected)


def test_only_the_hosts_of_this_run_are_judged() -> None:
    assert judge({"zk1": healthy(Estate())["zk1"]}) == ([], [])


def test_host_that_carries_nothing_is_left_alone() -> None:
    estate = Estate()
    estate.hostvars["bastion"] = {}
    seen: Any = healthy(estate)
    facts(distribution="arch", os_family="arch")(seen["bastion"])
    assert judge(seen, estate) == ([], [])


@pytest.mark.parametrize(
    ("distribution", "version", "family"),
    [
        ("Debian", "11", "Debian"),
        ("Debian", "13", "Debian"),
        ("Ubuntu", "24.04", "Debian"),
        ("Rocky", "9.4", "RedHat"),
        ("RedHat", "8.10", "RedHat"),
    ],
)
def test_supported_systems(distribution: str, version: str, family: str) -> None:
    seen: Any = healthy(Estate())
    facts(distribution=distribution, distribution_version=version, os_family=family)(seen["zk1"])
    assert judge(seen) == ([], [])


@pytest.mark.parametrize(
    ("version", "major"), [("1.8.0_402", 8), ("17.0.9", 17), ("21", 21), ("11-ea", 11), ("22+36", 22), ("", 0)]
)
def test_java_major(version: str, major: int) -> None:
    assert java_major(version) == major


# -- the module's own reading of a host ----------------------------------------------------------------------------------


def test_ids_are_read_from_a_live_directory(tmp_path: Path) -> None:
    (tmp_path / "meta.properties").write_text("#\nversion=0\nbroker.id=3\ncluster.id=abcDEF\n")
    found = preflight_host.data_directory(str(tmp_path))
    assert (found["id"], found["cluster_id"], found["live"]) == ("3", "abcDEF", True)


def test_zookeeper_id_is_read(tmp_path: Path) -> None:
    (tmp_path / "myid").write_text("2\n")
    assert preflight_host.data_directory(str(tmp_path))["id"] == "2"


def test_space_is_that_of_the_nearest_existing_parent(tmp_path: Path) -> None:
    found = preflight_host.data_directory(str(tmp_path / "not" / "yet"))
    assert (found["on"], found["id"], found["live"]) == (str(tmp_path), None, False)
    assert 0 < found["free"] <= found["total"]


def test_names_that_do_not_resolve_are_reported() -> None:
    answers = preflight_host.resolve(["localhost", "no-such-host.invalid"], timeout=10)
    assert answers["localhost"]["addresses"]
    assert answers["no-such-host.invalid"]["addresses"] == []
    assert answers["no-such-host.invalid"]["error"]


def test_memory_is_no_more_than_the_control_group_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"/proc/meminfo": "MemTotal: 8388608 kB\n", preflight_host.CGROUP_LIMITS[0]: "1073741824\n"}
    monkeypatch.setattr(preflight_host, "content", lambda path: files.get(str(path), ""))
    assert preflight_host.memory_mb() == 1024
    files[preflight_host.CGROUP_LIMITS[0]] = "max\n"
    assert preflight_host.memory_mb() == 8192


# -- documentation -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PREFLIGHT_OPTIONS)
def test_every_limit_is_documented_with_its_default(name: str) -> None:
    option = PREFLIGHT_OPTIONS[name]
    text = " ".join(preflight.DOCUMENTATION.split())
    match = re.search(rf"C\({name}\) \((\w+), default (\S+)\) - (.*?\.)( - |$| author)", text)
    assert match, name
    assert (match[1], float(match[2])) == (option["type"], option["default"])
    assert match[3] == option["description"]


def test_every_disk_limit_exists() -> None:
    assert {component.disk_limit for component in COMPONENTS if component.disk_limit} <= PREFLIGHT_OPTIONS.keys()


def test_the_name_of_a_host_that_is_down_may_be_gone_too() -> None:
    seen: Any = healthy(Estate())
    for host in seen:
        name_of("kafka3", addresses=[], error="Name or service not known")(seen[host])
    assert judge(seen)[0]
    seen["kafka3"] = None
    problems, warnings = judge(seen)
    assert problems == []
    assert any("kafka3 that does not resolve" in warning for warning in warnings)
