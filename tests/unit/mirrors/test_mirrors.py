"""Flows of the inventory: the connectors that follow from them, and every flow that must not be made."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.filter.mirrors import mirror_connectors, mirror_keep, mirror_topics
from ansible_collections.estate.kafka.plugins.module_utils.formats.java_pattern import java_mistake
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.lag import behind, carries, noted
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.patterns import came_from, carried
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.plan import plan

CLUSTERS: dict[str, dict[str, Any]] = {
    name: {
        "bootstrap": f"{name}:9092",
        "brokers": [1, 2, 3],
        "default_replication_factor": 3,
        "state_topics": [f"state.{name}"],
    }
    for name in ("a", "b", "c")
}
CONNECT: dict[str, dict[str, Any]] = {"workers": {"cluster": "b", "hosts": ["b1"], "urls": [], "exactly_once": False}}
TOPOLOGY = {"clusters": CLUSTERS, "connect_clusters": CONNECT}


def flow(source: str = "a", target: str = "b", **options: Any) -> dict[str, Any]:
    return {"source": source, "target": target, **options}


PARTS = ("key", "value", "header")


def made(*flows: dict[str, Any], connect: str = "workers") -> dict[str, dict[str, Any]]:
    """Return the connectors of the flows by name."""
    return {one["name"]: one for one in mirror_connectors(flows, TOPOLOGY, connect)}


def refused(*flows: dict[str, Any], connect: dict[str, Any] | None = None) -> str:
    return "\n".join(f"{found}. {remedy}" for found, remedy in plan(flows, CLUSTERS, CONNECT if connect is None else connect)[1])


@pytest.mark.parametrize(
    ("kind", "option", "remedy"),
    [
        ("source", "topics.blacklist", "Write topics.exclude instead"),
        ("checkpoint", "groups.blacklist", "Write groups.exclude instead"),
        ("all", "config.properties.blacklist", "Write config.properties.exclude instead"),
        ("source", "use.incremental.alter.configs", "Remove it"),
        ("source", "source.consumer.auto.include.jmx.reporter", "Write metric.reporters instead, which has JmxReporter"),
    ],
)
def test_what_kafka_4_took_out_of_mirrormaker_is_refused_where_its_workers_run_it(kind: str, option: str, remedy: str) -> None:
    items = flow(config={kind: {option: "x"}})
    newer = {"workers": {**CONNECT["workers"], "artefact": "kafka-4"}}
    assert f"config.{kind} with {option}, which the workers' Kafka 4 has no more. {remedy}" in refused(items, connect=newer)
    assert refused(items) == "" == refused(flow(config={kind: {option: None}}), connect=newer)
    assert "no more" not in refused(flow(config={"source": {"consumer.group.id": "x"}}), connect=newer)


def test_the_flow_of_the_notes_is_their_connector_to_the_letter() -> None:
    letter = {"source": {"consumer.fetch.max.wait.ms": None, **{f"{part}.converter": None for part in PARTS}}}
    connectors = made(flow(name="m", source_alias="src", target_alias="dst", topics=["t"], replication_factor=3, config=letter))
    assert connectors["m"] == {
        "name": "m",
        "state": "running",
        "config": {
            "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
            "tasks.max": "1",
            "source.cluster.alias": "src",
            "target.cluster.alias": "dst",
            "source.cluster.bootstrap.servers": "a:9092",
            "target.cluster.bootstrap.servers": "b:9092",
            "replication.factor": "3",
            "topics": "t",
        },
    }
    assert list(connectors) == ["m", "m-checkpoint", "m-heartbeat"]


def test_bytes_stay_the_same_whatever_the_workers_convert_by_default() -> None:
    """With Connect's own converter of headers they arrive as Base64; with JSON for values nothing arrives as it was."""
    converters = {f"{part}.converter": "org.apache.kafka.connect.converters.ByteArrayConverter" for part in PARTS}
    for connector in made(flow()).values():
        assert converters.items() <= connector["config"].items()


def test_a_fetch_of_quiet_topics_does_not_hold_up_the_busy_ones() -> None:
    connectors = made(flow())
    waits = {name: one["config"].get("consumer.fetch.max.wait.ms") for name, one in connectors.items()}
    assert waits == {"a-to-b": "50", "a-to-b-checkpoint": None, "a-to-b-heartbeat": None}


