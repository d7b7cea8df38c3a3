"""What the stages between open and secured change of members, and which steps are left of the way."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.formats.properties import properties
from ansible_collections.estate.kafka.plugins.module_utils.security.moving import lines, plan
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import broker, zookeeper
from ansible_collections.estate.kafka.plugins.module_utils.security.stages import (
    STAGES,
    cluster_in_stage,
    ensemble_in_stage,
    running,
    written,
)
from test_secured_inventory import estate

BROKERS, SERVERS = STAGES["kafka_broker"], STAGES["zookeeper"]
NAME = "local"


def broker_in(stage: str) -> dict[str, Any]:
    (cluster,) = estate().topology["clusters"].values()
    return broker(cluster_in_stage(cluster, stage, [{"name": "shop"}]), "two", "/etc/kafka", "kafka", "/var/log/kafka")


def server_in(stage: str) -> dict[str, Any]:
    (ensemble,) = estate().topology["ensembles"].values()
    return zookeeper(ensemble_in_stage(ensemble, stage), "zookeeper", "two", "/etc/zookeeper", "zookeeper")


def as_read(options: dict[str, Any]) -> dict[str, str]:
    """Return options as they are read from the file that the toolkit writes of them."""
    text = properties({"zookeeper.connect": "x", "clientPort": 2181, **options})
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


@pytest.mark.parametrize("stage", BROKERS[1:])
def test_the_stage_of_a_broker_is_read_from_its_file_and_its_process(stage: str) -> None:
    found = broker_in(stage)
    assert written("kafka_broker", as_read(found["options"])) == stage
    assert running(["java", *found["flags"]], stage) == stage
    if stage != "closed":
        assert running(["java"], stage) == "open" and running(["java", *found["flags"]], "closed") == stage
        assert found["options"]["listeners"][0] == "PLAINTEXT://:9092"


@pytest.mark.parametrize("stage", SERVERS[1:])
def test_the_stage_of_a_server_is_read_from_its_file_and_its_process(stage: str) -> None:
    found = server_in(stage)
    assert written("zookeeper", as_read(found["options"])) == stage
    assert running(["java", *found["flags"]], stage) == stage
    assert (found["options"]["clientPort"], found["options"]["secureClientPort"]) == (None if stage == "closed" else 2181, 2281)


def test_an_open_member_has_nothing_and_its_keys_are_taken_away() -> None:
    assert written("kafka_broker", {"listeners": "x"}) == written("zookeeper", {"clientPort": "2181"}) == "open"
    assert written("kafka_broker", {}) == ""
    for found, port in ((broker_in("open"), 9092), (server_in("open"), 2181)):
        assert (found["options"], found["flags"], found["port"]) == ({}, [], port)
        assert {item["state"] for item in found["files"]} == {"absent"}


def test_no_broker_needs_what_another_does_not_have_yet() -> None:
    beside, between, watched = (broker_in(stage)["options"] for stage in BROKERS[1:4])
    assert beside["inter.broker.listener.name"] == "PLAINTEXT" and not [name for name in beside if name.startswith("zookeeper.")]
    assert between["inter.broker.listener.name"] == "BROKER" and between["zookeeper.ssl.client.enable"] is True
    # A broker without an identity could not change what one with rights on its znodes has made.
    assert "zookeeper.set.acl" not in between and watched["zookeeper.set.acl"] is True
    assert "authorizer.class.name" not in between
    assert watched["super.users"] == "User:estate-broker;User:estate-toolkit;User:ANONYMOUS;User:shop"
    assert broker_in("closed") == broker_in("")


def test_the_toolkit_speaks_plainly_until_every_member_has_the_other_port() -> None:
    (cluster,), (ensemble,) = (estate().topology[kind].values() for kind in ("clusters", "ensembles"))
    asked = [cluster_in_stage(cluster, stage)["client"]["bootstrap.servers"].split(",")[0][-4:] for stage in BROKERS]
    assert asked == ["9092", "9092", "9091", "9091", "9091"]
    ports = [ensemble_in_stage(ensemble, stage)["servers"][0]["client_port"] for stage in SERVERS]
    assert ports == [2181, 2181, 2281, 2281]
    assert [bool(server_in(stage)["tls"]) for stage in SERVERS] == [False, False, True, True]


def state(brokers: str, servers: str, **others: tuple[str, str]) -> dict[str, Any]:
    """Return the stages of three hosts; one that is named has a broker whose file and process are of other ones."""
    pairs = {host: others.get(host, (brokers, brokers)) for host in ("one", "two", "three")}
    return {
        host: {
            "kafka_broker": {"written": pair[0], "running": pair[1]},
            "zookeeper": {"written": servers, "running": servers},
        }
        for host, pair in pairs.items()
    }


FORWARD = ["zookeeper_beside", "zookeeper_between", "brokers_beside", "brokers_between", "brokers_watched"]
LAST = ["brokers_closed", "zookeeper_closed"]


@pytest.mark.parametrize(
    ("found", "confirmed", "steps", "waits"),
    [
        (state("open", "open"), [], FORWARD, True),
        # Nobody has seen yet who is there.
        (state("open", "open"), [NAME], FORWARD, True),
        (state("open", "beside"), [], FORWARD[1:], True),
        (state("beside", "between"), [], FORWARD[3:], True),
        # A run that was killed: between a file and the restart, and between two members.
        (state("between", "between", two=("between", "beside")), [], FORWARD[3:], True),
        (state("beside", "between", one=("between", "between")), [], FORWARD[3:], True),
        (state("watched", "between"), [], [], True),
        (state("watched", "between"), [NAME], LAST, False),
        (state("watched", "between", one=("closed", "closed")), [NAME], LAST, False),
        (state("closed", "between"), [NAME], LAST[1:], False),
        (state("closed", "closed"), [], [], False),
    ],
)
def test_the_steps_that_are_left(found: dict[str, Any], confirmed: list[str], steps: list[str], waits: bool) -> None:
    outcome = plan(found, False, [NAME], confirmed)
    assert ([step.name for step in outcome.steps], outcome.waits, outcome.refused) == (steps, waits, ())
    assert any("secure_confirm_close=local" in line for line in lines(outcome, False, [NAME])) is waits


@pytest.mark.parametrize(
    ("found", "steps"),
    [
        (state("watched", "between"), ["between", "beside", "open", "beside", "open"]),
        (state("beside", "between", one=("between", "beside")), ["beside", "open", "beside", "open"]),
        (state("open", "between", one=("open", "beside")), ["open", "beside", "open"]),
        (state("open", "beside"), ["open"]),
        (state("open", "open"), []),
    ],
)
def test_the_way_back(found: dict[str, Any], steps: list[str]) -> None:
    outcome = plan(found, True, [NAME], [])
    assert ([step.stage for step in outcome.steps], outcome.refused) == (steps, ())


def test_there_is_no_way_back_from_the_last_step_and_none_at_all_where_members_are_too_far_apart() -> None:
    (why,) = plan(state("watched", "between", one=("closed", "watched")), True, [NAME], []).refused
    assert why.startswith("one: the last step has begun")
    (apart,) = plan(state("watched", "between", one=("beside", "beside")), False, [NAME], []).refused
    assert "more than one stage apart" in apart
    (unknown,) = plan(state("watched", "between"), False, [NAME], ["other"]).refused
    assert "names other; there are local" in unknown
