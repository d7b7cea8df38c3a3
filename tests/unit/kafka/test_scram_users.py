"""SCRAM users: what is planned, what is refused, that passwords stay hidden, and that check mode shows what a run does."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import Deletion
from ansible_collections.estate.kafka.plugins.module_utils.kafka.users.client import LiveUsers
from ansible_collections.estate.kafka.plugins.module_utils.kafka.users.plan import (
    Action,
    Delete,
    Login,
    Wanted,
    Write,
    login_problems,
)
from ansible_collections.estate.kafka.plugins.modules.scram_users import reconcile

SHOP, WEB = Login("shop", "SCRAM-SHA-512"), Login("web", "SCRAM-SHA-256")
OLD, NEW = "old-geheim", "new-geheim"

CASES: dict[str, tuple[Wanted, str, list[str]]] = {
    "nothing to do": (Wanted(SHOP, OLD), "changed", []),
    "the same iterations": (Wanted(SHOP, OLD, 8192), "changed", []),
    "create": (Wanted(WEB, NEW), "changed", ["create web (SCRAM-SHA-256)"]),
    "another mechanism is another login": (
        Wanted(Login("shop", "SCRAM-SHA-256"), OLD),
        "changed",
        ["create shop (SCRAM-SHA-256)"],
    ),
    "password": (Wanted(SHOP, NEW), "changed", ["set password of shop (SCRAM-SHA-512)"]),
    "iterations": (Wanted(SHOP, OLD, 4096), "changed", ["set iterations of shop (SCRAM-SHA-512)"]),
    "both": (Wanted(SHOP, NEW, 4096), "changed", ["set password and iterations of shop (SCRAM-SHA-512)"]),
    "only new users": (Wanted(SHOP, NEW), "on_create", []),
    "remove": (Wanted(SHOP, present=False), "changed", ["delete shop (SCRAM-SHA-512)"]),
    "remove who is not there": (Wanted(WEB, present=False), "changed", []),
}


class Memory(LiveUsers):
    """A cluster in memory that refuses the users it is told to."""

    timeout = 0.0

    def __init__(self, refuse: Collection[Login] = ()) -> None:
        self.held: dict[Login, tuple[int, str]] = {SHOP: (8192, OLD), Login("other", "SCRAM-SHA-512"): (4096, "x")}
        self.refuse = refuse
        self.writes = 0

    def users(self) -> dict[Login, int]:
        return {login: iterations for login, (iterations, _) in self.held.items()}

    def rejected(self, passwords: Mapping[Login, str]) -> set[Login]:
        return {login for login, password in passwords.items() if self.held.get(login, (0, ""))[1] != password}

    def apply(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        for action in actions:
            if action.login in self.refuse:
                continue
            self.writes += 1
            if isinstance(action, Write):
                self.held[action.login] = (action.iterations, action.password)
            else:
                del self.held[action.login]
        return [(action, "NO: because") for action in actions if action.login in self.refuse]


def run(cluster: Memory, *wanted: Wanted, update: str = "changed", check: bool = False) -> dict[str, Any]:
    gone = {item.login.user for item in wanted if not item.present} - {"other"}
    return reconcile(cluster, wanted, update, check, Deletion(frozenset(gone)))


@pytest.mark.parametrize("case", CASES)
def test_check_mode_shows_what_a_run_does_and_a_second_run_does_nothing(case: str) -> None:
    wanted, update, actions = CASES[case]
    cluster = Memory()
    foretold = run(cluster, wanted, update=update, check=True)
    assert cluster.writes == 0 and foretold["actions"] == actions
    assert run(cluster, wanted, update=update) == foretold
    assert cluster.writes == len(actions)
    assert foretold["changed"] == bool(actions) == (foretold["diff"]["before"] != foretold["diff"]["after"])
    again = run(cluster, wanted, update=update)
    assert not again["changed"] and again["diff"] == {"before": "", "after": ""}
    assert cluster.held[Login("other", "SCRAM-SHA-512")] == (4096, "x")


def test_always_sets_the_password_every_time() -> None:
    cluster = Memory()
    for _ in range(2):
        assert run(cluster, Wanted(SHOP, NEW), update="always")["actions"] == ["set password of shop (SCRAM-SHA-512)"]
    assert cluster.held[SHOP] == (8192, NEW)


def test_a_password_is_nowhere_in_the_result() -> None:
    result = run(Memory(refuse={WEB}), Wanted(SHOP, NEW, 4096), Wanted(WEB, NEW))
    assert "geheim" not in json.dumps(result) and "geheim" not in repr([Wanted(SHOP, NEW), Write(SHOP, 1, NEW, "x")])
    assert "iterations: 4096" in result["diff"]["after"] and "password: (secret), changed" in result["diff"]["after"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted(WEB), "has no password"),
        (Wanted(WEB, ""), "has no password"),
        (Wanted(Login("", "SCRAM-SHA-512"), NEW), "empty name"),
        (Wanted(WEB, NEW, 1000), "iterations is 1000; Kafka takes 4096 to 16384"),
        (Wanted(Login("other", "SCRAM-SHA-512"), present=False), "confirm with confirm_delete: [other]"),
    ],
)
def test_what_is_refused_is_said_before_anything_changes(wanted: Wanted, words: str) -> None:
    cluster = Memory()
    result = run(cluster, Wanted(SHOP, NEW), wanted)
    assert result["failed"] and cluster.writes == 0 and words in result["msg"]


OTHER, SECOND = Login("other", "SCRAM-SHA-512"), Login("shop", "SCRAM-SHA-256")
PRUNED: dict[str, tuple[list[str], list[str], list[str]]] = {
    "nobody is confirmed": ([], [], [str(OTHER), str(SECOND)]),
    "a user": (["other"], [str(Delete(OTHER))], [str(SECOND)]),
    "a mechanism of a user who stays": (["shop"], [str(Delete(SECOND))], [str(OTHER)]),
    "one who is not there": (["gone"], [], [str(OTHER), str(SECOND)]),
}


@pytest.mark.parametrize(("confirmed", "actions", "left"), PRUNED.values(), ids=PRUNED)
def test_what_is_pruned_is_foretold_and_done(confirmed: list[str], actions: list[str], left: list[str]) -> None:
    cluster, deletion = Memory(), Deletion(frozenset(confirmed), prune=True)
    cluster.held[SECOND] = (4096, "x")
    foretold = reconcile(cluster, [Wanted(SHOP, OLD)], "changed", True, deletion)
    assert cluster.writes == 0
    done = reconcile(cluster, [Wanted(SHOP, OLD)], "changed", False, deletion)
    assert done == foretold and (done["actions"], done["unlisted"]) == (actions, left)
    assert SHOP in cluster.held and len(cluster.held) == 3 - len(actions)
    assert not reconcile(cluster, [Wanted(SHOP, OLD)], "changed", False, deletion)["changed"]


@pytest.mark.parametrize(
    ("deletion", "own", "words"),
    [
        (Deletion(frozenset({"other"})), "", "other: confirm_delete names it, but it is not listed"),
        (Deletion(frozenset({"shop"})), "", "shop: confirm_delete names it, but it is listed as present"),
        (Deletion(frozenset({"other"}), prune=True), "other", "other: the user of this run, which is never deleted here"),
    ],
)
def test_who_may_not_be_removed_is_named(deletion: Deletion, own: str, words: str) -> None:
    cluster = Memory()
    result = reconcile(cluster, [Wanted(SHOP, NEW)], "changed", False, deletion, own)
    assert result["failed"] and words in result["msg"] and cluster.writes == 0


def test_a_login_listed_twice_is_refused() -> None:
    assert "shop (SCRAM-SHA-512): listed twice" in run(Memory(), Wanted(SHOP, OLD), Wanted(SHOP, NEW))["msg"]


def test_a_refusal_names_what_was_done_and_what_not_and_a_rerun_finishes() -> None:
    cluster = Memory(refuse={WEB})
    wanted = Wanted(SHOP, present=False), Wanted(WEB, NEW)
    result = run(cluster, *wanted)
    assert result["failed"] and result["changed"] and result["actions"] == [str(Delete(SHOP))]
    assert result["refused"] == ["create web (SCRAM-SHA-256): NO: because"]
    cluster.refuse = ()
    final = run(cluster, *wanted)
    assert final["actions"] == ["create web (SCRAM-SHA-256)"] and "failed" not in final


@pytest.mark.parametrize(
    ("login", "update", "words"),
    [
        (None, "changed", ["nowhere to log in"]),
        ({"security.protocol": "SASL_SSL"}, "changed", ["no bootstrap.servers"]),
        ({"bootstrap.servers": "a:1"}, "changed", ["every password is let in"]),
        ({"bootstrap.servers": "a:1", "security.protocol": "sasl_ssl"}, "changed", []),
        (None, "on_create", []),
    ],
)
def test_where_passwords_are_tried(login: dict[str, str] | None, update: str, words: list[str]) -> None:
    problems = login_problems(login, update)
    assert len(problems) == len(words) and all(word in problem for word, problem in zip(words, problems, strict=True))


def test_no_request_has_a_user_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster without ZooKeeper refuses such a request as a whole for that user."""
    asked: list[list[Login]] = []

    def altered(self: LiveUsers, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        asked.append([action.login for action in actions])
        return [(action, "NO: because") for action in actions if action.login == SHOP]

    monkeypatch.setattr(LiveUsers, "_altered", altered)
    requests: Any = SimpleNamespace(timeout=5.0)
    both = [Write(SHOP, 8192, NEW, "create"), Write(Login("shop", "SCRAM-SHA-256"), 8192, NEW, "create"), Delete(WEB)]
    refused = LiveUsers(requests, None, [], everybody=False).apply(both)
    assert [str(action) for action, _ in refused] == ["create shop (SCRAM-SHA-512)"]
    assert sorted(login for logins in asked for login in logins) == sorted(action.login for action in both)
    assert all(len({login.user for login in logins}) == len(logins) for logins in asked)