def test_checkpoints_go_to_the_target_and_heartbeats_to_the_source() -> None:
    connectors = made(flow(groups=["g.*"], topics=["t", "u"]))
    checkpoint = connectors["a-to-b-checkpoint"]["config"]
    assert checkpoint["target.cluster.bootstrap.servers"] == "b:9092" and checkpoint["sync.group.offsets.enabled"] == "true"
    assert checkpoint["groups"] == "g.*" and checkpoint["topics"] == "t,u" and "groups.exclude" not in checkpoint
    assert "producer.override.bootstrap.servers" not in checkpoint
    heartbeat = connectors["a-to-b-heartbeat"]["config"]
    assert heartbeat["target.cluster.bootstrap.servers"] == heartbeat["producer.override.bootstrap.servers"] == "a:9092"
    assert (heartbeat["source.cluster.alias"], heartbeat["target.cluster.alias"]) == ("a", "b")
    assert mirror_topics([flow()], TOPOLOGY, "a")[0]["name"] == "heartbeats"
    assert mirror_topics([flow()], TOPOLOGY, "a", [{"name": "orders"}])[0]["name"] == "heartbeats"
    assert mirror_topics([flow()], TOPOLOGY, "a", [{"name": "heartbeats", "partitions": 1}]) == []
    assert mirror_topics([flow()], TOPOLOGY, "b") == mirror_topics([flow(heartbeat=False)], TOPOLOGY, "a") == []


def test_topics_that_flows_bring_are_kept_where_they_arrive() -> None:
    assert mirror_keep([flow(source_alias="src"), flow("b", "a")], TOPOLOGY, "b") == ["src.*"]
    assert mirror_keep([flow(policy="identity", topics=["plain", r"pay\.in.*"])], TOPOLOGY, "b") == ["plain", "pay.in*"]
    assert mirror_keep([flow()], TOPOLOGY, "a") == []
    assert mirror_keep([flow(policy="identity")], TOPOLOGY, "b") == ["*"]
    assert mirror_keep([flow(config={"source": {"replication.policy.separator": "_"}})], TOPOLOGY, "b") == ["a_*"]


def test_the_name_of_a_topic_or_group_means_that_one_though_mirrormaker_reads_patterns() -> None:
    item = flow(topics=["a.b", "c.*"], topics_exclude=["c.d"], groups=["g.h"], groups_exclude=["g.i"])
    source, checkpoint = (made(item)[name]["config"] for name in ("a-to-b", "a-to-b-checkpoint"))
    assert source["topics"] == checkpoint["topics"] == r"a\.b,c.*" and source["topics.exclude"] == r"c\.d"
    assert (checkpoint["groups"], checkpoint["groups.exclude"]) == (r"g\.h", r"g\.i")
    (one,) = plan([item], CLUSTERS, CONNECT)[0]
    assert [topic for topic in ("a.b", "a-b", "c.d", "c-d") if carries(one.shown(), topic)] == ["a.b", "c-d"]
    assert mirror_keep([flow(policy="identity", topics=["a.b"])], TOPOLOGY, "b") == ["a.b"]


STATE = [
    "state.a",
    "_schemas",
    "_schemas4",
    "kafkasql-journal",
    "registry-events",
    *(f"connect-{x}" for x in ("configs", "offsets")),
]


@pytest.mark.parametrize("policy", ["default", "identity"])
def test_a_pattern_leaves_out_what_registries_connect_and_kafka_keep_for_themselves(policy: str) -> None:
    source, checkpoint = (made(flow(policy=policy))[name]["config"]["topics.exclude"] for name in ("a-to-b", "a-to-b-checkpoint"))
    assert source == checkpoint and source.startswith(r"mm2.*\.internal,.*\.replica,__.*,") and r"state\.a" in source
    (one,) = plan([flow(policy=policy)], CLUSTERS, CONNECT)[0]
    assert [topic for topic in (*STATE, "orders", "state-a") if carries(one.shown(), topic)] == ["orders", "state-a"]
    # Under its own name a topic may not meet what the target keeps.
    assert carries(one.shown(), "state.b") == (policy == "default")
    assert "topics.exclude" not in made(flow(policy=policy, topics=["t"]))["a-to-b"]["config"]
    assert made(flow(policy="default", topics_exclude=["x.*"]))["a-to-b"]["config"]["topics.exclude"] == "x.*"


