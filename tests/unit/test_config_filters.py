"""The text that configuration files get."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.filter.config import (
    directories,
    flags,
    properties,
    refers_to,
    yaml_text,
    zookeeper_member,
)
from ansible_collections.estate.kafka.plugins.filter.config import lines as text_lines
from ansible_collections.estate.kafka.plugins.module_utils.estate.levels import merged


def lines(options: dict[str, object]) -> list[str]:
    return properties(options).splitlines()[1:]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (3, "3"),
        ("a,b", "a,b"),
        (["x", "y"], "x,y"),
        ("a\nb", "a\\nb"),
        ("c:\\d", "c:\\\\d"),
        ("", ""),
        (" x", "\\ x"),
    ],
)
def test_values_are_written_as_java_reads_them(value: object, text: str) -> None:
    assert lines({"key": value}) == [f"key={text}"]


def test_a_null_removes_a_key_in_the_file_and_in_a_merge() -> None:
    assert lines({"key": None, "other": 1}) == ["other=1"]
    assert merged({"a": 1, "b": 2}, {"b": None}, {"c": 3}) == {"a": 1, "c": 3}


def test_the_last_word_is_the_users() -> None:
    assert merged({"a": 1}, {"a": 2}) == {"a": 2}


def test_a_dictionary_is_refused_by_name() -> None:
    with pytest.raises(AnsibleFilterError, match=r"broker\.rack") as error:
        properties({"broker.rack": {"a": "hunter2"}})
    assert "hunter2" not in str(error.value)


def test_zookeeper_members_and_directories() -> None:
    server = {"id": 1, "host": "zk1", "client_port": 2181, "peer_port": 2888, "election_port": 3888}
    assert zookeeper_member(server) == "zk1:2888:3888"
    assert directories(["/d"], "kafka") == [{"path": "/d", "state": "directory", "owner": "kafka", "mode": "0750"}]


def test_a_restart_is_due_for_secrets_only_where_the_worker_itself_reads_them() -> None:
    file = "/etc/c/secrets/all.properties"
    for value in ("${file:/etc/c/secrets/all.properties:key}", "x ${directory:/etc/c/secrets:key}"):
        assert refers_to({"a": 1, "ssl.key.password": value}, file) == [file]
    for value in ("${file:/etc/d/all.properties:key}", ":/etc/c/secrets"):
        assert refers_to({"ssl.key.password": value, "port": 5}, file) == []


def test_yaml_keeps_order_and_types_and_leaves_nulls_out() -> None:
    text = yaml_text({"node.name": "a", "xpack.security.enabled": False, "gone": None, "seeds": ["b:1", "c:1"]})
    assert text.splitlines()[1:] == ["node.name: a", "xpack.security.enabled: false", "seeds:", "- b:1", "- c:1"]


def test_lines() -> None:
    assert text_lines(["-Xms1g", "-Xmx1g"]).splitlines()[1:] == ["-Xms1g", "-Xmx1g"]


def test_flags_are_words_as_a_unit_file_holds_them() -> None:
    options = {"a": 1, "on": True, "off": False, "many": ["x", "y"], "gone": None, "pattern": "^_.*$", "share": "5%"}
    assert flags(options) == ["--a=1", "--on", "--no-off", "--many=x", "--many=y", "--pattern=^_.*$$", "--share=5%%"]
    assert flags({"text": 'two "words" \\d;'}, "-") == ['"-text=two \\"words\\" \\\\d;"']


def test_a_flag_of_two_lines_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="line ends"):
        flags({"a": "b\nc"})
