"""A cluster that is to leave ZooKeeper in the inventory and on its hosts: what it must say, and who keeps which phase."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.filter.cmak import cmak_clusters
from ansible_collections.estate.kafka.plugins.module_utils.estate.formation import formations
from ansible_collections.estate.kafka.plugins.module_utils.estate.phases import kept_phases
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import Plan, plan
from real_estate import DEFINITIONS, ROLES

ROOT = Path(__file__).resolve().parents[3]
HOSTS = ["a", "b", "c"]
ID = "_iJ5jOBKS_On60URlcChJg"
STANDARD = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
ACL = "kafka.security.authorizer.AclAuthorizer"
Values = dict[str, dict[str, Any]]


def estate(edit: Callable[[Values], None] | None = None, controllers: list[str] = HOSTS) -> Plan:
    hostvars: Values = {
        host: {
            "estate_jmx_exporter": True,
            "kafka_broker_cluster": "k",
            "kafka_broker_chroot": "/k",
            "kafka_broker_id": number,
            "kafka_broker_migration": True,
            "kafka_controller_cluster": "k",
            "kafka_controller_version": "3.9.2",
            "kafka_controller_id": 3000 + number,
        }
        for number, host in enumerate(HOSTS, 1)
    }
    hostvars["a"]["zookeeper_id"] = 1
    if edit:
        edit(hostvars)
    groups = {"kafka_controller": controllers, "kafka_broker": HOSTS, "kafka_k": HOSTS}
    groups["zookeeper"] = [host for host in HOSTS if "zookeeper_id" in hostvars[host]]
    return plan(groups, {"kafka_k": HOSTS}, deepcopy(hostvars), ROLES, definitions=DEFINITIONS)


def everywhere(**values: Any) -> Callable[[Values], None]:
    def edit(hostvars: Values) -> None:
        for one in hostvars.values():
            one.update(values)

    return edit


def test_with_the_wish_a_cluster_has_controllers_and_an_ensemble_on_the_line_that_knows_both() -> None:
    outcome = estate()
    assert render(outcome.problems) == []
    cluster = outcome.topology["clusters"]["k"]
    assert (cluster["artefact"], cluster["zookeeper_connect"]) == ("kafka", "a:2181/k")
    assert cluster["controller_bootstrap"] == "a:9095,b:9095,c:9095"
    assert cluster["migration"] == {"inter_broker_listener": "PLAINTEXT", "protocol_map": None}
    assert [one["name"] for one in cmak_clusters(outcome.topology["clusters"], {})] == ["k"]
    (row,) = (row for row in outcome.placement["a"]["components"] if row["component"] == "kafka_controller")
    assert row["phase"]["file"] == "/etc/kafka-controller/controller.properties"


def test_without_the_wish_controllers_and_an_ensemble_are_refused_as_before() -> None:
    (first, *_) = render(estate(everywhere(kafka_broker_migration=False, kafka_broker_version="4.3.1")).problems)
    assert "has controllers (a, b, c), so it has no ZooKeeper" in first and "docs/operations/migrate.md" in first


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (everywhere(kafka_controller_version=""), "kafka_controller_version: found nothing. Cluster k migrates"),
        (everywhere(kafka_controller_version="4.3.1"), "only controllers of 3.9 read ZooKeeper"),
        (everywhere(kafka_broker_version="4.3.1"), "Cluster k migrates, so it can only run 3.9"),
        (everywhere(estate_jmx_exporter=False), "the state of the migration is read from the controllers' agents"),
        (lambda values: values["b"].update(kafka_broker_migration=False), "Set it once, in the group_vars of cluster k"),
        (lambda values: values["a"].update(kafka_controller_id=2), "has this id too"),
        (
            everywhere(kafka_broker_config={"inter.broker.protocol.version": "3.8"}),
            "would wait for ever for a broker that speaks an older protocol",
        ),
        (everywhere(kafka_broker_config={"authorizer.class.name": ACL}), f"Write {STANDARD}: the brokers of cluster k"),
        (
            everywhere(
                kafka_broker_config={"authorizer.class.name": ACL, "super.users": "User:ANONYMOUS"},
                kafka_controller_config={"authorizer.class.name": STANDARD},
            ),
            "kafka_controller_config.super.users: found nothing. Write 'User:ANONYMOUS'",
        ),
        (everywhere(kafka_controller_config={"authorizer.class.name": STANDARD}), "Remove it: no broker has"),
    ],
)
def test_what_is_in_the_way_is_named(edit: Callable[[Values], None], said: str) -> None:
    lines = render(estate(edit).problems)
    assert any(said in line for line in lines), lines


def test_a_wish_without_controllers_is_refused() -> None:
    lines = render(estate(controllers=[]).problems)
    assert any("Put the controllers into group kafka_controller" in line for line in lines), lines


def observed(written: str, running: str | None = None, **others: tuple[str, str]) -> dict[str, Any]:
    """Return what is found on each host: a broker in a phase, and no controller; `a=...` has another one there."""
    phases = {host: others.get(host, (written, written if running is None else running)) for host in HOSTS}
    return {
        host: {"phases": {"kafka_broker": {"written": one, "running": other}, "kafka_controller": {"written": "", "running": ""}}}
        for host, (one, other) in phases.items()
    }


def gone(hostvars: Values) -> None:
    """Take ZooKeeper out of the inventory, as after the last step."""
    for one in hostvars.values():
        del one["kafka_broker_chroot"], one["kafka_broker_migration"]
        one.pop("zookeeper_id", None)
        one["kafka_broker_version"] = "3.9.2"


def kept(
    found: dict[str, Any], migrates: bool = False, edit: Callable[[Values], None] | None = None
) -> tuple[list[str], dict[str, dict[str, str]]]:
    problems, phases = kept_phases(estate(edit).topology["clusters"], found, migrates)
    return render(problems), phases


@pytest.mark.parametrize("phase", ["zookeeper", "migration", "kraft"])
def test_a_run_keeps_each_node_in_the_phase_in_which_it_is(phase: str) -> None:
    lines, phases = kept(observed(phase))
    assert lines == [] and phases["b"] == {"kafka_broker": phase, "kafka_controller": ""}


def test_brokers_in_several_phases_each_keep_theirs() -> None:
    lines, phases = kept(observed("migration", a=("kraft", "kraft")))
    assert lines == [] and [phases[host]["kafka_broker"] for host in HOSTS] == ["kraft", "migration", "migration"]


def test_no_other_run_finishes_a_step_that_was_interrupted() -> None:
    found = observed("migration", b=("kraft", "migration"))
    (line,) = kept(found)[0]
    assert "b: kafka_broker_migration: found a broker that runs in phase 'migration', and a file of phase 'kraft'" in line
    assert "playbooks/migrate.yml -e cluster=k again" in line
    assert kept(found, migrates=True)[0] == []


def test_a_new_broker_comes_before_or_after_a_migration() -> None:
    assert kept(observed("zookeeper", c=("", "")))[0] == []
    (line,) = kept(observed("migration", c=("", "")))[0]
    assert "c: kafka_broker_migration: found a new broker" in line


def test_controllers_get_the_id_that_the_brokers_have_on_zookeeper() -> None:
    outcome = estate()

    def disk(cluster_id: str, version: str, node: str) -> dict[str, Any]:
        entry = {"cluster_id": cluster_id, "node_id": node, "directory_id": "", "version": version}
        return {"storage": {**entry, "empty": not version, "started": False, "records": bool(version)}}

    seen = {
        host: {
            "disks": {
                "/var/lib/kafka/data": disk(ID, "0", str(number)),
                "/var/lib/kafka-controller/metadata": disk("", "", ""),
            }
        }
        for number, host in enumerate(HOSTS, 1)
    }
    problems, _, formed = formations(outcome.topology["clusters"], outcome.placement, seen, lambda: "new")
    assert render(problems) == []
    assert formed["k"]["cluster_id"] == ID
    assert formed["k"]["voters"].count("@") == 3


def test_features_are_declared_when_the_migration_has_ended() -> None:
    (line,) = render(estate(everywhere(kafka_features={"release": "3.9"})).problems)
    assert "kafka_features" in line and "is leaving ZooKeeper" in line


def test_a_cluster_that_has_left_zookeeper_needs_no_ensemble() -> None:
    outcome = estate(gone)
    assert render(outcome.problems) == []
    cluster = outcome.topology["clusters"]["k"]
    assert (cluster["artefact"], cluster["ensemble"], cluster["zookeeper_connect"]) == ("kafka", "", "")
    assert not cluster["migration"] and cmak_clusters(outcome.topology["clusters"], {}) == []


def test_a_cluster_of_which_one_broker_still_says_where_its_znodes_are_has_not_left() -> None:
    lines = render(estate(lambda values: values["b"].pop("kafka_broker_chroot")).problems)
    assert any("b: kafka_broker_chroot" in line for line in lines), lines


def test_who_still_needs_zookeeper_is_named_before_anything_forgets_it() -> None:
    lines, _ = kept(observed("kraft", b=("kraft", "migration")), migrates=True, edit=gone)
    (line,) = lines
    assert "b: kafka_broker_migration: found nothing, and a broker in phase 'migration'" in line and "-e finalise=true" in line
    found = observed("kraft")
    found["a"]["phases"]["kafka_controller"] = {"written": "migration", "running": "migration"}
    assert "a: kafka_broker_migration: found nothing, and a controller in phase" in kept(found, edit=gone)[0][0]
    assert kept(observed("migration"), edit=upgraded)[0][0].startswith("a, b, c: kafka_broker_migration: found nothing")


def test_a_process_that_never_was_in_a_migration_is_no_hint_of_zookeeper() -> None:
    """Kafka 4 runs without the flag, and so does a broker on ZooKeeper: its file tells which."""
    assert kept(observed("kraft", a=("kraft", "zookeeper")), edit=upgraded)[0] == []
    assert "a broker in phase 'zookeeper'" in kept(observed("kraft", a=("zookeeper", "zookeeper")), edit=upgraded)[0][0]


def test_one_that_has_left_has_the_authorizer_of_controllers() -> None:
    def lines(name: str, edit: Callable[[Values], None]) -> list[str]:
        options = {"authorizer.class.name": name, "super.users": "User:ANONYMOUS"}
        both = everywhere(kafka_broker_config=options, kafka_controller_config={**options, "authorizer.class.name": STANDARD})

        def change(hostvars: Values) -> None:
            edit(hostvars)
            both(hostvars)

        return render(estate(change).problems)

    assert lines(STANDARD, gone) == lines(STANDARD, upgraded) == lines(ACL, lambda hostvars: None) == []
    assert any("It kept its rules in ZooKeeper" in line for line in lines(ACL, gone))
    assert any("on ZooKeeper there are none" in line for line in lines(STANDARD, lambda hostvars: None))


def upgraded(hostvars: Values) -> None:
    """Have the cluster that has left ZooKeeper run Kafka 4."""
    gone(hostvars)
    for one in hostvars.values():
        one.update(kafka_broker_version="4.3.1", kafka_controller_version="4.3.1")


def test_one_that_has_left_runs_either_line_and_all_of_it_the_same() -> None:
    assert [estate(edit).topology["clusters"]["k"]["artefact"] for edit in (gone, upgraded)] == ["kafka", "kafka-4"]
    assert render(estate(upgraded).problems) == []

    def some(**values: str) -> Callable[[Values], None]:
        def edit(hostvars: Values) -> None:
            gone(hostvars)
            hostvars["c"].update(values)

        return edit

    (line,) = render(estate(some(kafka_controller_version="4.3.1")).problems)
    assert line.startswith(
        "c: kafka_controller_version: found '4.3.1'. Write 3.9.2: brokers and controllers of cluster k have one"
    )
    lines = render(estate(some(kafka_broker_version="4.3.1")).problems)
    assert any(
        "a, b: kafka_broker_version: found '3.9.2'. Cluster k has controllers, so write 4.3.1 for all" in one for one in lines
    )


def test_a_new_cluster_does_not_begin_on_the_line_that_it_is_to_leave() -> None:
    empty = {"cluster_id": "", "version": "", "empty": True, "started": False, "records": False}
    used = {**empty, "cluster_id": ID, "node_id": "1", "version": "1", "empty": False, "started": True}

    def lines(found: dict[str, Any], edit: Callable[[Values], None]) -> list[str]:
        outcome = estate(edit)
        disks = {path: {"storage": found} for path in ("/var/lib/kafka/data", "/var/lib/kafka-controller/metadata")}
        seen = {host: {"disks": disks} for host in HOSTS}
        return render(formations(outcome.topology["clusters"], outcome.placement, seen, lambda: "new")[0])

    (line,) = lines(empty, gone)
    assert "a: kafka_broker_version: found Kafka 3.9, and no member of cluster k has data. A new cluster with" in line
    assert lines(used, gone) == lines(empty, upgraded) == []


def test_a_new_broker_comes_when_the_cluster_has_left_zookeeper() -> None:
    assert kept(observed("kraft", c=("", "")), edit=gone)[0] == []
    assert "c: kafka_broker_migration: found a new broker" in kept(observed("kraft", c=("", "")))[0][0]
