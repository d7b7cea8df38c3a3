"""Dictionaries laid over one another, items of files, members of an ensemble."""

from __future__ import annotations

from ansible_collections.estate.kafka.plugins.filter.config import directories, refers_to, zookeeper_member
from ansible_collections.estate.kafka.plugins.module_utils.estate.levels import merged


def test_a_null_removes_a_key_in_a_merge() -> None:
    assert merged({"a": 1, "b": 2}, {"b": None}, {"c": 3}) == {"a": 1, "c": 3}


def test_the_last_word_is_the_users() -> None:
    assert merged({"a": 1}, {"a": 2}) == {"a": 2}


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
