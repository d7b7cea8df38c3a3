"""What the JMX exporter agent adds to a component, and that every rule of the toolkit can be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.filter.jmx import jmx_agent, jmx_config

ROOT = Path(__file__).resolve().parents[3]
ROLES = ("kafka_broker", "kafka_connect", "zookeeper")
RELEASES = {"jmx-exporter": {"version": "1.0.1", "sha256": "00"}}


def agent(enabled: bool = True, left_out: dict[str, str] | None = None, releases: Any = RELEASES, **config: Any) -> Any:
    return jmx_agent(releases, "zookeeper", enabled, left_out or {}, 7073, "/etc/zookeeper", config)


def test_the_flag_names_jar_port_and_file() -> None:
    assert agent()["flags"] == [
        "-javaagent:/opt/jmx-exporter/1.0.1/jmx_prometheus_javaagent-1.0.1.jar=7073:/etc/zookeeper/jmx-exporter.yml"
    ]


@pytest.mark.parametrize(("enabled", "left_out"), [(False, {}), (True, {"jmx-exporter": "is not available"})])
def test_nothing_is_added_where_it_is_off_or_left_out(enabled: bool, left_out: dict[str, str]) -> None:
    assert agent(enabled, left_out, {}) == {"releases": [], "files": [], "flags": [], "watch": []}


def test_a_release_that_nobody_asked_for_is_named() -> None:
    with pytest.raises(AnsibleFilterError, match="jmx-exporter"):
        agent(releases={})


def test_rules_of_a_person_come_first_and_null_removes() -> None:
    own = {"lowercaseOutputName": True, "rules": [{"pattern": "own"}], "includeObjectNames": ["own:*"]}
    config = {"lowercaseOutputName": None, "rules": [{"pattern": "mine"}], "includeObjectNames": ["mine:*"]}
    assert jmx_config(own, config) == {
        "rules": [{"pattern": "mine"}, {"pattern": "own"}],
        "includeObjectNames": ["mine:*", "own:*"],
    }


@pytest.mark.parametrize("role", ROLES)
def test_rules_can_be_read_and_a_counter_says_so(role: str) -> None:
    config = yaml_load((ROOT / f"roles/{role}/files/jmx-exporter.yml").read_text())
    assert config["includeObjectNames"], "without it a scrape would read every object"
    for rule in config["rules"]:
        groups = re.compile(rule["pattern"]).groups
        used = {
            int(number)
            for text in (rule["name"], *map(str, rule.get("labels", {}).values()))
            for number in re.findall(r"\$(\d)", text)
        }
        assert used == set(range(1, groups + 1)), rule["pattern"]
        assert (rule["type"] == "COUNTER") == rule["name"].endswith("_total"), rule["name"]
        # A remembered rule never sees the text of a value.
        assert not (rule.get("cache") and re.search(r"(?<!\?): .", rule["pattern"])), rule["pattern"]
