"""A value that Ansible hides behind another one of the same host is told where something of it would be lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.manager import VariableManager
from ansible_collections.estate.kafka.plugins.module_utils.estate.hidden import Level, lost_options, undecided
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.plugin_utils.levels import Levels
from hypothesis import given
from hypothesis import strategies as st

DICTIONARIES = {"kafka_broker_config", "kafka_broker_group_config", "kafka_broker_environment"}
ALL, GROUP, OTHER, HOST = ("group all", (0, 0)), ("group east", (1, 0)), ("group west", (1, 0)), ("host a", (9, 0))


def told(*levels: tuple[tuple[str, tuple[int, int]], dict[str, Any]]) -> tuple[list[str], list[str]]:
    found = [Level(owner, rank, variables) for (owner, rank), variables in levels]
    problems, warnings = lost_options("a", found, DICTIONARIES, lambda _: "")
    return render([*problems, *undecided("a", found, lambda _: "")]), render(warnings)


def test_options_that_another_level_hides_are_told_with_the_variables_that_hide_none() -> None:
    (line,), _ = told((ALL, {"kafka_broker_config": {"x": 1, "y": 2}}), (HOST, {"kafka_broker_config": {"y": 3}}))
    assert line == (
        "a: kafka_broker_config: found the mapping of host a, in place of that of group all, which has x. Ansible takes one of "
        "them whole, while kafka_broker_config, kafka_broker_group_config and kafka_broker_host_config are laid over one "
        "another: write one of the two into another of these."
    )


def test_a_mapping_that_has_no_levels_is_doubted() -> None:
    problems, (line,) = told((ALL, {"kafka_broker_environment": {"A": "1"}}), (GROUP, {"kafka_broker_environment": {"B": "1"}}))
    assert not problems and "write in it what is to stay of the other" in line


@pytest.mark.parametrize(
    "last", [{"x": None, "y": 3}, {}, "{{ base | combine({'y': 3}) }}", None], ids=["all of it", "nothing", "template", "null"]
)
def test_what_hides_nothing_or_says_so_passes(last: Any) -> None:
    assert told((ALL, {"kafka_broker_config": {"x": 1}}), (HOST, {"kafka_broker_config": last})) == ([], [])


@given(st.lists(st.dictionaries(st.sampled_from("uvwxyz"), st.integers()), min_size=1, max_size=5))
def test_each_lost_option_is_told_once_and_no_other(mappings: list[dict[str, int]]) -> None:
    problems, _ = told(*(((f"group {number}", (number, 0)), {"kafka_broker_config": one}) for number, one in enumerate(mappings)))
    lost = [set(one) - set(mappings[-1]) if mappings[-1] else set() for one in mappings[:-1]]
    assert len(problems) == sum(map(bool, lost))
    for names, line in zip(filter(None, lost), problems, strict=True):
        assert all(f"{name}" in line.partition("which has ")[2] for name in sorted(names)[:1])


def test_two_groups_that_make_a_host_a_member_of_two_clusters() -> None:
    (line,), _ = told((GROUP, {"kafka_controller_cluster": "a"}), (OTHER, {"kafka_controller_cluster": "b"}))
    assert "found 'b' of group west, and 'a' of group east" in line


@pytest.mark.parametrize(
    "levels",
    [
        [(ALL, {"kafka_connect_cluster": "a"}), (GROUP, {"kafka_connect_cluster": "b"})],
        [(GROUP, {"zookeeper_ensemble": "a"}), (OTHER, {"zookeeper_ensemble": "a"})],
        [(GROUP, {"zookeeper_ensemble": "a"}), (OTHER, {"zookeeper_ensemble": "b"}), (HOST, {"zookeeper_ensemble": "b"})],
        [(GROUP, {"kafka_broker_heap": "1g"}), (OTHER, {"kafka_broker_heap": "2g"})],
        [(GROUP, {"kafka_broker_cluster": "a"}), (GROUP, {"kafka_broker_cluster": "b"})],
    ],
    ids=["deeper", "the same", "the host decides", "no membership", "two files of one group"],
)
def test_a_membership_that_somebody_decided(levels: list[Any]) -> None:
    assert told(*levels) == ([], [])


def test_the_levels_are_those_of_ansible_in_its_order(tmp_path: Path) -> None:
    """Laid over one another they are what Ansible itself says of the host."""
    files = {
        "hosts.yml": """
            all:
              vars: {v: all-inline, i: 1}
              children:
                outer:
                  vars: {v: outer-inline, o: 1}
                  children: {inner: {hosts: {a: {v: host-inline, h: 1}}}}
                beside: {hosts: {a: }}
            """,
        "group_vars/all/one.yml": "{v: all-one, w: 1, x: {a: 1}}",
        "group_vars/all/two.yml": "{v: all-two, w: 2}",
        "group_vars/outer.yml": "{v: outer, x: {b: 1}}",
        "group_vars/inner/more/deep.yml": "{v: inner, y: 1}",
        "group_vars/beside.json": '{"y": 2}',
        "host_vars/a.yml": "{v: host}",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    loader = DataLoader()
    inventory = InventoryManager(loader, [str(tmp_path / "hosts.yml")])
    levels = Levels(inventory, loader, [tmp_path]).of("a")
    laid: dict[str, Any] = {}
    for level in levels:
        laid |= level.variables
    theirs = VariableManager(loader, inventory).get_vars(host=inventory.get_host("a"), include_hostvars=False)
    assert laid == {name: theirs[name] for name in laid} and set("viohwxy") <= laid.keys()
    owners = [level.owner for level in levels if "v" in level.variables]
    inline = ["group all", "group all", "group all", "group outer"]
    assert owners == [*inline, "group outer", "group inner", "host a", "host a"]
