"""What a component of a role is on its host: its unit, what the process starts with, and where a person's own come in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.filter.component import FilterModule
from ansible_collections.estate.kafka.plugins.module_utils.estate.component_items import allowed, group, items, watch

FILTERS = FilterModule().filters()
UNIT = "/etc/systemd/system/zookeeper.service"


def component(**more: Any) -> dict[str, Any]:
    unit = {"java": "/usr/bin/java", "heap": "512m", "command": ["Main"], "writable": ["/data"], "limit_nofile": 1}
    return {
        "name": "zookeeper",
        "user": "zookeeper",
        "home": "/var/lib/zookeeper",
        "items": [{"path": "/etc/zookeeper/zoo.cfg", "content": "a=1\n"}],
        "unit": unit | more.pop("unit", {}),
        "watch": ["/etc/zookeeper/zoo.cfg"],
        **more,
    }


def made_of(found: dict[str, Any], privileged: bool = False) -> dict[str, Any]:
    """Return what the unit's template knows."""
    unit: dict[str, Any] = next(item for item in items(found, privileged) if item["path"] == UNIT)["variables"]["common_unit"]
    return unit


@pytest.mark.parametrize(
    ("account", "expected"), [({}, "zookeeper"), ({"group": ""}, "zookeeper"), ({"group": "kafka"}, "kafka")]
)
def test_the_group_is_the_users_own_without_another(account: dict[str, str], expected: str) -> None:
    assert group(component(account=account)) == expected


def test_a_java_process_has_a_private_folder_of_its_own_and_its_release_is_watched() -> None:
    found = component()
    assert {"path": "/var/lib/zookeeper/tmp", "state": "directory", "owner": "zookeeper", "mode": "0750"} in items(found)
    assert watch(found) == ["/etc/zookeeper/zoo.cfg", UNIT, "/usr/bin/java"]
    unit = made_of(found)
    assert unit["java"] == ["/usr/bin/java", "-Xms512m", "-Xmx512m", "-Djava.io.tmpdir=/var/lib/zookeeper/tmp"]
    assert unit["writable"] == ["/data", "/var/lib/zookeeper/tmp"]
    assert unit["started"] == (
        f"sha256sum /etc/zookeeper/zoo.cfg {UNIT} /usr/bin/java"
        ' $(readlink -e "$(dirname "$(readlink -f /usr/bin/java)")/../release") > /run/zookeeper/started-with'
    )


def test_another_process_has_neither() -> None:
    found = component()
    del found["unit"]["java"], found["unit"]["heap"]
    assert [item["path"] for item in items(found)] == ["/etc/zookeeper/zoo.cfg", UNIT]
    assert watch(found) == ["/etc/zookeeper/zoo.cfg", UNIT]
    assert made_of(found)["java"] == [] and made_of(found)["writable"] == ["/data"]


def test_a_home_that_is_writable_anyway_is_named_once() -> None:
    assert made_of(component(home="/data"))["writable"] == ["/data"]


@pytest.mark.parametrize(("value", "dumps"), [(True, True), ("yes", True), ("no", False), (False, False)])
def test_logs_of_the_collector_and_a_dump_of_the_heap_where_they_are_wanted(value: Any, dumps: bool) -> None:
    unit = made_of(component(unit={"gc_log": "/log/gc.log", "heap_dump": value}))
    assert "-Xlog:gc*:file=/log/gc.log:time,uptime:filecount=10,filesize=10M" in unit["java"]
    assert ("-XX:HeapDumpPath=/var/lib/zookeeper/tmp/heap.hprof" in unit["java"]) is dumps


def test_what_a_process_reads_anew_is_written_down() -> None:
    expected = "find /a '/b c' -type f -exec sha256sum {} + > /run/zookeeper/loaded-with"
    assert made_of(component(reload=["/a", "/b c"]))["loaded"] == expected


def test_a_persons_environment_is_laid_over_that_of_the_unit() -> None:
    hatches = {"role": "zookeeper", "environment": {"A": "2", "B": None}}
    found = component(unit={"environment": {"A": "1", "B": "1", "C": "1"}}, hatches=hatches)
    assert made_of(found)["environment"] == {"A": "2", "C": "1"}


def test_a_persons_own_files_come_last_and_are_watched_where_they_say_so() -> None:
    own = [{"path": "/etc/zookeeper/jaas.conf", "content": "", "restart": True}, {"path": "/b", "content": ""}]
    found = component(hatches={"role": "zookeeper", "files": own})
    assert [item["path"] for item in items(found)][-3:-1] == ["/etc/zookeeper/jaas.conf", "/b"]
    assert watch(found)[-1] == "/etc/zookeeper/jaas.conf"


def test_a_persons_own_that_are_refused_end_the_task_with_their_names() -> None:
    found = component(hatches={"role": "zookeeper", "files": [{"path": UNIT, "content": ""}]})
    for name in ("hatches_allowed", "component_items"):
        with pytest.raises(AnsibleFilterError, match=r"zookeeper_files\[0\].path"):
            FILTERS[name](found)
    assert allowed(component(hatches={"role": "zookeeper", "files": [{"path": "/b", "content": ""}]}))


def test_without_a_persons_own_nothing_is_worked_out() -> None:
    class Once(dict[str, Any]):
        """A component whose items nobody may ask for."""

        def __getitem__(self, key: str) -> Any:
            assert key != "items"
            return super().__getitem__(key)

        def __iter__(self) -> Iterator[str]:
            raise AssertionError

    assert allowed(Once(component(hatches={"role": "zookeeper", "files": [], "unit": {}})))


def test_a_port_below_1024_needs_a_right() -> None:
    found = component(hatches={"role": "zookeeper"})
    rows = [
        {"host": "one", "component": "zookeeper", "privileged": [80]},
        {"host": "two", "component": "zookeeper"},
        {"host": "two", "component": "kafka_broker", "privileged": [80]},
    ]

    def privileged(host: str) -> Any:
        made = FILTERS["component_items"](found, {"components": rows}, host)
        return next(item for item in made if item["path"] == UNIT)["variables"]["common_unit"]["privileged"]

    assert privileged("one") and not privileged("two")
    assert not made_of(found)["privileged"]


def test_the_template_gets_neither_files_nor_secrets_of_others() -> None:
    found = component(hatches={"role": "zookeeper", "files": [{"path": "/b", "content": "hunter2", "secret": True}]})
    unit = next(item for item in items(found) if item["path"] == UNIT)
    assert "hunter2" not in str(unit) and "a=1" not in str(unit)
