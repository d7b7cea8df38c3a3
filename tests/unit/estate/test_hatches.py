"""A person's own files and unit settings: what is refused, by name, and what becomes of the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import COMPONENTS
from ansible_collections.estate.kafka.plugins.module_utils.estate.hatches import hatch_watch, mistakes, unit_item, with_hatches
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Undefined
from ansible_collections.estate.kafka.plugins.module_utils.formats.systemd import unit_drop_in
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[3]
ROLES = sorted(component.role for component in COMPONENTS)
TOOLKIT = [
    {"path": "/etc/zookeeper", "state": "directory"},
    {"path": "/etc/zookeeper/zoo.cfg", "content": "a=1\n"},
    {"path": "/etc/systemd/system/zookeeper.service", "template": "java.service.j2"},
]
DROP_IN = "/etc/systemd/system/zookeeper.service.d/kafka-estate.conf"


def hatched(**hatches: Any) -> list[Any]:
    return with_hatches(TOOLKIT, "zookeeper", "zookeeper", {"role": "zookeeper", **hatches})


@pytest.mark.parametrize(
    "path",
    [
        "/etc/zookeeper/zoo.cfg",
        "/etc/zookeeper//zoo.cfg",
        "/etc/./zookeeper/zoo.cfg",
        "/etc/zookeeper/",
        "/etc/systemd/system/zookeeper.service",
        DROP_IN,
    ],
)
def test_a_path_of_the_toolkit_is_refused_by_name(path: str) -> None:
    with pytest.raises(ValueError) as refused:
        hatched(files=[{"path": "/etc/zookeeper/mine", "content": ""}, {"path": path, "content": "x"}])
    assert f"zookeeper_files[1].path: found {path!r}" in str(refused.value)
    assert "toolkit writes this path itself" in str(refused.value)


@given(st.sampled_from([str(item["path"]) for item in TOOLKIT]), st.lists(st.sampled_from(["", "."]), max_size=4))
@settings(deadline=None, max_examples=50)
def test_however_the_path_is_spelt(path: str, between: list[str]) -> None:
    head, _, tail = path.rpartition("/")
    assert mistakes({"role": "r", "files": [{"path": "/".join([head, *between, tail]), "content": ""}]}, [path])


@pytest.mark.parametrize(
    ("item", "place", "word"),
    [
        ({"path": "etc/a", "content": ""}, "[0].path", "absolute"),
        ({"path": "/etc/../a", "content": ""}, "[0].path", "absolute"),
        ({"path": "/", "state": "directory"}, "[0].path", "absolute"),
        ({"path": "/a"}, "[0]", "one of content and template"),
        ({"path": "/a", "content": "", "template": "a.j2"}, "[0]", "one of content and template"),
        ({"path": "/a", "state": "link"}, "[0]", "src"),
        ({"path": "/a", "state": "directory", "restart": True}, "[0].restart", "watched"),
        ({"path": "/a", "state": "absent", "restart": True}, "[0].restart", "watched"),
        ({"path": "/a", "content": "", "mode": "0600", "restart": True}, "[0].mode", "read it"),
    ],
)
def test_what_cannot_be_written_or_watched_is_named(item: dict[str, Any], place: str, word: str) -> None:
    found = mistakes({"role": "zookeeper", "files": [item]}, user="zookeeper")
    assert [(where, word in remedy) for where, _, remedy in found] == [(f"zookeeper_files{place}", True)]


def test_a_path_twice_is_named() -> None:
    twice = [{"path": "/a", "content": ""}, {"path": "/a/", "state": "directory"}]
    ((place, _, remedy),) = mistakes({"role": "r", "files": twice})
    assert place == "r_files[1].path" and "item before" in remedy


def test_the_message_never_holds_the_text_of_a_file() -> None:
    for item in ({"path": "/etc/zookeeper/zoo.cfg"}, {"path": "a"}, {"path": "/a", "template": "t"}):
        with pytest.raises(ValueError) as refused:
            hatched(files=[{**item, "content": "hunter2", "secret": True}])
        assert "hunter2" not in str(refused.value)


def test_what_only_the_run_knows_is_passed_over() -> None:
    later = Undefined("facts", later=True)
    assert mistakes({"role": "r", "files": [{"path": later}], "unit": later, "environment": {"A": later}}) == []


def test_own_files_come_after_the_toolkits_and_their_templates_are_a_persons() -> None:
    own = [
        {"path": "/etc/zookeeper/rack", "template": "rack.j2", "restart": True},
        {"path": "/etc/zookeeper/password", "content": "p", "secret": True, "owner": None},
    ]
    assert hatched(files=own, unit={}) == [
        *TOOLKIT,
        {"path": "/etc/zookeeper/rack", "template": "rack.j2", "own": True},
        {"path": "/etc/zookeeper/password", "content": "p", "secret": True, "mode": "0640"},
        {"path": DROP_IN, "state": "absent"},
    ]
    assert with_hatches(TOOLKIT, "zookeeper", "zookeeper", {}) == TOOLKIT


def test_the_drop_in_is_written_and_watched() -> None:
    hatches = {"role": "zookeeper", "files": [{"path": "/a", "restart": True}, {"path": "/b"}], "unit": {"Service": {"Nice": 5}}}
    *_, folder, item = hatched(unit=hatches["unit"])
    assert folder["state"] == "directory" and item["path"] == DROP_IN
    assert item["content"].endswith("\n[Service]\nNice=5\n")
    assert hatch_watch(hatches, "zookeeper") == ["/a", DROP_IN]
    assert hatch_watch({"unit": {}}, "zookeeper") == []


@pytest.mark.parametrize(
    ("settings_", "text"),
    [
        ({"Service": {"A": [1, "b"], "B": True, "C": None, "D": ""}}, "[Service]\nA=1\nA=b\nB=yes\nD=\n"),
        ({"Unit": {"After": "x.service"}, "Service": {"N": 0}}, "[Unit]\nAfter=x.service\n[Service]\nN=0\n"),
        ("\n# why\n[Service]\nNice=5\n\n", "# why\n[Service]\nNice=5\n"),
    ],
)
def test_a_drop_in_of_a_dictionary_or_a_text(settings_: Any, text: str) -> None:
    assert unit_drop_in(settings_).split("\n", 1)[1] == text


@pytest.mark.parametrize(
    "wrong",
    [
        5,
        "Nice=5",
        "[Service]\nExecStartPre =\n",
        ["Service"],
        {"Service": "Nice=5"},
        {"Ser vice": {}},
        {"Service": {"A B": 1}},
        {"Service": {"A": "1\n[Install]"}},
        {"Service": {"ExecStartPre": ""}},
    ],
)
def test_what_is_no_drop_in_is_refused(wrong: Any) -> None:
    ((place, _, _),) = mistakes({"role": "zookeeper", "unit": wrong})
    assert place == "zookeeper_unit"


def test_a_wrong_variable_of_the_environment_is_refused_and_null_is_none() -> None:
    ((place, found, _),) = mistakes({"role": "r", "environment": {"A-B": "1", "GOOD": "2", "GONE": None}})
    assert place == "r_environment" and "A-B" in found


def test_an_own_unit_must_write_down_what_it_starts_with() -> None:
    assert unit_item("kafka", "java.service.j2", {"unit_template": ""})["template"] == "java.service.j2"
    item = unit_item("kafka", "java.service.j2", {"unit_template": "mine.j2"})
    assert (item["template"], item["own"], item["holds"]) == ("mine.j2", True, "/run/kafka/started-with")


def loaded(path: str) -> Any:
    return yaml_load((ROOT / path).read_text())


def same_words(role: str) -> dict[str, Any]:
    """Return the options of the hatches and the account of a role's specs, by the names after its own."""
    options = loaded(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    names = ("group", "uid", "gid", "manage_user", "files", "unit", "environment", "unit_template")
    return {name: options[f"{role}_{name}"] for name in names}


def test_every_role_has_the_same_hatches_in_the_same_words() -> None:
    first = same_words(ROLES[0])
    assert {role: same_words(role) == first for role in ROLES} == dict.fromkeys(ROLES, True)
    for role in ROLES:
        variables = loaded(f"roles/{role}/vars/main.yml")
        wanted = {name: f"{{{{ {role}_{name} }}}}" for name in ("files", "unit", "environment", "unit_template")}
        assert variables[f"_{role}_hatches"] == {"role": role, **wanted}
        assert variables[f"_{role}_component"]["hatches"] == f"{{{{ _{role}_hatches }}}}"


TAGS = {"install", "configure", "service", "restart"}


def tasks_of(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [found for entry in entries for found in (tasks_of(entry["block"]) if "block" in entry else [entry])]


@pytest.mark.parametrize("path", sorted((ROOT / "roles").glob("*/tasks/*.yml")), ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_task_says_by_a_tag_what_it_does(path: Path) -> None:
    entries = yaml_load(path.read_text())
    for entry in entries:
        if "ansible.builtin.import_role" in entry or "ansible.builtin.import_tasks" in entry:
            continue
        assert entry.get("tags") in TAGS, entry["name"]


def test_the_entry_point_has_no_more_tasks_than_it_had() -> None:
    assert len(loaded("roles/common/tasks/component.yml")) == 6
