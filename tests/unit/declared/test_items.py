"""Items of declared lists: converted by their spec, nulls taken for options that are not given, mistakes named by their place."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.connect.plan import CONNECTOR_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.declared.items import converted, without_nulls
from ansible_collections.estate.kafka.plugins.module_utils.kafka.acls.plan import ACL_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quotas.plan import QUOTA_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.plan import TOPIC_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.users.plan import USER_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.plan import MIRROR_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.registry.plan import SUBJECT_SPEC
from module_run import run_module

NEEDED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "connector": (CONNECTOR_SPEC, {"name": "c"}),
    "acl": (ACL_SPEC, {"principal": "User:a", "operations": ["read"], "resource_type": "topic"}),
    "quota": (QUOTA_SPEC, {"quotas": {"producer_byte_rate": None}}),
    "topic": (TOPIC_SPEC, {"name": "t"}),
    "user": (USER_SPEC, {"name": "u"}),
    "mirror": (MIRROR_SPEC, {"source": "a", "target": "b"}),
    "subject": (SUBJECT_SPEC, {"name": "s"}),
}


@pytest.mark.parametrize("kind", NEEDED)
def test_an_option_with_nothing_after_it_is_one_that_is_not_given(kind: str) -> None:
    options, item = NEEDED[kind]
    found, mistakes = converted([item], options)
    assert mistakes == [] and converted([{**dict.fromkeys(options), **item}], options) == (found, [])


def test_a_null_among_settings_stays() -> None:
    item = {"name": "t", "partitions": None, "config": {"retention.ms": None}}
    assert without_nulls([item], {"options": TOPIC_SPEC}) == [{"name": "t", "config": {"retention.ms": None}}]
    references = [{"name": "x.Y", "subject": "y", "version": None}]
    option = {"type": "list", "elements": "dict", "options": SUBJECT_SPEC}
    assert without_nulls([{"name": "s", "references": references}], option)[0]["references"] == [{"name": "x.Y", "subject": "y"}]


def test_what_was_checked_is_what_is_used() -> None:
    (found,), mistakes = converted([{"name": 7, "partitions": "3", "replicas": "no list"}], {**TOPIC_SPEC, "replicas": {}})
    assert (found["name"], found["partitions"], mistakes) == ("7", 3, [])


def test_mistakes_have_the_place_of_their_item() -> None:
    found, mistakes = converted([{"name": "a"}, "b", {"name": "c", "partitions": "many"}, {"nam": "d"}], TOPIC_SPEC)
    assert [item["name"] for item in found] == ["a"]
    assert [number for number, _ in mistakes] == [1, 2, 3, 3] and "partitions" in mistakes[1][1]


@pytest.mark.parametrize(
    ("module", "options", "action"),
    [
        ("topics", {"topics": [{"name": "t2", "config": None, "state": None}]}, "create t2"),
        (
            "acls",
            {
                "acls": [
                    {"principal": "User:a", "operations": "read", "resource_type": "topic", "resource_name": "t", "host": None}
                ]
            },
            "create allow User:a from * on topic t: read",
        ),
        ("scram_users", {"users": [{"name": "u", "password": "p", "mechanism": None}]}, "create u (SCRAM-SHA-512)"),
    ],
)
def test_modules_take_an_option_with_nothing_after_it(
    module: str, options: dict[str, Any], action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No broker is there, so check mode shows everything as new."""
    client = {"client": {"bootstrap.servers": "127.0.0.1:1"}, "timeout": 1}
    shown = run_module(module, capsys, check=True, **client, **options)
    assert shown.get("actions") == [action], shown
