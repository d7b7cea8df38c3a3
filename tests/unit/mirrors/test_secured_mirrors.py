"""Flows of a secured estate: a user of its own for each side, with the least rights, and what is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.filter.mirrors import mirror_connectors
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.lag import joined
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.plan import plan
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.rights import logins
from ansible_collections.estate.kafka.plugins.module_utils.security.mirrors import files, rights, unsafe, users

CLUSTERS: dict[str, dict[str, Any]] = {
    name: {"bootstrap": f"{name}:9094", "brokers": [1], "default_replication_factor": 1, "state_topics": []}
    for name in ("a", "b")
}
WORKERS: dict[str, Any] = {"cluster": "b", "hosts": ["b1"], "urls": [], "exactly_once": False}
PLACE = {"directory": "/etc/kafka-connect", "user": "kafka-connect"}
CONNECT = {"workers": WORKERS | PLACE}
SECRETS = "/etc/kafka-connect/secrets/mirrors.properties"


def flow(**options: Any) -> dict[str, Any]:
    return {"source": "a", "target": "b", "source_alias": "src", "topics": ["orders"], "groups": ["shop"], **options}


def allowed(**options: Any) -> dict[str, dict[tuple[str, str, str], set[str]]]:
    """Return what the user of each side may do."""
    flows, refused = plan([flow(**options)], CLUSTERS, CONNECT)
    assert not refused
    return {
        side["user"]: {
            (one["resource_type"], one.get("resource_name", ""), one.get("pattern", "literal")): {*one["operations"]}
            for one in side["rights"]
        }
        for side in logins(flows[0])
    }


def topology(*flows: dict[str, Any]) -> dict[str, Any]:
    made, refused = plan(flows, CLUSTERS, CONNECT)
    assert not refused
    return {
        "clusters": CLUSTERS,
        "connect_clusters": CONNECT,
        "mirrors": [one.shown() | {"logins": logins(one)} for one in made],
    }


def test_each_side_has_a_user_with_the_rights_that_its_connectors_use() -> None:
    assert allowed() == {
        "estate-mirror-a-to-b-source": {
            ("topic", "orders", "literal"): {"read", "describe_configs"},
            ("topic", "heartbeats", "literal"): {"read", "describe_configs", "create", "write"},
            ("topic", "mm2-offset-syncs.b.internal", "literal"): {"create", "write", "read"},
            ("group", "shop", "literal"): {"describe"},
        },
        "estate-mirror-a-to-b-target": {
            ("topic", "src.", "prefixed"): {"create", "write", "alter", "alter_configs", "read"},
            ("topic", "src.checkpoints.internal", "literal"): {"create", "write", "read"},
            ("group", "shop", "literal"): {"read"},
        },
    }


def test_what_a_flow_does_not_do_it_has_no_right_to() -> None:
    config = {"source": {"sync.topic.configs.enabled": False, "offset-syncs.topic.location": "target"}}
    found = allowed(heartbeat=False, checkpoint=False, config=config)
    assert found == {
        "estate-mirror-a-to-b-source": {("topic", "orders", "literal"): {"read", "describe_configs"}},
        "estate-mirror-a-to-b-target": {
            ("topic", "src.", "prefixed"): {"create", "write", "alter"},
            ("topic", "mm2-offset-syncs.src.internal", "literal"): {"create", "write"},
        },
    }
    assert "read" not in allowed(sync_group_offsets=False)["estate-mirror-a-to-b-target"]["topic", "src.", "prefixed"]


def test_acls_are_copied_only_where_the_flow_asks_for_it() -> None:
    (made, *_) = mirror_connectors([flow()], {"clusters": CLUSTERS, "connect_clusters": CONNECT}, "workers")
    assert made["config"]["sync.topic.acls.enabled"] == "false"
    found = allowed(config={"all": {"sync.topic.acls.enabled": True}})
    assert found["estate-mirror-a-to-b-source"]["cluster", "", "literal"] == {"describe"}
    assert found["estate-mirror-a-to-b-target"]["cluster", "", "literal"] == {"alter"}


def test_rights_on_a_pattern_begin_as_its_matches_do() -> None:
    found = allowed(topics=["shop-.*", "orders"], groups=[".*"])
    assert {name for _, name, _ in found["estate-mirror-a-to-b-source"]} >= {"shop-", "orders", "*"}
    assert ("topic", "shop-", "prefixed") in found["estate-mirror-a-to-b-source"]
    assert ("group", "*", "literal") in found["estate-mirror-a-to-b-target"]


def test_under_identity_the_target_has_the_names_of_the_source() -> None:
    found = allowed(policy="identity", topics=["orders", "shop-.*"])["estate-mirror-a-to-b-target"]
    every = {"create", "write", "alter", "alter_configs"}
    assert found["topic", "orders", "literal"] == found["topic", "shop-", "prefixed"] == every | {"read"}
    assert found["topic", "src.heartbeats", "literal"] == every
    assert ("topic", "src.", "prefixed") not in found


def test_every_client_of_every_connector_logs_in_and_shows_no_secret() -> None:
    made = mirror_connectors([flow()], {"clusters": CLUSTERS, "connect_clusters": CONNECT}, "workers")
    users_of = {
        "a-to-b": ("source", "target"),
        "a-to-b-checkpoint": ("source", "target"),
        "a-to-b-heartbeat": ("source", "source"),
    }
    assert {one["name"] for one in made} == users_of.keys()
    for one in made:
        config = one["config"]
        source, target = users_of[one["name"]]
        for prefix, side in (("source.cluster.", source), ("target.cluster.", target), ("producer.override.", target)):
            cluster = {"source": "a", "target": "b"}[side]
            assert config[f"{prefix}security.protocol"] == "SASL_SSL"
            assert config[f"{prefix}ssl.truststore.location"] == f"/etc/kafka-connect/tls/{cluster}-listeners-ca.pem"
            secret = f"${{file:{SECRETS}:kafka_password_{cluster}_estate_mirror_a_to_b_{side}}}"
            jaas = config[f"{prefix}sasl.jaas.config"]
            assert f'username="estate-mirror-a-to-b-{side}"' in jaas and f'password="{secret}"' in jaas
        assert not list(unsafe(config, {"a:9094": "a", "b:9094": "b"}))


def test_workers_get_the_passwords_of_the_flows_that_they_carry() -> None:
    known = topology(flow())
    assert users(known, "a") == [{"name": "estate-mirror-a-to-b-source"}]
    assert {one["principal"] for one in rights(known, "b")} == {"User:estate-mirror-a-to-b-target"}
    passwords = {
        f"kafka_password_{one}_estate_mirror_a_to_b_{side}": f"of-{side}" for one, side in zip("ab", ("source", "target"))
    }
    found = {item["path"]: item for item in files(known, "workers", passwords)}
    secret = found[SECRETS]
    assert secret["content"] == "".join(f"{name}={value}\n" for name, value in sorted(passwords.items()))
    assert (secret["owner"], secret["mode"], secret["secret"]) == ("kafka-connect", "0400", True)
    trusted = {item["pem"]["authority"] for item in found.values() if "pem" in item}
    assert trusted == {"a-listeners", "b-listeners"}
    assert files(known, "others", passwords) == []


def test_an_open_estate_has_none_of_it() -> None:
    flows, refused = plan([flow()], CLUSTERS, {"workers": WORKERS})
    assert not refused and logins(flows[0]) == []
    assert not [key for made in flows[0].connectors() for key in made["config"] if "sasl" in key or "acls" in key]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (flow(name="a b"), "name 'a b'"),
        ({"source": "far", "target": "b", "source_bootstrap": "far:1", "topics": ["orders"]}, "outside of the inventory"),
        (flow(config={"all": {"source.cluster.security.protocol": "PLAINTEXT"}}), "source.cluster.security.protocol"),
        (flow(config={"source": {"consumer.ssl.truststore.location": "/x"}}), "consumer.ssl.truststore.location"),
        (flow(config={"heartbeat": {"producer.override.sasl.jaas.config": None}}), "producer.override.sasl.jaas.config"),
        (flow(policy="identity", topics=[".*"]), "every topic of the target"),
        (flow(config={"all": {"replication.policy.class": "com.acme.Policy"}}), "com.acme.Policy"),
    ],
)
def test_what_would_go_around_it_is_refused_by_name(item: dict[str, Any], words: str) -> None:
    found = "\n".join(f"{what}. {remedy}" for what, remedy in plan([item], CLUSTERS, CONNECT)[1])
    assert words in found and "security_profile: secured" in found


def test_workers_that_write_in_transactions_carry_no_flow_yet() -> None:
    connect = {"workers": {**CONNECT["workers"], "exactly_once": True}}
    (found, _), *_ = plan([flow()], CLUSTERS, connect)[1]
    assert "exactly.once.source.support enabled, which is not implemented yet" in found


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({"source.cluster.bootstrap.servers": "a:9094"}, "without source.cluster.security.protocol"),
        ({"history.bootstrap.servers": "far:9092", "history.security.protocol": "PLAINTEXT"}, ""),
        ({"x.bootstrap.servers": "a:9094", "x.security.protocol": "plaintext"}, "PLAINTEXT for the cluster a"),
        ({"x.bootstrap.servers": "a:9094", "x.security.protocol": "SASL_SSL"}, ""),
        ({"x.bootstrap.servers": "a:9094", "x.security.protocol": "${file:/a:b}"}, ""),
        ({"producer.override.bootstrap.servers": "a:9094"}, ""),
        ({"consumer.override.security.protocol": "SASL_PLAINTEXT"}, "SASL_PLAINTEXT for the workers' own cluster"),
        ({"producer.override.security.protocol": "SSL"}, ""),
        ({"producer.override.bootstrap.servers": "a:9094", "producer.override.security.protocol": "PLAINTEXT"}, "PLAINTEXT"),
    ],
)
def test_a_client_that_would_end_its_worker_is_found(config: dict[str, str], found: str) -> None:
    lines = [words for _, words in unsafe(config, {"a:9094": "a"})]
    assert [found in line for line in lines] == ([True] if found else [])


def test_how_far_a_flow_is_comes_from_three_places() -> None:
    known = topology(flow())
    known["clusters"] = {name: {"brokers": [{"host": f"{name}1"}, {"host": f"{name}2"}]} for name in ("a", "b")}
    answers: dict[tuple[str, str], Any] = {
        ("kafka_broker", "a2"): {"a-to-b": {"ends": [["orders", 0, 5, 9], ["orders", 1, 5, 7]], "ends_error": ""}},
        ("kafka_broker", "b1"): {"a-to-b": {"age": None, "age_error": "refused"}},
        ("kafka_broker", "b2"): {"a-to-b": {"age": 3.0, "age_error": ""}},
        ("kafka_connect", "b1"): {"a-to-b": {"noted": [["orders", 0, 6]], "noted_error": ""}},
    }

    def told(component: str, host: str) -> Any:
        return answers.get((component, host), {})

    (one,) = known["mirrors"]
    assert joined(known, one, told) == {"behind": {"orders": 4}, "behind_error": "", "age": 3.0, "age_error": ""}
    noted = answers.pop(("kafka_connect", "b1"))
    assert joined(known, one, told) == {"age": 3.0, "age_error": ""}, "no worker is in this run"
    answers.clear()
    answers["kafka_connect", "b1"] = noted
    assert joined(known, one, told) == {}, "only a worker is in this run"
