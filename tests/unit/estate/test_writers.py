"""What a component's files do not hold is named with all other mistakes of the inventory, before a host is touched."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import COMPONENTS
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Undefined, render
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import plan
from ansible_collections.estate.kafka.plugins.module_utils.estate.writers import OPTIONS
from real_estate import ROLES
from required_values import REQUIRED

ROOT = Path(__file__).resolve().parents[3]
WITH_OPTIONS = sorted(role for role in ROLES if f"{role}_host_config" in ROLES[role].options)


def problems(**variables: Any) -> list[str]:
    # A cluster has an ensemble or controllers.
    groups = {"all": ["one"], **{one.group: ["one"] for one in COMPONENTS if one.name != "kafka_controller"}}
    return render(plan(groups, {}, {"one": {**REQUIRED, **variables}}, ROLES).problems)


def test_an_inventory_that_sets_nothing_has_no_problem() -> None:
    assert problems() == []


@pytest.mark.parametrize("role", WITH_OPTIONS)
def test_the_writer_is_the_one_that_the_role_uses(role: str) -> None:
    text = (ROOT / "roles" / role / "vars/main.yml").read_text()
    names = re.findall(rf"_{role}_options \| (?:estate\.kafka\.nested \| )?estate\.kafka\.(\w+)", text)
    (used,) = [name for name in names if name != "refers_to"]
    assert used == OPTIONS[role].__name__.replace("yaml_file", "yaml")


@pytest.mark.parametrize(
    ("variable", "value", "place", "says"),
    [
        ("zookeeper_jvm_flags", ["-Xss1m", "-Da=1 -Db=2"], "zookeeper_jvm_flags[1]", "two flags in one item"),
        ("kafka_broker_jvm_flags", ["-Da=1\n[Install]"], "kafka_broker_jvm_flags[0]", "line ends or control characters"),
        ("elasticsearch_jvm_flags", ["-Da=1", " -Db=2"], "elasticsearch_jvm_flags[1]", "no blank at an end"),
        ("kafka_connect_log4j_config", {"a": {"b": 1}}, "kafka_connect_log4j_config.a", "dotted names"),
        ("node_exporter_config", {"web.listen": "a\nb"}, "node_exporter_config.web.listen", "line ends"),
        ("grafana_host_config", {"server.a b": "x"}, "grafana_host_config.server.a b", "ini file"),
        ("cmak_config", {"a": float("nan")}, "cmak_config.a", "infinite or none"),
        ("kafka_broker_user", "kafka ", "kafka_broker_user", "begins with a letter"),
        ("zookeeper_data_dir", "/var/lib/zoo\nkeeper", "zookeeper_data_dir", "an absolute path without"),
        ("kibana_config", {"a": "\udc00"}, "kibana_config.a", "surrogate"),
        ("zookeeper_environment", {"A B": "x"}, "zookeeper_environment", "no name of a variable"),
        ("kafka_broker_unit", "Nice=5", "kafka_broker_unit", "begins with a section"),
    ],
)
def test_each_is_named_with_its_place_and_reason(variable: str, value: Any, place: str, says: str) -> None:
    (line,) = problems(**{variable: value})
    assert line.startswith(f"one: {place}: found ") and says in line


def test_all_are_named_at_once() -> None:
    wrong = {
        "zookeeper_jvm_flags": ["-Da=1 -Db=2", "-Dc=1 -Dd=2"],
        "grafana_config": {"a b": 1, "c d": 2, "server.http_port": 3000},
        "kafka_broker_environment": {"1": "x"},
    }
    assert len(problems(**wrong)) == 5


def test_no_value_is_shown() -> None:
    (line,) = problems(node_exporter_config={"password": "hunter2\nhunter2"})
    assert "hunter2" not in line


def test_what_only_the_run_knows_and_what_is_left_out_is_no_mistake() -> None:
    later = Undefined("facts", later=True)
    assert (
        problems(
            zookeeper_jvm_flags=["-Xss1m", later],
            node_exporter_config={"a": None, "b": later, "c": [1, later]},
            kafka_broker_log4j_config=later,
            kafka_connect_jvm_flags=later,
            zookeeper_log_dir=later,
        )
        == []
    )


@pytest.mark.parametrize("role", ["kafka_broker", "zookeeper", "kafka_connect"])
def test_a_dictionary_is_told_once(role: str) -> None:
    assert len(problems(**{f"{role}_config": {"plugin.own": {"a": 1}}, f"{role}_unknown_options": ["plugin.own"]})) == 1
