"""Values that say the same in another type are converted, all others refused by name; nothing is lost and nothing raises."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.conversion import convert, same
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Undefined
from hypothesis import given, settings
from hypothesis import strategies as st

TYPES = ("int", "float", "bool", "str", "path", "list", "dict", "raw")
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=12))
NUMBERLIKE = st.from_regex(r"[-+]?[0-9_. eE]{0,8}", fullmatch=True)
ANYTHING = st.recursive(
    SCALARS | NUMBERLIKE | st.sampled_from(["[1,2", "{", "[", "yes", "OFF", "0x1", "\u0663", "1e9", "9" * 5000, "[" * 5000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
OPTIONS = st.recursive(
    st.sampled_from(TYPES).map(lambda kind: {"type": kind}),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(lambda options: {"type": "dict", "options": options}),
        st.sampled_from(TYPES).map(lambda kind: {"type": "list", "elements": kind}),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(
            lambda options: {"type": "list", "elements": "dict", "options": options}
        ),
    ),
    max_leaves=6,
)


def value(kind: str, found: Any, **option: Any) -> Any:
    result = convert("x", found, {"type": kind, **option})
    assert result.mistakes == []
    return result.value


def remedy(kind: str, found: Any, **option: Any) -> tuple[str, str]:
    (mistake,) = convert("x", found, {"type": kind, **option}).mistakes
    return mistake.path, mistake.remedy


@pytest.mark.parametrize(
    ("kind", "found", "expected"),
    [
        ("int", "40", 40),
        ("int", "-7", -7),
        ("int", 40.0, 40),
        ("float", "0.5", 0.5),
        ("float", "2", 2),
        ("float", "1e3", 1000.0),
        ("bool", "false", False),
        ("bool", "No", False),
        ("bool", "on", True),
        ("bool", "1", True),
        ("bool", 0, False),
        ("str", 5, "5"),
        ("list", "orders", ["orders"]),
        ("list", ".*", [".*"]),
        ("list", '["a", "b"]', ["a", "b"]),
        ("dict", '{"a": 1}', {"a": 1}),
        ("raw", "40", "40"),
    ],
)
def test_what_loses_nothing_is_converted(kind: str, found: Any, expected: Any) -> None:
    assert same(value(kind, found), expected)


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        *(
            ("int", text)
            for text in ("40.5", "", " 4", "0755", "4_0", "+4", "forty", "1e3", "\u0663", True, 4.5, [4], "9" * 5000)
        ),
        *(("float", text) for text in ("", "half", "nan", "inf", "1e400", "0.10000000000000000001", "1_0", True, [1])),
        *(("bool", text) for text in ("maybe", "", "2", 2, 1.5, [True])),
        *(("str", found) for found in (3.10, True, ["a"], {"a": 1})),
        *(("path", found) for found in (True, ["/a"])),
        *(("list", text) for text in ("a,b", "orders-[0-9]{1,3}", "", "[1,2", '["a"', 5, True, {"a": 1})),
        *(("dict", text) for text in ("a=1", "{", '{"a": 1, "a": 2}', "", 5, ["a"])),
    ],
)
def test_what_would_lose_something_is_refused(kind: str, found: Any) -> None:
    path, words = remedy(kind, found)
    assert path == "" and words.startswith("It must be ")


FLOWS = {
    "type": "list",
    "elements": "dict",
    "options": {
        "name": {"type": "str", "required": True},
        "topics": {"type": "list", "elements": "str"},
        "tasks": {"type": "int"},
        "checkpoint": {"type": "bool", "default": True},
        "config": {"type": "dict", "options": {"all": {"type": "dict"}, "age": {"type": "int"}}},
    },
}


def test_at_any_depth() -> None:
    found = [{"name": 1, "topics": "a", "tasks": "2", "checkpoint": "no", "config": {"all": {"x": "3"}, "age": "60"}}]
    expected = [{"name": "1", "topics": ["a"], "tasks": 2, "checkpoint": False, "config": {"all": {"x": "3"}, "age": 60}}]
    assert same(convert("x", found, FLOWS).value, expected)


def test_every_mistake_at_any_depth_has_its_place() -> None:
    found = [{"name": "a", "tasks": "x"}, {"name": ["b"], "config": {"age": "old"}}]
    places = [mistake.path for mistake in convert("x", found, FLOWS).mistakes]
    assert places == ["[0].tasks", "[1].name", "[1].config.age"]


def test_a_suboption_without_a_value_counts_as_not_written() -> None:
    assert value("list", [{"name": "a", "config": None}], **{k: v for k, v in FLOWS.items() if k != "type"}) == [{"name": "a"}]
    assert convert("x", [{"name": None}], FLOWS).mistakes
    assert value("dict", {"free": None}) == {"free": None}


def test_what_only_a_run_knows_is_left_alone() -> None:
    later = Undefined("no facts", later=True)
    assert value("dict", {"a": later}) == {"a": later}
    assert convert("x", {"a": [Undefined("no")]}, {"type": "dict"}).mistakes[0].path == ".a[0]"


@settings(max_examples=100, deadline=None)
@given(ANYTHING, OPTIONS)
def test_never_an_exception_and_once_is_enough(found: Any, option: dict[str, Any]) -> None:
    result = convert("x", found, option)
    if not result.mistakes:
        again = convert("x", result.value, option)
        assert not again.mistakes
        assert same(again.value, result.value) or result.value != result.value or "nan" in repr(result.value)


@given(st.one_of(st.integers(-(2**63), 2**63), NUMBERLIKE, st.text(max_size=8)))
def test_an_integer_gives_its_text_back(found: Any) -> None:
    result = convert("x", found, {"type": "int"})
    if not result.mistakes:
        assert str(result.value) == str(found)


@given(st.one_of(st.floats(allow_nan=False, allow_infinity=False).map(repr), NUMBERLIKE, st.integers().map(str)))
def test_a_number_is_the_one_that_was_written(found: str) -> None:
    result = convert("x", found, {"type": "float"})
    if not result.mistakes:
        assert Decimal(repr(result.value)) == Decimal(found)


@given(st.lists(st.text(max_size=5) | st.integers() | st.booleans() | st.none(), max_size=4))
def test_a_list_as_json_is_the_list(found: list[Any]) -> None:
    assert same(convert("x", json.dumps(found), {"type": "list"}).value, found)


@given(st.booleans(), st.sampled_from([str, str.lower, str.upper]))
def test_true_and_false_in_any_case(found: bool, case: Any) -> None:
    assert value("bool", case(str(found))) is found
