"""What the profile secured adds to Elasticsearch and what reads it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.security import search
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import authorities, certificates, trusted

OPEN: dict[str, Any] = {
    "ensembles": {},
    "clusters": {},
    "elasticsearch": {"hosts": ["one.test"], "urls": ["http://one.test:9200"]},
    "kibana": {"hosts": ["two.test"], "urls": ["http://two.test:5601"]},
    "components": [{"component": name} for name in ("elasticsearch", "elasticsearch_exporter", "kibana")],
}
SECURED = {
    **OPEN,
    "secured": True,
    "elasticsearch": {**OPEN["elasticsearch"], "tls": search.login_files()},
    "kibana": {**OPEN["kibana"], "tls": search.kibana_files()},
}
USERS = [{"name": "kim", "roles": ["superuser"]}, {"name": "lee", "roles": ["superuser", "reader"], "password": "of-its-own"}]
MADE = search.secrets(SECURED, USERS)
PASSWORDS = {variable: f"made-{number}" for number, variable in enumerate(MADE)}


def files(topology: dict[str, Any], users: list[dict[str, Any]] | None = None) -> dict[str, str]:
    reader = {"reader": {"indices": [{"names": ["students*"], "privileges": ["read"]}]}}
    items = search.user_files(topology, "/etc/it", "it", PASSWORDS, USERS if users is None else users, reader, ["students*"])
    assert {(item["owner"], item["mode"]) for item in items} <= {("it", "0400")}
    return {item["path"].removeprefix("/etc/it/"): item["content"] for item in items}


def test_an_open_estate_gets_nothing() -> None:
    assert search.secrets(OPEN, USERS) == []
    assert files(OPEN) == {}
    assert search.node(OPEN, "one.test", "/etc/it", "it", {})["options"] == {}
    assert search.kibana(OPEN, "two.test", "/etc/it", "it", {}) | {"url": ""} == {
        **{"options": {}, "files": [], "watch": [], "words": [], "tls": {}},
        "url": "",
    }
    assert not any(search.exporter(OPEN, "/etc/it", "it", {}).values())


def test_without_a_node_there_is_nobody_to_log_in() -> None:
    assert search.secrets({**SECURED, "elasticsearch": {**SECURED["elasticsearch"], "hosts": []}}, []) == []


def test_what_nobody_has_written_is_made_and_no_more() -> None:
    assert [name.removeprefix("estate_") for name in MADE] == [
        *(f"password_elasticsearch_estate_{name}" for name in ("toolkit", "indexer", "exporter", "kibana")),
        "password_elasticsearch_kim",
        *(f"secret_kibana_{name}" for name in ("security", "saved_objects", "reporting")),
    ]
    with pytest.raises(ValueError, match="would share the variable estate_password_elasticsearch_a_b: give one of them"):
        search.secrets(SECURED, [{"name": "a.b"}, {"name": "a-b"}])


def test_users_and_roles_are_what_elasticsearch_reads() -> None:
    written = files(SECURED)
    hashes = dict(line.split(":", 1) for line in written["users"].splitlines())
    assert set(hashes) == {"estate-toolkit", "estate-indexer", "estate-exporter", "estate-kibana", "kim", "lee"}
    kind, salt, hashed = hashes["lee"].removeprefix("{PBKDF2}").split("$")
    made = hashlib.pbkdf2_hmac("sha512", b"of-its-own", base64.b64decode(salt), int(kind), 32)
    assert base64.b64decode(hashed) == made and (len(salt), len(hashed)) == (44, 44)
    roles = dict(line.split(":") for line in written["users_roles"].splitlines())
    assert roles["superuser"] == "kim,lee" and roles["kibana_system"] == "estate-kibana" and roles["reader"] == "lee"
    assert set(yaml_load(written["roles.yml"])) == {"estate-toolkit", "estate-indexer", "estate-exporter", "reader"}


def test_the_same_password_is_always_the_same_text_and_of_two_users_another() -> None:
    assert search.password_hash.__wrapped__("a", "word") == search.password_hash("a", "word")
    assert search.password_hash("a", "word") != search.password_hash("b", "word")


def test_nodes_have_an_authority_that_nothing_else_has() -> None:
    assert authorities(SECURED) == ["elasticsearch-http", "elasticsearch-transport", "kibana-http"]
    found = {(one.authority, one.name) for one in certificates(SECURED, ["one.test", "two.test"], {})}
    assert found == {
        ("elasticsearch-http", "one.test"),
        ("elasticsearch-transport", "one.test"),
        ("kibana-http", "two.test"),
    }
    assert trusted(SECURED, "one.test") == {"elasticsearch-ca.pem": "elasticsearch-http"}
    assert trusted(SECURED, "two.test") == {"kibana-ca.pem": "kibana-http"}


def test_no_secret_is_among_options_and_words() -> None:
    parts = [
        search.node(SECURED, "one.test", "/etc/it", "it", PASSWORDS),
        search.kibana(SECURED, "two.test", "/etc/it", "it", PASSWORDS),
        search.exporter(SECURED, "/etc/it", "it", PASSWORDS),
    ]
    for part in parts:
        shown = {name: value for name, value in part.items() if name != "files"}
        assert not [password for password in PASSWORDS.values() if password in str(shown)]
        texts = [item for item in part["files"] if any(password in item.get("content", "") for password in PASSWORDS.values())]
        assert texts and {(item["secret"], item["mode"]) for item in texts} == {(True, "0400")}