def test_flows_may_use_one_cluster_outside_of_the_inventory_by_different_addresses() -> None:
    flows = [flow("far", "b", source_bootstrap="far:1,far:2"), flow("c", "far", target_bootstrap="far:2")]
    assert refused(*flows) == refused(flow("far", "b", source_bootstrap="a:9093")) == ""


def test_workers_that_stand_elsewhere_write_to_the_target() -> None:
    connectors = made(flow("b", "a"))
    assert connectors["b-to-a"]["config"]["producer.override.bootstrap.servers"] == "a:9092"
    assert connectors["b-to-a-checkpoint"]["config"]["producer.override.bootstrap.servers"] == "a:9092"
    assert "producer.override.bootstrap.servers" not in connectors["b-to-a-heartbeat"]["config"]


def test_options_become_settings_and_the_last_word_is_the_users() -> None:
    connectors = made(
        flow(
            policy="identity",
            topics=["o.*"],
            tasks=4,
            topics_exclude=["x"],
            groups_exclude=["y", "z"],
            state="paused",
            sync_group_offsets=False,
            config={
                "all": {"offset-syncs.topic.location": "target", "tasks.max": 9},
                "source": {"tasks.max": 5, "replication.factor": None},
                "heartbeat": {"emit.heartbeats.interval.seconds": 5, "tasks.max": 1},
            },
        )
    )
    source, checkpoint, heartbeat = (one["config"] for one in connectors.values())
    assert {one["state"] for one in connectors.values()} == {"paused"}
    assert all(one["replication.policy.class"].endswith(".IdentityReplicationPolicy") for one in (source, checkpoint, heartbeat))
    assert all(one["offset-syncs.topic.location"] == "target" for one in (source, checkpoint, heartbeat))
    assert source["tasks.max"] == "5" and "replication.factor" not in source and source["topics.exclude"] == "x"
    assert checkpoint["tasks.max"] == "9" and checkpoint["groups.exclude"] == "y,z"
    assert checkpoint["sync.group.offsets.enabled"] == "false"
    assert heartbeat["emit.heartbeats.interval.seconds"] == "5"


def test_a_cluster_outside_of_the_inventory_has_its_addresses_and_its_brokers_own_factor() -> None:
    item = flow("far", "b", source_bootstrap="far:1", checkpoint=False)
    connectors = made(item)
    assert connectors["far-to-b"]["config"]["source.cluster.bootstrap.servers"] == "far:1"
    assert connectors["far-to-b"]["config"]["offset-syncs.topic.replication.factor"] == "-1"
    assert connectors["far-to-b-heartbeat"]["config"]["heartbeats.topic.replication.factor"] == "-1"
    # Nobody makes its heartbeats before the source connector looks for topics: it looks again soon.
    assert connectors["far-to-b"]["config"]["refresh.topics.interval.seconds"] == "30"
    own = made({**item, "config": {"all": {"refresh.topics.interval.seconds": 5}}})
    assert own["far-to-b"]["config"]["refresh.topics.interval.seconds"] == "5"
    for other in (flow(), {**item, "heartbeat": False}):
        assert "refresh.topics.interval.seconds" not in next(iter(made(other).values()))["config"]
    (one,) = plan([item], CLUSTERS, CONNECT)[0]
    assert one.shown()["asked_by"] == {"source": "b", "target": "b"}
    (one,) = plan([flow("b", "far", target_bootstrap="far:1")], CLUSTERS, CONNECT)[0]
    assert one.shown()["asked_by"] == {"source": "b", "target": "b"} and one.target.factor == -1


def test_exactly_once_needs_workers_that_are_set_for_it() -> None:
    connect = {"workers": {**CONNECT["workers"], "exactly_once": True}}
    (one,) = plan([flow(exactly_once=True)], CLUSTERS, connect)[0]
    config = one.connectors()[0]["config"]
    assert config["exactly.once.support"] == "required" and config["consumer.isolation.level"] == "read_committed"
    assert config["consumer.max.poll.records"] == "5000"
    assert "exactly.once.source.support to enabled in kafka_connect_config" in refused(flow(exactly_once=True))
    assert "workers beside the target" in refused(flow("b", "a", exactly_once=True), connect=connect)


def test_the_workers_beside_the_target_carry_a_flow_unless_others_are_named() -> None:
    connect = {name: {**CONNECT["workers"], "cluster": cluster} for name, cluster in (("wb", "b"), ("wc", "c"))}
    flows, problems = plan([flow("a", "b"), flow("a", "c"), flow("c", "b", connect="wc")], CLUSTERS, connect)
    assert [one.connect for one in flows] == ["wb", "wc", "wc"] and problems == []
    assert "2 Connect clusters that could carry it" in refused(flow("b", "a"), connect=connect)
    assert "connect 'w'" in refused(flow(connect="w"), connect=connect)
    assert "put hosts into group kafka_connect" in refused(flow(), connect={})


