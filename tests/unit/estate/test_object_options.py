"""Settings of connectors: what Connect itself reads of any, by name and type; the rest is the connector's own."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.object_options import check_connector
from hypothesis import given
from hypothesis import strategies as st
from real_estate import DEFINITIONS

FOUR = DEFINITIONS.of("kafka-4")
KNOWN = DEFINITIONS.programs["connector"].options


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"errors.tolerance": "some"}, "takes one of all, none for errors.tolerance"),
        ({"errors.log.enable": "yes"}, "takes true or false"),
        ({"errors.retry.timeout": "5m"}, "takes an integer"),
        ({"errors.deadletterqueue.topic.replication.factor": 100_000}, "takes"),
        ({"exactly.once.support": "maybe"}, "takes one of REQUESTED, REQUIRED"),
        ({"consumer.override.max.poll.records": "many"}, "takes an integer"),
        ({"producer.override.acks": "most"}, "takes one of"),
    ],
)
def test_a_value_that_connect_would_refuse_is_told(config: dict[str, Any], told: str) -> None:
    for definitions in (DEFINITIONS, FOUR):
        (complaint,) = check_connector(config, definitions)
        assert told in complaint.remedy and not complaint.warning


@pytest.mark.parametrize("name", ["errors.tolerence", "task.max", "consumer.override.max.poll.record"])
def test_a_name_like_one_that_connect_reads_is_doubted(name: str) -> None:
    (complaint,) = check_connector({name: "1"}, DEFINITIONS)
    assert complaint.warning and "write that if it is meant" in complaint.remedy


def test_what_the_class_reads_is_its_own_business() -> None:
    own = {
        "connector.class": "x.HBaseSink",
        "tasks.max": "0",  # judged elsewhere
        "zookeeper.quorum": "zk1:2181",
        "message.format.version": "2",
        "topic": "lines",
        "file": "/tmp/x",
        "transforms": "a,b",
        "transforms.a.type": "x.T",
        "errors.tolerance": "${file:/etc/secrets:tolerance}",
        "exactly.once.support": "required",
    }
    for definitions in (DEFINITIONS, FOUR):
        assert check_connector(own, definitions) == []


@given(st.sampled_from(sorted(KNOWN)), st.integers(-3, 3) | st.booleans() | st.sampled_from(["", "all", "none", "x"]))
def test_no_value_ends_in_anything_but_an_answer(name: str, value: Any) -> None:
    for complaint in check_connector({name: value}, DEFINITIONS):
        assert complaint.option == name and complaint.remedy
