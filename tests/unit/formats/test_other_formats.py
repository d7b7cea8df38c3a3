"""YAML, HOCON, nginx and files of lines, read back by readers of another hand."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.filter.formats import FilterModule
from format_values import CASES, TEXT, generated
from hypothesis import given, settings
from hypothesis import strategies as st

FILTERS = FilterModule().filters()
SCALARS = st.one_of(TEXT, st.integers(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False))
TREES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)), max_leaves=6
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(TEXT, TREES, max_size=5))
def test_yaml_is_read_as_given(options: dict[str, Any]) -> None:
    assert (yaml.safe_load(FILTERS["yaml"](options)) or {}) == options


def test_yaml_of_every_case_is_read_as_given() -> None:
    given = {f"k{number}": value for number, value in enumerate([*generated(TEXT, 300), *CASES])}
    assert yaml.safe_load(FILTERS["yaml"](given)) == given


# The scalars of YAML 1.2's core schema, and those of Go's and SnakeYAML's readers that are more than PyYAML's.
NUMBERS = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)


@settings(max_examples=50, deadline=None)
@given(st.from_regex(NUMBERS, fullmatch=True))
def test_no_reader_of_yaml_takes_a_text_for_a_number(text: str) -> None:
    assert FILTERS["yaml"]({"a": text}).splitlines()[1] == f"a: '{text}'"


def test_plain_yaml_stays_as_it_was() -> None:
    options = {
        "node.name": "a",
        "version": "3.9.2",
        "wait": "10s",
        "port": 9200,
        "off": False,
        "none": None,
        "seeds": ["b:1", "c:1"],
    }
    assert FILTERS["yaml"](options).splitlines()[1:] == [
        *("node.name: a", "version: 3.9.2", "wait: 10s", "port: 9200", "'off': false", "seeds:", "- b:1", "- c:1"),
    ]


def hocon(text: str) -> dict[tuple[str, ...], Any]:
    """Return the paths and values of a file in which each line is a path and a value in JSON."""
    found = {}
    for line in text.split("\n")[1:-1]:
        path, at = [], 0
        while True:
            element = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z0-9_-]+').match(line, at)
            assert element, line
            path.append(json.loads(element[0]) if line[at] == '"' else element[0])
            at = element.end()
            if line[at] != ".":
                break
            at += 1
        assert line[at : at + 3] == " = "
        found[tuple(path)] = json.loads(line[at + 3 :])
    return found


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(TEXT.filter(lambda key: '"' not in key), TREES, max_size=5))
def test_hocon_is_read_as_given(options: dict[str, Any]) -> None:
    assert hocon(FILTERS["hocon"](options)) == {tuple(key.split(".")): value for key, value in options.items()}


def test_hocon_keeps_plain_names_and_those_in_quotes() -> None:
    text = FILTERS["hocon"]({"a.b-c": ['x"', 1], "gone": None, 'a."b.c"': "서울"})
    assert text.splitlines()[1:] == ['a.b-c = ["x\\"", 1]', 'a."b.c" = "\\uc11c\\uc6b8"']
    with pytest.raises(AnsibleFilterError, match=r"a\.b"):
        FILTERS["hocon"]({"a.b": float("nan")})


@given(TEXT)
def test_a_word_of_nginx_is_one_word(text: str) -> None:
    if "$" in text or "\0" in text:
        with pytest.raises(AnsibleFilterError, match="client_max_body_size"):
            FILTERS["nginx_word"](text, "client_max_body_size")
        return
    word = FILTERS["nginx_word"](text, "client_max_body_size")
    if not word.startswith('"'):
        assert word == text and not re.search(r"[\s;{}\"'\\#]", word)
        return
    assert re.fullmatch(r'"([^"\\]|\\.)*"', word, re.DOTALL)
    names = {"t": "\t", "r": "\r", "n": "\n"}
    assert re.sub(r"\\(.)", lambda found: names.get(found[1], found[1]), word[1:-1], flags=re.DOTALL) == text


def test_plain_words_of_nginx_stay_as_they_were() -> None:
    assert FILTERS["nginx_word"]("10m", "client_max_body_size") == "10m"
    assert FILTERS["nginx_word"]("/etc/a.conf", "include") == "/etc/a.conf"


def test_lines() -> None:
    assert FILTERS["lines"](["-Xms1g", "-Dx=서울 %t"]).splitlines()[1:] == ["-Xms1g", "-Dx=서울 %t"]


@pytest.mark.parametrize("bad", ["-Dx=hunter2\n-Xmx1g", "-Dx=hunter2\r", "#-Dx=hunter2", " -Dx=hunter2", "", "-Dx=\0"])
def test_what_no_line_holds_is_refused(bad: str) -> None:
    with pytest.raises(AnsibleFilterError, match="line 2") as error:
        FILTERS["lines"](["-Xms1g", bad])
    assert "hunter2" not in str(error.value)