def test_one_alias_given_once_holds_in_all_flows() -> None:
    flows, problems = plan([flow("a", "b", source_alias="src"), flow("c", "a")], CLUSTERS, CONNECT)
    assert flows[1].target.alias == "src" and problems == []


@pytest.mark.parametrize(
    ("flows", "words"),
    [
        ([flow("x", "b")], "source 'x', which no host"),
        ([flow("a", "x")], "or give target_bootstrap"),
        ([flow(source_bootstrap="a:1")], "Remove it: its addresses follow"),
        ([flow("b", "b")], "one cluster as source and target"),
        ([flow(), flow()], "two flows a → b"),
        ([flow(name="m"), flow("b", "c", name="m")], "connector m of both a → b and b → c"),
        ([flow(name="m-checkpoint"), flow("b", "c", name="m")], "connector m-checkpoint of both"),
        ([flow(source_alias="x", target_alias="x")], "alias x for the clusters a, b"),
        ([flow(source_alias="x"), flow("a", "c", source_alias="y")], "aliases x, y for cluster a"),
        ([flow(source_alias="c"), flow("c", "b")], "alias c for the clusters a, c"),
        ([flow(source_alias="a.b")], "alias 'a.b'"),
        ([flow(source_alias="a b")], "alias 'a b'"),
        ([flow(tasks=0)], "at least 1"),
        ([flow(topics=[])], "a → b: topics []. Write names or patterns"),
        ([flow(replication_factor=4)], "at most 3"),
        ([flow(replication_factor=0)], "replication_factor 0"),
        ([flow(topics=["b.t"])], "begins with the target's alias"),
        ([flow(config={"all": {"topics": "t"}})], "config.all with topics"),
        ([flow(config={"source": {"target.cluster.alias": "t"}})], "Use target_alias of the flow"),
        # With identity what one side keeps for itself would be written over what the other does.
        ([flow(policy="identity", topics_exclude=["x"])], "topics_exclude without state.a, state.b, _schemas, kafkasql-journal,"),
        ([flow(policy="identity", topics_exclude=[r".*b|_.*|.*-.*"])], "topics_exclude without state.a. Add it"),
        ([flow(policy="identity", topics=["state.b"])], "topic 'state.b', in which b keeps"),
        # The inventory's own clusters under another name: a loop that nobody would see.
        ([flow("b", "out", target_bootstrap="z:1, A:9092")], "'A:9092', which is an address of cluster a. Write target: a"),
        ([flow("a", "out", target_bootstrap="SSL://a.:9092")], "is an address of cluster a"),
        (
            [flow("one", "b", source_bootstrap="x:1,y:1"), flow("b", "two", target_bootstrap="y:1")],
            "'y:1', which is an address of cluster one",
        ),
    ],
)
def test_flows_that_are_refused(flows: list[dict[str, Any]], words: str) -> None:
    assert words in refused(*flows)


SAME: dict[str, Any] = {"policy": "identity"}


def test_what_reaches_the_filter_is_checked_again() -> None:
    with pytest.raises(AnsibleFilterError, match="one cluster as source and target"):
        mirror_connectors([flow("b", "b")], TOPOLOGY, "workers")


def test_topics_by_patterns_and_by_where_they_have_been() -> None:
    assert carried("orders.v1", ["orders.*"], []) and not carried("orders", ["order"], [])
    assert not carried("__x", [".*"], ["__.*"]) and carried("x", ["("], [])
    assert came_from("b.a.t", "a", ".") and came_from("b.t", "b", ".") and not came_from("a", "a", ".")


FLOW = {"target_alias": "dst", "separator": ".", "identity": False, "topics": [".*"], "topics_exclude": ["skip.*"]}


def test_topics_that_a_flow_copies_are_those_mirrormaker_copies() -> None:
    others = [
        "skip-me",
        "heartbeats",
        "__consumer_offsets",
        ".hidden",
        "mm2-offset-syncs.dst.internal",
        "status-internal",
        "dst.back",
    ]
    assert [topic for topic in ["orders", "other.orders", *others] if carries(FLOW, topic)] == ["orders", "other.orders"]
    assert carries({**FLOW, "identity": True}, "dst.back")


