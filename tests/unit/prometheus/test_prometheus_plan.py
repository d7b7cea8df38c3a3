"""Targets of every inventory, Prometheus' configuration, and what a person may change of the alerts."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.prometheus.plan import (
    configuration,
    rule_files,
    scaled,
    targets,
)
from real_estate import ROOT, real_plan


def topology(name: str) -> dict[str, Any]:
    found: dict[str, Any] = real_plan(ROOT / "inventories" / name).topology
    return found


def test_the_targets_of_sixty_brokers() -> None:
    estate = topology("examples/sixty-brokers")
    jobs = targets(estate, ())
    brokers = jobs["kafka_broker"]
    assert len(brokers) == 60 and len(jobs["zookeeper"]) == 5
    assert {row["labels"]["cluster"] for row in brokers} == {"big"}
    assert sorted(row["targets"][0] for row in brokers) == sorted(
        f"{broker['host']}:7071" for broker in estate["clusters"]["big"]["brokers"]
    )
    # The example watches itself from a host of its own.
    config = configuration(estate, (), jobs, ["kafka"], {"scrape_interval": "15s"})
    assert [job["job_name"] for job in config["scrape_configs"]] == list(jobs)
    assert config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] == ["monitoring.example.com:9093"]


def test_every_host_and_component_of_production_has_its_labels() -> None:
    jobs = targets(topology("prod"), ())
    labels = [row["labels"] for row in jobs["kafka_broker"]]
    assert Counter(found["cluster"] for found in labels) == {"kafka-1": 3, "kafka-2": 3}
    assert {found["cluster"] for found in (row["labels"] for row in jobs["zookeeper"])} == {"zookeeper"}
    assert all({"role", "host"} <= row["labels"].keys() for listed in jobs.values() for row in listed)
    assert jobs["probe_http"] == [
        {
            "targets": ["http://peter-kafka03.foo.bar:8081/subjects"],
            "labels": {"role": "schema_registry", "host": "peter-kafka03.foo.bar"},
        }
    ]


def test_what_was_left_out_is_no_target_and_nobody_is_told_through_it() -> None:
    estate = topology("prod")
    left_out = {"alertmanager": "no source", "apicurio-registry": "no source"}
    jobs = targets(estate, left_out)
    assert "alertmanager" not in jobs and "probe_http" not in jobs
    assert "alerting" not in configuration(estate, left_out, jobs, [], {})
    # Without the blackbox exporter nothing can be probed.
    assert not {"probe_http", "probe_tls"} & targets(estate, {"blackbox-exporter": "no source"}, ["http://a/"]).keys()


def test_addresses_of_a_person_are_probed_through_the_blackbox_exporter() -> None:
    estate = topology("prod")
    jobs = targets(estate, (), ["https://shop.example.com:8443/health"], ["broker.example.com:9093"])
    assert jobs["probe_http"][1]["labels"] == {"role": "probe", "host": "shop.example.com"}
    assert jobs["probe_tls"] == [
        {"targets": ["broker.example.com:9093"], "labels": {"role": "probe", "host": "broker.example.com"}}
    ]
    config = configuration(estate, (), jobs, [], {}, [{"job_name": "mine"}])
    probe = next(job for job in config["scrape_configs"] if job["job_name"] == "probe_tls")
    assert probe["params"] == {"module": ["tls"]}
    assert probe["relabel_configs"][-1]["replacement"] == "peter-kafka01.foo.bar:9115"
    assert config["scrape_configs"][-1] == {"job_name": "mine"}


RULE = {
    "alert": "Down",
    "expr": "up == 0",
    "for": "5m",
    "labels": {"severity": "critical"},
    "annotations": {"summary": "down", "runbook_url": "docs/runbooks/down.md"},
}
OWN = {"own": {"groups": [{"name": "g", "rules": [RULE, {"record": "r", "expr": "1"}]}]}}


def first(files: dict[str, Any]) -> dict[str, Any]:
    rule: dict[str, Any] = files["own"]["groups"][0]["rules"][0]
    return rule


def test_nothing_changed_is_nothing_changed() -> None:
    assert rule_files(OWN, {}, {}) == OWN


def test_a_person_changes_and_removes_alerts() -> None:
    changed = first(rule_files(OWN, {"Down": {"for": "1h", "labels": {"team": "kafka"}}}, {}, for_scale=0.1))
    assert changed["for"] == "1h" and changed["labels"] == {"severity": "critical", "team": "kafka"}
    assert first(rule_files(OWN, {"Down": None}, {})) == {"record": "r", "expr": "1"}


def test_runbooks_are_where_the_person_has_them() -> None:
    changed = first(rule_files(OWN, {}, {}, runbooks="https://wiki.example.com/kafka/"))
    assert changed["annotations"]["runbook_url"] == "https://wiki.example.com/kafka/down.md"


@pytest.mark.parametrize(
    ("changes", "extra", "sentence"),
    [
        ({"Dwn": {}}, {}, r"there is no alert 'Dwn'; is Down meant\?"),
        ({}, {"own": {"groups": []}}, "own is the name of a file of the toolkit"),
    ],
)
def test_what_is_not_there_or_there_already_is_named(changes: dict[str, Any], extra: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        rule_files(OWN, changes, extra)


@pytest.mark.parametrize(
    ("duration", "factor", "result"),
    [("5m", 1, "5m"), ("5m", 0.1, "30s"), ("1h30m", 0.01, "54s"), ("1m", 0.001, "60ms"), ("1m", 0, "0s"), ("1d", 2, "172800s")],
)
def test_durations_times_a_factor(duration: str, factor: float, result: str) -> None:
    assert scaled(duration, factor) == result


def test_what_is_no_duration_is_named() -> None:
    with pytest.raises(ValueError, match="'soon' is no duration"):
        scaled("soon", 0.5)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://shop.example.com/health", "shop.example.com"),
        ("https://shop.example.com", "shop.example.com"),
        ("http://user:pass@shop.example.com:8443/a:b/c@d?x=http://y:1", "shop.example.com"),
        ("http://shop.example.com?x=1", "shop.example.com"),
        ("grpc+tls://shop:1", "shop"),
        ("broker.example.com", "broker.example.com"),
        ("broker.example.com:9093", "broker.example.com"),
        ("https://[2001:db8::1]:8443/", "2001:db8::1"),
        ("[2001:db8::1]:9093", "2001:db8::1"),
    ],
)
def test_the_host_of_an_address_is_its_label(address: str, host: str) -> None:
    jobs = targets(topology("prod"), (), [], [address])
    assert jobs["probe_tls"][-1]["labels"]["host"] == host
