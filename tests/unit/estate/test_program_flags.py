"""Flags of Prometheus, Alertmanager and the exporters: known by name, switched or with a value, and each once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.estate.program_flags import (
    Given,
    load_flags,
    of_mapping,
    of_words,
    wrong_flags,
)
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[3]
FLAGS = load_flags(ROOT / "artifacts/options", {})
CATALOGUE = yaml_load((ROOT / "artifacts/catalogue.yml").read_text())["components"]


def told(program: str, words: list[Any], allowed: tuple[str, ...] = ()) -> list[str]:
    return [one.remedy for one in wrong_flags(FLAGS[program], of_words("x_flags", words), allowed) if not one.doubtful]


@pytest.mark.parametrize("program", FLAGS)
def test_every_version_that_a_source_has_is_known(program: str) -> None:
    entry = CATALOGUE[program]
    wanted = {entry["version"], *(source["version"] for source in entry["sources"] if "version" in source)}
    assert wanted == set(FLAGS[program].versions), "run: python tools/flags.py, as it says itself"


@pytest.mark.parametrize(
    ("program", "words", "remedy"),
    [
        ("prometheus", ["--web.enable-lifecyle"], "Write web.enable-lifecycle if that is meant"),
        ("prometheus", ["--web.enable-lifecycle --log.level=debug"], "no such flag"),
        ("prometheus", ["--web.enable-lifecycle=true"], "true or false"),
        ("prometheus", ["--log.level=verbose"], "one of debug, error, info, warn"),
        ("prometheus", ["--query.timeout"], "wants a value"),
        ("prometheus", ["--query.timeout=1m", "--query.timeout=2m"], "takes it once"),
        ("prometheus", ["--help"], "says something and ends"),
        ("prometheus", ["--no-query.timeout"], "no such flag"),
        ("alertmanager", ["--cluster.pear=a:1"], "Write cluster.peer if that is meant"),
        ("blackbox-exporter", ["--config.check"], "says something and ends"),
        ("node-exporter", ["--collector.systmd"], "Write collector.systemd if that is meant"),
        ("kafka-exporter", ["--topic.fliter=a"], "Write topic.filter if that is meant"),
        ("elasticsearch-exporter", ["--es.shard"], "Write es.shards if that is meant"),
        ("consumer-group-exporter", ["--topic-intervall=3"], "Write topic-interval if that is meant"),
    ],
)
def test_what_a_program_ends_over(program: str, words: list[str], remedy: str) -> None:
    assert any(remedy in line for line in told(program, words)), told(program, words)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("prometheus", ["--web.enable-lifecycle", "--query.timeout", "2m", "--log.level=debug", "--no-scrape.adjust-timestamps"]),
        ("prometheus", ["--storage.tsdb.min-block-duration=2h", "--enable-feature=exemplar-storage", "--enable-feature=x"]),
        ("alertmanager", ["--cluster.peer=a:1", "--cluster.peer=b:1", "--log.format=json"]),
        ("node-exporter", ["--collector.systemd", "--no-collector.wifi", "--collector.netdev.device-exclude=^veth"]),
        ("kafka-exporter", ["--topic.filter=orders.*", "--kafka.server=a:1", "--kafka.server=b:1", "--sasl.enabled"]),
        ("elasticsearch-exporter", ["--es.shards", "--es.timeout=8s"]),
        ("consumer-group-exporter", ["--from-start", "--topic-interval=3"]),
        ("prometheus", ["{{ flags_of_the_site }}", "--query.max-samples={{ samples }}"]),
    ],
)
def test_what_a_program_takes(program: str, words: list[str]) -> None:
    assert told(program, words) == []


def test_a_flag_of_one_version_is_doubtful() -> None:
    found = list(wrong_flags(FLAGS["prometheus"], of_words("x", ["--web.enable-otlp-receiver"])))
    assert [one.doubtful for one in found] == [True] and "2.42.0 ends over it" in found[0].remedy


def test_in_a_mapping_true_and_false_switch_and_a_list_repeats() -> None:
    options = {"collector.systemd": True, "collector.wifi": False, "no-collector.arp": True, "log.level": None}
    assert not list(wrong_flags(FLAGS["node-exporter"], of_mapping(options, dict.fromkeys(options, "x"))))
    wrong = {"collector.systemd": "yes", "--collector.wifi": True, "log.level": True, "collector.arp.device-exclude": ["a", "b"]}
    found = [one.given.place for one in wrong_flags(FLAGS["node-exporter"], of_mapping(wrong, dict.fromkeys(wrong, "x")))]
    assert found == [f"x.{name}" for name in wrong]
    switch = [Given("x", "from-start", False)]
    assert "has no --no-" in next(wrong_flags(FLAGS["consumer-group-exporter"], switch)).remedy


def test_an_unknown_one_may_be_passed_on_purpose() -> None:
    assert told("node-exporter", ["--collector.mine.depth=3", "--other"], ("collector.mine.", "other")) == []
    assert told("node-exporter", ["--collector.mine"], ("collector.mine.",)) != []


def test_without_data_of_a_version_it_is_only_a_guess() -> None:
    flags = load_flags(ROOT / "artifacts/options", {"prometheus": "9.0.0"})["prometheus"]
    (found,) = wrong_flags(flags, of_words("x", ["--web.new=1"]))
    assert found.doubtful and "nothing of 9.0.0" in found.remedy


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(FLAGS)), st.text(min_size=1), st.booleans())
def test_no_name_at_all_is_taken_unseen(program: str, name: str, switch: bool) -> None:
    found = list(wrong_flags(FLAGS[program], [Given("x", name, switch)]))
    known = FLAGS[program].names | {f"no-{one}" for one in FLAGS[program].names}
    assert found or name in known
