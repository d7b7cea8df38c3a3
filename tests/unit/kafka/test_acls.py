"""ACLs: what is planned, what is refused, what pruning leaves alone, and that check mode shows what a run then does."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.acls.client import LiveAcls
from ansible_collections.estate.kafka.plugins.module_utils.kafka.acls.plan import (
    ACL_SPEC,
    MEANINGFUL,
    OPERATIONS,
    RESOURCE_TYPES,
    Acl,
    Action,
    Create,
    Delete,
    applied,
    empty_items,
    host_as_kafka_compares,
    plan,
    refusals,
    shown,
    wanted_acls,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import CHUNK, in_chunks
from ansible_collections.estate.kafka.plugins.modules.acls import reconcile
from hypothesis import given
from hypothesis import strategies as st

READ = Acl("User:shop", "*", "allow", "topic", "orders", "literal", "read")
WRITE = replace(READ, operation="write")
STALE = replace(READ, resource_name="old")
FOREIGN = replace(READ, principal="User:other")

CASES: dict[str, tuple[list[Acl], bool, list[Action]]] = {
    "nothing to do": ([READ], False, []),
    "create": ([READ, WRITE], False, [Create(WRITE)]),
    "another host is another ACL": ([replace(READ, host="10.0.0.1")], False, [Create(replace(READ, host="10.0.0.1"))]),
    "a denial is another ACL": ([replace(READ, permission="deny")], False, [Create(replace(READ, permission="deny"))]),
    "prune what is not listed of the list's principals": ([READ], True, [Delete(STALE)]),
    "create before anything is deleted": ([WRITE], True, [Create(WRITE), Delete(STALE), Delete(READ)]),
    "an empty list prunes nothing": ([], True, []),
    "a list without the principal leaves it alone": ([FOREIGN], True, []),
}


class Memory(LiveAcls):
    """A cluster in memory that refuses the ACLs it is told to."""

    timeout = 0.0

    def __init__(self, refuse: Collection[Acl] = ()) -> None:
        self.held = {READ, STALE, FOREIGN}
        self.refuse = refuse
        self.writes = 0

    def acls(self) -> set[Acl]:
        return set(self.held)

    def apply(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        accepted = [action for action in actions if action.acl not in self.refuse]
        self.writes += len(accepted)
        self.held = applied(self.held, accepted)
        return [(action, "NO: because") for action in actions if action.acl in self.refuse]


@pytest.mark.parametrize("case", CASES)
def test_check_mode_shows_what_a_run_does_and_a_second_run_does_nothing(case: str) -> None:
    wanted, prune, actions = CASES[case]
    cluster = Memory()
    assert sorted(map(str, plan(cluster.held, wanted, prune))) == sorted(map(str, actions))
    foretold = reconcile(cluster, wanted, prune, check_mode=True)
    assert cluster.writes == 0
    assert reconcile(cluster, wanted, prune, check_mode=False) == foretold
    assert cluster.writes == len(actions)
    assert foretold["changed"] == bool(actions)
    again = reconcile(cluster, wanted, prune, check_mode=False)
    assert not again["changed"] and again["diff"] == {"before": "", "after": ""}
    assert FOREIGN in cluster.held


def test_what_is_missing_is_created_before_anything_is_deleted() -> None:
    kinds = [type(action) for action in plan({READ, STALE}, [WRITE], prune=True)]
    assert kinds == [Create, Delete, Delete]


def test_an_item_gives_one_acl_for_each_operation_and_a_cluster_needs_no_name() -> None:
    item: dict[str, Any] = {name: option.get("default") for name, option in ACL_SPEC.items()}
    shop = {**item, "principal": "User:shop", "operations": ["read", "write", "read"], "resource_type": "topic"}
    cluster = {**item, "principal": "User:shop", "operations": ["idempotent_write"], "resource_type": "cluster"}
    assert wanted_acls([{**shop, "resource_name": "orders"}, cluster]) == [
        READ,
        WRITE,
        Acl("User:shop", "*", "allow", "cluster", "kafka-cluster", "literal", "idempotent_write"),
    ]


@pytest.mark.parametrize(
    ("acl", "words"),
    [
        (replace(READ, principal="shop"), "write its type before it, such as User:shop"),
        (replace(READ, principal="User:"), "not a principal"),
        (replace(READ, resource_name=""), "no resource_name"),
        (replace(READ, resource_type="cluster", resource_name="kafka-1"), "leave resource_name out"),
        (replace(READ, operation="idempotent_write"), "never asks for idempotent_write on a topic"),
        (replace(READ, host="10.0.0.0/8"), "not the address of one host"),
        (replace(READ, host=""), "not the address of one host"),
        (replace(READ, host="client1.example.com", permission="deny"), "would never deny anything; give an IPv4 or IPv6"),
        (replace(READ, host="localhost"), "would never allow anything"),
        (replace(READ, host="10.0.0.010"), "not the address of one host"),
        (replace(READ, resource_name="orders-*"), "write resource_name: orders- with pattern: prefixed"),
        (replace(READ, resource_name="orders-*", pattern="prefixed"), "write resource_name: orders- with pattern: prefixed"),
        (replace(READ, resource_name="a b"), "no topic has such a name; correct the name"),
        (replace(READ, resource_name="*", pattern="prefixed"), "write pattern: literal for all names"),
    ],
)
def test_what_is_refused_is_said_before_anything_changes(acl: Acl, words: str) -> None:
    cluster = Memory()
    result = reconcile(cluster, [WRITE, acl], prune=False, check_mode=False)
    assert result["failed"] and cluster.writes == 0
    assert words in result["msg"] and acl.where() in result["msg"]


def test_every_kind_of_resource_has_its_operations() -> None:
    assert MEANINGFUL.keys() == RESOURCE_TYPES.keys()
    assert set().union(*MEANINGFUL.values()) <= OPERATIONS.keys()
    assert refusals([replace(READ, operation="all")]) == []


def test_a_diff_has_one_line_for_each_resource_of_a_principal() -> None:
    assert shown([WRITE, READ]) == {"allow User:shop from * on topic orders": {"operations": "read, write"}}


def test_a_refusal_names_what_was_done_and_what_not_and_a_rerun_finishes() -> None:
    cluster = Memory(refuse={WRITE})
    other = replace(READ, resource_name="clicks")
    result = reconcile(cluster, [READ, other, WRITE], prune=False, check_mode=False)
    assert result["failed"] and result["changed"]
    assert result["actions"] == [str(Create(other))] and result["refused"] == [f"{Create(WRITE)}: NO: because"]
    cluster.refuse = ()
    final = reconcile(cluster, [READ, other, WRITE], prune=False, check_mode=False)
    assert final["actions"] == [str(Create(WRITE))] and "failed" not in final


def test_after_a_request_without_an_answer_the_rest_is_not_tried() -> None:
    sent: list[int] = []

    def send(chunk: Sequence[int]) -> list[tuple[int, str]]:
        sent.extend(chunk)
        if CHUNK in chunk:
            raise ClusterError("no answer")
        return []

    refused = dict(in_chunks(range(3 * CHUNK), send))
    assert sent == list(range(2 * CHUNK)) and list(refused) == list(range(CHUNK, 3 * CHUNK))
    assert "perhaps done" in refused[CHUNK] and refused[2 * CHUNK] == "not tried; run again"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("*", "*"),
        ("10.0.0.1", "10.0.0.1"),
        ("::1", "0:0:0:0:0:0:0:1"),
        ("2001:DB8::00ff:1", "2001:db8:0:0:0:0:ff:1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("fe80::1%eth0", "fe80:0:0:0:0:0:0:1%eth0"),
        ("client1.example.com", "client1.example.com"),
    ],
)
def test_an_address_is_written_as_java_writes_it(written: str, kept: str) -> None:
    assert host_as_kafka_compares(written) == kept


@given(st.ip_addresses(v=6))
def test_every_spelling_of_an_address_is_one_host(address: ipaddress.IPv6Address) -> None:
    spellings = {str(address), address.exploded, address.exploded.upper()}
    (kept,) = {host_as_kafka_compares(one) for one in spellings}
    assert ipaddress.ip_address(kept) in (address, address.ipv4_mapped)
    assert "::" not in kept and kept == kept.lower()


def test_an_item_without_operations_is_named() -> None:
    item = {"principal": "User:a", "resource_type": "topic", "resource_name": "t", "operations": []}
    assert empty_items([item, {**item, "operations": ["read"]}]) == [
        "User:a on topic t: operations is empty; name some, or take the entry out"
    ]
