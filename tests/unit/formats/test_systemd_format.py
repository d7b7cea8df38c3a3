"""Words, paths and variables of units, read back by the rules of systemd.syntax(7), systemd.unit(5) and systemd.service(5).

``tests/integration/test_readers.py`` has them read by systemd itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.filter.formats import FilterModule
from format_values import CASES, ONE_LINE
from hypothesis import example, given, settings
from hypothesis import strategies as st

FILTERS = FilterModule().filters()
SPECIFIERS = {"%": "%", "t": "/run", "h": "/root", "n": "kafka.service", "p": "kafka", "H": "host", "i": "", "S": "/var/lib"}
ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"', "'": "'", "s": " "}
WORDS = [case for case in CASES if not re.search(r"[\x00-\x1f\x7f]", case) and len(case) < 1000]


def split(line: str) -> list[str]:
    """Return the words of a line, quotes and C escapes taken away."""
    assert "\n" not in line and not line.endswith("\\")
    found, word, quote, at = [], None, "", 0
    while at < len(line):
        char = line[at]
        if char == "\\":
            at += 1
            word = (word or "") + ESCAPES[line[at]]
        elif quote:
            word, quote = (word or "", "") if char == quote else ((word or "") + char, quote)
        elif char in "'\"" and word is None:
            word, quote = "", char
        elif char in " \t\r":
            found += [] if word is None else [word]
            word = None
        else:
            assert char not in "'\"", "a quote within a word"
            word = (word or "") + char
        at += 1
    assert not quote
    return found + ([] if word is None else [word])


def specified(word: str) -> str:
    return re.sub(r"%(.?)", lambda found: SPECIFIERS[found[1]], word)


def expanded(word: str) -> str:
    """Return a word of a command with variables, of which none is set, replaced."""
    return re.sub(r"\$(\$|\{\w+\})", lambda found: "$" if found[1] == "$" else "", "" if re.fullmatch(r"\$\w+", word) else word)


@settings(deadline=None)
@given(st.lists(ONE_LINE))
@example(WORDS)
@example(["-Xlog:gc*:file=/var/log/kafka/gc-%t.log", "-XX:OnOutOfMemoryError=kill -9 %p", "-Dpassword=$HOME${x}", ";"])
def test_words_of_a_command(words: list[str]) -> None:
    line = FILTERS["unit_words"](["/usr/bin/java", *words])
    assert not {";", "\\;"} & set(line.split(" ")), "separates commands"
    assert [expanded(specified(word)) for word in split(line)] == ["/usr/bin/java", *words]


@given(st.lists(ONE_LINE.filter(bool)))
def test_paths(paths: list[str]) -> None:
    assert [specified(word) for word in split(FILTERS["unit_paths"](paths))] == paths


@given(st.from_regex(r"[A-Z_][A-Z0-9_]*", fullmatch=True), st.one_of(ONE_LINE, st.sampled_from(["a\nb", "\t\n", "a\\nb"])))
def test_variables_of_the_environment(name: str, value: str) -> None:
    assert [specified(word) for word in split(FILTERS["unit_environment"](name, value))] == [f"{name}={value}"]


@given(ONE_LINE)
def test_a_script(script: str) -> None:
    (shell, option, word) = split(FILTERS["unit_script"](script))
    assert [shell, option, expanded(specified(word))] == ["/bin/sh", "-c", script]


@given(ONE_LINE.filter(lambda text: text == text.strip() and not text.endswith("\\")))
def test_a_description(text: str) -> None:
    assert specified(FILTERS["unit_text"](text, "Description")) == text


def test_plain_words_stay_as_they_were() -> None:
    words = [
        "/usr/bin/java",
        "-Xmx1g",
        "-XX:+UseG1GC",
        "-javaagent:/a.jar=7071:/b.yml",
        "-cp",
        "/opt/kafka/current/libs/*",
        "^_.*",
        "{a}",
    ]
    assert FILTERS["unit_words"](words) == " ".join(words)
    assert FILTERS["unit_paths"](["/var/lib/kafka", "/var/log/kafka"]) == "/var/lib/kafka /var/log/kafka"
    assert FILTERS["unit_environment"]("ES_TMPDIR", "/var/lib/es/tmp") == '"ES_TMPDIR=/var/lib/es/tmp"'
    assert FILTERS["unit_script"]("test -s /a || { echo; } > /b") == "/bin/sh -c 'test -s /a || { echo; } > /b'"
    assert FILTERS["unit_text"]("Kafka broker 1 of kafka-1", "Description") == "Kafka broker 1 of kafka-1"


def test_flags_are_words() -> None:
    options = {"a": 1, "on": True, "off": False, "many": ["x", "y"], "gone": None, "pattern": "^_.*$", "share": "5%"}
    assert FILTERS["flags"](options) == ["--a=1", "--on", "--no-off", "--many=x", "--many=y", "--pattern=^_.*$", "--share=5%"]
    assert FILTERS["flags"]({"text": 'two "words" \\d;'}, "-") == ['-text=two "words" \\d;']
    assert FILTERS["unit_words"](FILTERS["flags"]({"text": 'two "words" \\d;'}, "-")) == '"-text=two \\"words\\" \\\\d;"'


@pytest.mark.parametrize(
    "bad", ["hunter2\n", "a\rhunter2", "hunter2\0", "\x1bhunter2", "hunter2" + "x" * 131072, "hunter2\ud800"]
)
def test_what_a_unit_does_not_hold_is_refused_by_name_alone(bad: str) -> None:
    writes: list[tuple[Callable[[], object], str]] = [
        (lambda: FILTERS["unit_words"](["/usr/bin/java", f"-Dshop.password={bad}"]), "'-Dshop.password'"),
        (lambda: FILTERS["flags"]({"sasl.password": bad}), "sasl.password"),
        (lambda: FILTERS["unit_environment"]("DB_PASSWORD", bad.replace("\n", "\r")), "DB_PASSWORD"),
        (lambda: FILTERS["unit_text"](bad, "Description"), "Description"),
        (lambda: FILTERS["unit_words"](["/usr/bin/java", bad]), "word 2"),
    ]
    for write, named in writes:
        with pytest.raises(AnsibleFilterError, match=re.escape(named)) as error:
            write()
        assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("item", ["-Xms1g -Xmx1g", "-XX:+UseG1GC -Dx=hunter2"])
def test_two_flags_in_one_item_are_refused(item: str) -> None:
    with pytest.raises(AnsibleFilterError, match="an item of its own") as error:
        FILTERS["unit_words"](["/usr/bin/java", item])
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("text", ["a\\", " a", "a ", "\ta"])
def test_what_the_rest_of_a_line_does_not_hold_is_refused(text: str) -> None:
    with pytest.raises(AnsibleFilterError, match="Description"):
        FILTERS["unit_text"](text, "Description")


@pytest.mark.parametrize("name", ["A-B", "1A", "", "A B", "A=B"])
def test_a_name_that_no_variable_has_is_refused(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match="Environment"):
        FILTERS["unit_environment"](name, "x")
