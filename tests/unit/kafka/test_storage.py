"""Directories of nodes without ZooKeeper: what is formatted, what is refused, and who decides the id."""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.formation import formations
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.kafka.storage import (
    Found,
    StorageRefused,
    directory_id,
    format_command,
    format_storage,
    look,
    missing_format,
    new_cluster_id,
    voters,
)
from hypothesis import given
from hypothesis import strategies as st

ID = "-kraftTestEstateCluste"
OTHER = "MkU3OEVBNTcwNTJENDM2Qk"
# Stands in for Java: writes what StorageTool writes, from its own command line.
JAVA = """#!/bin/sh
printf '%s\\n' "$@" > "$(dirname "$0")/words"
[ -e "$(dirname "$0")/fail" ] && { echo "the disk is full" >&2; exit 1; }
for word; do case $word in --cluster-id=*) id=${word#*=} ;; esac; done
for dir in @DIRS@; do
    [ -e $dir/meta.properties ] || printf 'version=1\\nnode.id=7\\ncluster.id=%s\\ndirectory.id=x\\n' "$id" > $dir/meta.properties
done
"""


def meta(path: Path, cluster: str = ID, node: int = 7, version: str = "1", **more: str) -> Path:
    path.mkdir(exist_ok=True)
    lines = {"version": version, "node.id": str(node), "cluster.id": cluster, "directory.id": "d" * 22, **more}
    (path / "meta.properties").write_text("".join(f"{key}={value}\n" for key, value in lines.items() if value))
    return path


def node(tmp_path: Path, *directories: Path, **more: Any) -> dict[str, Any]:
    java = tmp_path / "java"
    java.write_text(JAVA.replace("@DIRS@", " ".join(map(str, directories))))
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    return {
        "java": str(java),
        "libraries": "/libs",
        "config": "/etc/kafka/server.properties",
        "directories": [str(path) for path in directories],
        "node_id": 7,
        "cluster_id": ID,
        "voters": "",
        "user": pwd.getpwuid(os.getuid()).pw_name,
        **more,
    }


def test_new_directories_are_formatted_once(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for path in (first, second):
        path.mkdir()
    (first / "lost+found").mkdir()
    storage = node(tmp_path, first, second)
    assert missing_format(storage) == [str(first), str(second)]
    format_storage(storage)
    assert missing_format(storage) == []
    assert f"--cluster-id={ID}" in (tmp_path / "words").read_text().splitlines()


def test_a_disk_that_came_later_is_formatted_beside_the_others(tmp_path: Path) -> None:
    first, second = meta(tmp_path / "a"), tmp_path / "b"
    second.mkdir()
    before = (first / "meta.properties").read_text()
    storage = node(tmp_path, first, second)
    format_storage(storage)
    assert (first / "meta.properties").read_text() == before and look(str(second)).cluster_id == ID


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"cluster": OTHER}, f"has data of cluster id {OTHER}, and this cluster has {ID}"),
        ({"node": 8}, "was formatted for node 8, and this is node 7"),
        ({"version": "2"}, "of version 2, and versions up to 1 are known"),
        ({"version": "one"}, "of version one"),
        ({"version": "0", "directory.id": ""}, "data of a broker on ZooKeeper"),
    ],
)
def test_a_directory_of_something_else_is_refused_and_left_alone(tmp_path: Path, found: dict[str, Any], expected: str) -> None:
    used, empty = meta(tmp_path / "a", **found), tmp_path / "b"
    empty.mkdir()
    storage = node(tmp_path, used, empty)
    with pytest.raises(StorageRefused, match=expected):
        missing_format(storage)
    assert not (tmp_path / "words").exists() and not list(empty.iterdir())


