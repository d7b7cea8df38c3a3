"""Subjects: what is planned, checked and refused, that check mode shows what a run then does, and how registries are asked."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import Deletion
from ansible_collections.estate.kafka.plugins.module_utils.errors import NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.http import RestError
from ansible_collections.estate.kafka.plugins.module_utils.registry.client import LiveRegistry
from ansible_collections.estate.kafka.plugins.module_utils.registry.plan import (
    SUBJECT_SPEC,
    WHOLE,
    Register,
    Registry,
    Schema,
    Subject,
    Wanted,
    plan,
    refusals,
)
from ansible_collections.estate.kafka.plugins.modules.subjects import reconcile
from module_run import run_module


def avro(*fields: str) -> Schema:
    every = [{"name": name, "type": "string", "default": ""} for name in fields]
    return Schema(json.dumps({"type": "record", "name": "R", "fields": every}))


ONE, TWO = avro("a"), avro("a", "b")
SPACED = Schema(json.dumps(json.loads(ONE.text), indent=4) + "\n")
WRONG = avro("wrong")
USES = Schema('{"type": "record", "name": "U", "fields": []}', references=(("R", "new", 1),))


class Memory(LiveRegistry):
    """A registry in memory that takes every schema but those with a field named wrong."""

    timeout = 0.0

    def __init__(
        self, level: str | None = "BACKWARD", needs: bool = False, fail: Collection[str] = (), deleted_use: bool = False
    ) -> None:
        self.level = level
        self.held: dict[str, list[Schema]] = {"s": [ONE]}
        self.levels: dict[str, str | None] = {"s": "FULL"}
        self.needs = needs
        self.deleted_use = deleted_use
        self.fail = fail
        self.writes: list[str] = []
        self.checked: list[str] = []

    def names(self) -> list[str]:
        return list(self.held)

    def look(self, wanted: Iterable[Wanted], whole: bool) -> Registry:
        subjects = {
            item.name: Subject(
                self.held[item.name][-1],
                self.levels.get(item.name) if item.level else None,
                not item.schema or item.schema.meaning() in [schema.meaning() for schema in self.held[item.name]],
                frozenset(user for user in self.held if item.name in {name for _, name, _ in self.held[user][-1].references}),
            )
            for item in wanted
            if item.name in self.held
        }
        return Registry(self.level if whole else None, subjects, self.needs, self.deleted_use)

    def check(self, action: Register) -> list[str]:
        self.checked.append(action.subject)
        return ["field wrong does not fit"] if "wrong" in action.schema.text else []

    def register(self, name: str, schema: Schema) -> None:
        if "wrong" in schema.text:
            raise RestError("POST: HTTP 409: field wrong does not fit; change the schema", 409)
        self.held.setdefault(name, []).append(schema)
        self.writes.append(f"register {name}")

    def set_level(self, name: str, level: str | None) -> None:
        if name == WHOLE:
            self.level = level
        else:
            self.levels[name] = level
        self.writes.append(f"level {name} {level}")

    def delete(self, name: str) -> None:
        if name in self.fail:
            raise RestError("DELETE: HTTP 422: One or more references exist", 422)
        del self.held[name]
        self.writes.append(f"delete {name}")


CASES: dict[str, tuple[list[Wanted], str | None, list[str]]] = {
    "nothing to do": ([Wanted("s", ONE, "FULL")], "BACKWARD", []),
    "other spaces": ([Wanted("s", SPACED)], None, []),
    "a version": ([Wanted("s", TWO)], None, ["register a schema of s"]),
    "a new subject": ([Wanted("n", ONE)], None, ["register a schema of n"]),
    "a new subject, then its level": (
        [Wanted("n", ONE, "NONE")],
        None,
        ["register a schema of n", "set compatibility of n to NONE"],
    ),
    "a level, then what is held against it": (
        [Wanted("s", TWO, "NONE")],
        None,
        ["set compatibility of s to NONE", "register a schema of s"],
    ),
    "a level goes": ([Wanted("s", None, "default")], None, ["set compatibility of s to default"]),
    "the level of the registry": ([], "FULL", ["set compatibility of all subjects without their own to FULL"]),
    "a subject goes": ([Wanted("s", absent=True)], None, ["delete s"]),
    "one that is not there goes": ([Wanted("n", absent=True)], None, []),
}


@pytest.mark.parametrize(("wanted", "level", "actions"), CASES.values(), ids=CASES)
def test_check_mode_shows_what_a_run_then_does(wanted: list[Wanted], level: str | None, actions: list[str]) -> None:
    registry = Memory()
    deletion = Deletion(frozenset({"s"} if "delete s" in actions else ()))
    said = reconcile(registry, wanted, level, True, deletion)
    assert registry.writes == []
    done = reconcile(registry, wanted, level, False, deletion)
    assert said == done and done["actions"] == actions and done["changed"] == bool(actions)
    assert len(registry.writes) == len(actions)
    again = reconcile(registry, wanted, level, check_mode=False)
    assert (again["changed"], again["diff"]) == (False, {"before": "", "after": ""})


def test_an_older_version_is_left_alone() -> None:
    registry = Memory()
    registry.held["s"].append(TWO)
    assert reconcile(registry, [Wanted("s", ONE)], None, check_mode=False)["actions"] == []


def test_the_diff_has_schema_and_level() -> None:
    found = reconcile(Memory(), [Wanted("s", TWO, "NONE")], None, check_mode=True)["diff"]
    assert "compatibility: FULL" in found["before"] and '"name": "b"' not in found["before"]
    assert "compatibility: NONE" in found["after"] and '\n        {\n          "name": "b"' in found["after"]


def test_a_schema_that_does_not_fit_is_refused_before_anything_is_changed() -> None:
    for check_mode in (True, False):
        registry = Memory()
        result = reconcile(registry, [Wanted("n", ONE), Wanted("s", WRONG)], None, check_mode)
        assert result["failed"] and "register a schema of s: field wrong does not fit" in result["msg"]
        assert registry.writes == []


def test_a_level_is_put_back_when_its_schema_is_refused() -> None:
    registry = Memory()
    result = reconcile(registry, [Wanted("s", WRONG, "BACKWARD"), Wanted("n", ONE)], None, check_mode=False)
    assert registry.checked == []
    assert registry.levels["s"] == "FULL" and registry.held["n"] == [ONE]
    assert result["actions"] == ["register a schema of n"] and "2 of 3 changes refused" in result["msg"]
    assert "HTTP 409: field wrong does not fit; change the schema" in result["msg"] and "put back" in result["msg"]


@pytest.mark.parametrize("back", [True, False])
def test_when_the_registry_goes_away_what_was_done_is_told_and_a_loosened_level_put_back(back: bool) -> None:
    class Gone(Memory):
        """A registry that does not answer once it has been asked to take a schema, for good or for that moment."""

        away = False

        def register(self, name: str, schema: Schema) -> None:
            if name == "s":
                self.away = True
                raise NoAnswerError("no schema registry answered")
            super().register(name, schema)

        def set_level(self, name: str, level: str | None) -> None:
            if self.away and not back:
                raise NoAnswerError("no schema registry answered")
            super().set_level(name, level)

    registry = Gone()
    wanted = [Wanted("n", ONE), Wanted("s", TWO, "NONE"), Wanted("m", ONE)]
    result = reconcile(registry, wanted, None, check_mode=False)
    assert result["failed"] and result["actions"] == ["register a schema of n"] and "s:" not in result["diff"]["after"]
    assert "register a schema of s: perhaps done, perhaps not" in result["msg"]
    assert "register a schema of m: not tried" in result["msg"]
    assert registry.levels["s"] == ("FULL" if back else "NONE")
    words = "to NONE: put back" if back else "to NONE: done, and not put back to FULL"
    assert words in result["msg"]


def test_what_follows_a_refusal_of_a_subject_is_not_tried() -> None:
    registry = Memory()
    result = reconcile(registry, [Wanted("n", WRONG, "FULL")], None, check_mode=False)
    assert registry.writes == [] and "set compatibility of n to FULL: not tried" in result["msg"]


@pytest.mark.parametrize(
    ("wanted", "level", "asked"),
    [
        ([Wanted("s", TWO)], None, ["s"]),
        ([Wanted("n", ONE)], None, []),
        ([Wanted("s", TWO, "NONE")], None, []),
        ([Wanted("s", TWO)], "FULL", []),
        ([Wanted("s", TWO, "FULL")], "FULL", ["s"]),
        ([Wanted("new", ONE), Wanted("s", USES)], None, []),
    ],
)
def test_the_registry_is_asked_where_its_answer_will_hold(wanted: list[Wanted], level: str | None, asked: list[str]) -> None:
    registry = Memory()
    reconcile(registry, wanted, level, check_mode=True)
    assert registry.checked == asked


@pytest.mark.parametrize(
    ("wanted", "needs", "words"),
    [
        ([Wanted("s"), Wanted("s")], False, "listed twice"),
        ([Wanted(" ", ONE)], False, "empty name"),
        ([Wanted("s", Schema("{"))], False, "not valid JSON"),
        ([Wanted("n")], False, "give it a schema"),
        ([Wanted("n", Schema('{"type": "x.Y"}', "AVRO", (("x.Y", "y", 0),)))], False, "reference to y has version 0"),
        ([Wanted("n", level="FULL")], True, "give it a schema"),
    ],
)
def test_what_cannot_be_is_named(wanted: list[Wanted], needs: bool, words: str) -> None:
    (problem,) = refusals(Memory(needs=needs).look(wanted, False), wanted)
    assert words in problem


def test_confluents_registry_keeps_a_level_before_the_first_schema() -> None:
    wanted = [Wanted("n", level="FULL")]
    assert refusals(Memory().look(wanted, False), wanted) == []
    assert [str(action) for action in plan(Memory().look(wanted, False), wanted, None)] == ["set compatibility of n to FULL"]


def family(**options: Any) -> Memory:
    """Return a registry with subjects a, s and z, where a uses s and z uses a."""
    registry = Memory(**options)
    registry.held["a"] = [Schema("{}", references=(("S", "s", 1),))]
    registry.held["z"] = [Schema("{}", references=(("A", "a", 1),))]
    return registry


PRUNED: dict[str, tuple[list[Wanted], str, list[str], list[str]]] = {
    "nothing is confirmed": ([Wanted("s")], "", [], ["a", "z"]),
    "one that nobody uses": ([Wanted("s")], "z", ["delete z"], ["a"]),
    "users go first": ([Wanted("n", ONE)], "asz", ["register a schema of n", "delete z", "delete a", "delete s"], []),
    "users go first from a list": (
        [Wanted(name, absent=True) for name in "saz"],
        "asz",
        ["delete z", "delete a", "delete s"],
        [],
    ),
}


@pytest.mark.parametrize(("wanted", "confirmed", "actions", "left"), PRUNED.values(), ids=PRUNED)
def test_what_is_pruned_is_foretold_and_done(wanted: list[Wanted], confirmed: str, actions: list[str], left: list[str]) -> None:
    registry, deletion = family(), Deletion(frozenset(confirmed), prune=True)
    said = reconcile(registry, wanted, None, True, deletion)
    assert registry.writes == []
    done = reconcile(registry, wanted, None, False, deletion)
    assert said == done and (done["actions"], done["unlisted"]) == (actions, left)
    assert sorted(registry.held) == sorted({"a", "s", "z", *(item.name for item in wanted)} - set(confirmed))
    again = reconcile(registry, wanted, None, False, deletion)
    assert (again["changed"], again["unlisted"]) == (False, left)


@pytest.mark.parametrize(
    ("wanted", "confirmed", "prune", "words"),
    [
        ([Wanted("s", absent=True)], "", False, "confirm with confirm_delete: [s]"),
        ([Wanted("s", ONE)], "s", True, "listed as present"),
        ([Wanted("s")], "z", False, "switch prune on"),
        ([Wanted("z")], "as", True, "a: used by z; delete them too"),
        ([Wanted("n", USES), Wanted("new", absent=True)], "new", False, "new: used by n; delete them too"),
    ],
)
def test_what_may_not_be_deleted_is_named(wanted: list[Wanted], confirmed: str, prune: bool, words: str) -> None:
    registry = family()
    registry.held["new"] = [ONE]
    for check_mode in (True, False):
        result = reconcile(registry, wanted, None, check_mode, Deletion(frozenset({confirmed, *confirmed}), prune))
        assert result["failed"] and words in result["msg"] and registry.writes == []


def test_where_deleted_subjects_count_as_users_nothing_they_use_is_deleted() -> None:
    registry = family(deleted_use=True)
    result = reconcile(registry, [], None, False, Deletion(frozenset("saz"), prune=True))
    assert "s: used by a; this registry keeps it until" in result["msg"] and registry.writes == []
    assert reconcile(registry, [], None, False, Deletion(frozenset("z"), prune=True))["actions"] == ["delete z"]


def test_a_subject_that_others_use_stays_with_the_registrys_reason() -> None:
    result = reconcile(Memory(fail=["s"]), [Wanted("s", absent=True)], None, False, Deletion(frozenset("s")))
    assert result["failed"] and "delete s: DELETE: HTTP 422: One or more references exist" in result["msg"]


def test_structures_and_texts_are_one_schema() -> None:
    item = {name: option.get("default") for name, option in SUBJECT_SPEC.items()} | {"name": "s", "state": "present"}
    structure = Wanted.of({**item, "schema": json.loads(ONE.text)}).schema
    text = Wanted.of({**item, "schema": SPACED.text}).schema
    assert structure and text and structure.meaning() == text.meaning() == ONE.meaning()


# -- over HTTP -------------------------------------------------------------------------------------------------------------


def test_without_a_registry_check_mode_shows_everything_as_new(capsys: pytest.CaptureFixture[str]) -> None:
    options: dict[str, Any] = {"urls": ["http://127.0.0.1:1"], "subjects": [{"name": "n", "schema": {"type": "string"}}]}
    shown = run_module("subjects", capsys, check=True, **options)
    assert shown["actions"] == ["register a schema of n"]
    assert "no schema registry answered" in run_module("subjects", capsys, **options)["msg"]