def test_records_behind_are_those_after_the_last_noted_and_all_of_a_topic_never_read() -> None:
    place = {"cluster": "src", "partition": 0, "topic": "a"}
    done = noted([{"partition": place, "offset": {"offset": 99}}, {"partition": {**place, "partition": 1}, "offset": None}])
    assert done == {("a", 0): 99}
    end = {("a", 0): 110, ("a", 1): 5, ("new", 0): 30, ("empty", 0): 7, ("made again", 0): 1}
    first = {("a", 1): 5, ("new", 0): 10, ("empty", 0): 7}
    assert behind({**done, ("made again", 0): 50}, first, end) == {"a": 10, "new": 20}


# -- values as people write them -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("orders", "orders"),
        (".*", ".*"),
        ("a, b-.*", "a,b-.*"),
        (["a,b", " c "], "a,b,c"),
        (["a.b", 7], r"a\.b,7"),
        ("", None),
        (None, ".*"),
    ],
)
def test_topics_and_groups_are_read_as_mirrormaker_reads_them(written: Any, sent: str | None) -> None:
    if sent is None:
        assert "topics []" in refused(flow(topics=written))
        return
    config = made(flow(topics=written, groups=written))["a-to-b-checkpoint"]["config"]
    assert (config["topics"], config["groups"]) == (sent, sent)


def test_values_are_used_as_ansible_converts_them() -> None:
    found = flow(heartbeat="no", checkpoint="false", heartbeat_max_age="60", lag_max="5", tasks="2", config=None, state=None)
    assert list(made(found)) == ["a-to-b"] and made(found)["a-to-b"]["config"]["tasks.max"] == "2"
    shown = plan([found], CLUSTERS, CONNECT)[0][0].shown()
    assert (shown["heartbeat_max_age"], shown["lag_max"], shown["heartbeats"]) == (60, 5, "")
    assert mirror_topics([found], TOPOLOGY, "a") == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"heartbeat": "perhaps"}, "flow 1 of the list, a → b: argument 'heartbeat'"),
        ({"tasks": "many"}, "argument 'tasks'"),
        ({"topic": "a"}, "topic. Supported parameters include"),
        ({"topics": "orders-[0-9]{1,3}"}, "topics with 'orders-[0-9]{1', which is no pattern of Java"),
        ({"topics": ["a", "x-[0-9]{1,3}"]}, "write x{1,3} as xx?x?"),
        ({"topics_exclude": ["(a"]}, "topics_exclude with '(a'"),
        ({"groups": ["*"]}, "groups with '*', which is no pattern of Java: nothing to repeat"),
        ({"groups_exclude": "[a,b]c"}, "groups_exclude with '[a'"),
        ({"heartbeat_max_age": 0}, "heartbeat_max_age 0. Write at least 1"),
        ({"lag_max": -1}, "lag_max -1"),
        ({"config": {"source": {"transforms": {"x": {"type": "T"}}}}}, "dotted keys: transforms.x.type"),
    ],
)
def test_what_can_never_work_is_refused(options: dict[str, Any], words: str) -> None:
    assert words in refused(flow(**options))


def test_an_item_that_is_no_mapping_or_lacks_an_end_is_refused() -> None:
    assert "flow 2 of the list: 'a' is not a mapping" in refused(flow(), "a")  # type: ignore[arg-type]
    assert "flow 1 of the list, a → ?: missing required arguments: target" in refused({"source": "a"})


@pytest.mark.parametrize(
    ("pattern", "valid"),
    [
        # As Java 17 judges them.
        ("", True),
        ("a{2}x{1,}", True),
        ("3}", True),
        (r"\p{Lu}.*", True),
        ("(?i)orders", True),
        ("a{1}{2}", True),
        ("a++", True),
        ("[a-z&&[^x]]", True),
        (r"a\{b", True),
        ("[{]", True),
        ("*.orders", False),
        ("a|*", False),
        ("a**", False),
        ("a{", False),
        ("a{x}", False),
        ("a{,3}", False),
        ("a{3,1}", False),
        ("{a}", False),
        ("(?:a", False),
        ("a)", False),
        ("[]", False),
        ("[z-a]", False),
        ("a\\", False),
    ],
)
def test_patterns_are_judged_as_java_does(pattern: str, valid: bool) -> None:
    assert (java_mistake(pattern) == "") == valid