@pytest.mark.parametrize("entry", ["topic-0/", "bootstrap.checkpoint", "__cluster_metadata-0/"])
def test_half_formatted_is_refused(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "a"
    path.mkdir()
    (path / entry).mkdir() if entry.endswith("/") else (path / entry).write_text("")
    with pytest.raises(StorageRefused, match="is half formatted"):
        missing_format(node(tmp_path, path))


def test_what_a_migrated_broker_has_is_known(tmp_path: Path) -> None:
    more: dict[str, Any] = {"node.id": "", "broker.id": "7"}
    path = meta(tmp_path / "a", version="0", **more)
    assert missing_format(node(tmp_path, path)) == []


def test_without_an_id_nothing_is_formatted(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(StorageRefused, match="id is not known"):
        format_storage(node(tmp_path, tmp_path / "a", cluster_id=""))
    assert not (tmp_path / "words").exists()


def test_what_the_tool_says_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "fail").write_text("")
    with pytest.raises(StorageRefused, match="the disk is full"):
        format_storage(node(tmp_path, tmp_path / "a"))


def test_a_tool_that_did_nothing_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    storage = node(tmp_path)
    with pytest.raises(StorageRefused, match=r"has no meta\.properties"):
        format_storage({**storage, "directories": [str(tmp_path / "a")]})


@given(st.binary(min_size=16, max_size=16), st.integers(0, 2**31 - 1))
def test_ids_of_directories_are_kafkas_and_the_same_for_everybody(raw: bytes, number: int) -> None:
    cluster = new_cluster_id()
    found = directory_id(cluster, number)
    assert found == directory_id(cluster, number) != directory_id(cluster, number + 1)
    assert len(found) == len(cluster) == 22 and not cluster.startswith("-") and "=" not in found


def test_no_id_stands_where_a_hyphen_makes_an_option_of_it() -> None:
    command = format_command({"java": "j", "libraries": "l", "config": "c", "cluster_id": ID, "voters": "1@h:1:-x"})
    assert not [word for word in command[7:] if word.startswith("-") and not word.startswith("--")]
    assert "--no-initial-controllers" in format_command(
        {"java": "j", "libraries": "l", "config": "c", "cluster_id": ID, "voters": ""}
    )
    assert f"--cluster-id={ID}" in command and "--initial-controllers=1@h:1:-x" in command


# -- the whole cluster -----------------------------------------------------------------------------------------------

HOSTS = ["a", "b", "c"]
CLUSTER: dict[str, Any] = {
    "cluster_id": "",
    "controllers": [{"id": 3000 + number, "host": host, "port": 9095} for number, host in enumerate(HOSTS, 1)],
    "brokers": [{"id": number, "host": host, "port": 9092} for number, host in enumerate(HOSTS, 1)],
}
PLACEMENT = {
    host: {
        "components": [
            {"component": "kafka_controller", "data_dirs": ["/m"]},
            {"component": "kafka_broker", "data_dirs": ["/d"]},
        ]
    }
    for host in HOSTS
}


def formed(host: str, cluster_id: str = ID, started: bool = False, **more: Any) -> dict[str, Any]:
    number = 3001 + HOSTS.index(host)
    own = {"node_id": str(number), "directory_id": directory_id(cluster_id, number), "started": started}
    return {"cluster_id": cluster_id, "version": "1", "empty": False, **own, **more}


def judged(seen: dict[str, dict[str, dict[str, Any]]], cluster: dict[str, Any] = CLUSTER) -> tuple[str, dict[str, Any]]:
    """Return problems and what was decided; ``seen`` has for each host looked at what differs from empty directories."""
    problems, _, found = told(seen, cluster)
    return problems, found


def told(seen: dict[str, dict[str, dict[str, Any]]], cluster: dict[str, Any] = CLUSTER) -> tuple[str, str, dict[str, Any]]:
    """Return problems, warnings and what was decided; a host with ``running`` has a controller that runs."""
    observed = {
        host: {
            "disks": {path: {"storage": vars(Found(**found.get(path, {})))} for path in ("/m", "/d")},
            "listeners": {"9095": {"units": ["kafka-controller.service"]}} if "running" in found else {},
        }
        for host, found in seen.items()
    }
    problems, warnings, result = formations({"new": cluster, "old": {"controllers": []}}, PLACEMENT, observed, lambda: OTHER)
    assert set(result) == {"new"}
    return "\n".join(render(problems)), "\n".join(render(warnings)), result["new"]


def nothing(*hosts: str) -> dict[str, dict[str, dict[str, Any]]]:
    return {host: {} for host in hosts or HOSTS}


def test_a_new_cluster_gets_one_id_and_all_controllers_as_voters() -> None:
    problems, found = judged(nothing())
    assert problems == ""
    assert (found["cluster_id"], found["voters"]) == (OTHER, voters(OTHER, CLUSTER["controllers"]))
    assert [voter.split(":")[0] for voter in found["voters"].split(",")] == ["3001@a", "3002@b", "3003@c"]


def test_the_inventorys_id_is_used() -> None:
    assert judged(nothing(), {**CLUSTER, "cluster_id": ID})[1]["cluster_id"] == ID


def test_a_run_that_ended_in_the_middle_goes_on_with_the_same_voters() -> None:
    problems, found = judged({**nothing(), "b": {"/m": formed("b")}})
    assert problems == "" and (found["cluster_id"], found["voters"]) == (ID, voters(ID, CLUSTER["controllers"]))


def test_a_quorum_that_has_run_has_no_first_voters_any_more() -> None:
    seen = {host: {"/m": formed(host, started=True)} for host in HOSTS}
    problems, found = judged(seen)
    assert problems == "" and (found["cluster_id"], found["voters"]) == (ID, "")
    assert found["directories"] == {host: directory_id(ID, 3001 + number) for number, host in enumerate(HOSTS)}


def test_a_new_broker_gets_the_id_of_the_others() -> None:
    assert judged({"a": {"/m": formed("a", started=True)}, "b": {"/m": formed("b", started=True)}})[1]["cluster_id"] == ID


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(
            {"a": {"/m": formed("a", started=True)}, "b": {"/m": formed("b", started=True)}, "c": {"running": {}}},
            "c: kafka_controller_data_dir: found no formatted storage in /m, and the controller runs",
            id="a controller that has lost its disk and runs, or is to run with another one",
        ),
        pytest.param(
            {**nothing(), "b": {"/d": {"version": "1", "cluster_id": ID, "empty": False, "records": True}}},
            "No controller has what they agreed on",
            id="all controllers lost, and brokers with the metadata of the old ones",
        ),
        pytest.param(nothing("a", "b"), "c of the same quorum could not be looked at", id="one is down at the first format"),
        pytest.param(
            nothing("a", "b"), "kafka_cluster_id: found nothing, and c of cluster new could not be looked at", id="no id by guess"
        ),
        pytest.param(
            {**nothing(), "a": {"/m": formed("a")}, "b": {"/m": formed("b", cluster_id=OTHER)}},
            f"b: kafka_controller_data_dir: found data of cluster id {OTHER} in /m, and cluster new has {ID}",
            id="two ids",
        ),
        pytest.param(
            {**nothing(), "c": {"/d": {"version": "1", "cluster_id": OTHER, "empty": False}}, "a": {"/m": formed("a")}},
            f"c: kafka_broker_log_dirs: found data of cluster id {OTHER} in /d, and cluster new has {ID}",
            id="a broker of another cluster",
        ),
        pytest.param({**nothing(), "a": {"/d": {"empty": False}}}, "/d has files and no meta.properties", id="half formatted"),
        pytest.param(
            {**nothing(), "a": {"/m": formed("a", directory_id="x" * 22)}},
            "a: kafka_controller_data_dir: found storage in /m that was not formatted by this toolkit",
            id="formatted by hand with other voters",
        ),
    ],
)
def test_what_could_lose_a_cluster_is_refused_before_anything_changes(seen: dict[str, Any], expected: str) -> None:
    assert expected in judged(seen)[0]


@pytest.mark.parametrize("down", [(), ("b",)])
def test_a_controller_that_comes_later_or_lost_its_disk_observes_until_it_is_let_in(down: tuple[str, ...]) -> None:
    seen = {host: {"/m": formed(host, started=True)} for host in ("a", "b") if host not in down}
    problems, warnings, found = told({**seen, "c": {}})
    assert problems == "" and (found["cluster_id"], found["voters"]) == (ID, "")
    assert found["directories"] == {**{host: directory_id(ID, 3001 + HOSTS.index(host)) for host in seen}, "c": ""}
    assert "c: kafka_controller_data_dir: found no formatted storage in /m" in warnings
    assert "does not vote before playbooks/controllers.yml has run" in warnings and "not mounted" in warnings


def test_no_observer_beside_a_quorum_that_is_whole() -> None:
    assert told({host: {"/m": formed(host, started=True)} for host in HOSTS})[1] == "" == told(nothing())[1]


def test_data_of_another_cluster_than_the_inventory_says() -> None:
    seen = {host: {"/m": formed(host, started=True)} for host in HOSTS}
    assert (
        f"found data of cluster id {ID} in /m, and cluster new has {OTHER}" in judged(seen, {**CLUSTER, "cluster_id": OTHER})[0]
    )


def test_partitions_are_a_sign_that_the_cluster_has_run(tmp_path: Path) -> None:
    meta(tmp_path / "a")
    assert not look(str(tmp_path / "a")).records
    (tmp_path / "a/orders.v1-0").mkdir()
    assert look(str(tmp_path / "a")).records and not look(str(tmp_path / "a")).started
