"""Values of every kind that options can have, to be written and read back."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

Value = TypeVar("Value")

LINE_ENDS = "\n\r\x0b\x0c\x1c\x85\u2028"
MARKS = " \t\\\"'`#!%$:=;,.{}()[]&|<>*?~@^/-+_\u00a0\ufeff" + "aZ0éß서울😀\x00\x1b\x7f"
TEXT = st.text(st.one_of(st.sampled_from(MARKS + LINE_ENDS), st.characters(exclude_categories=["Cs"])), max_size=40)
# Those that every place of every format holds: the control characters are left out.
ONE_LINE = st.text(
    st.one_of(
        st.sampled_from([c for c in MARKS if c.isprintable() or ord(c) > 127]), st.characters(exclude_categories=["Cs", "Cc"])
    ),
    max_size=40,
)
CASES = [
    *(
        "",
        " ",
        "  a  ",
        "\ta",
        "a\t",
        "a b",
        "서울-1",
        "\U0001f600",
        "\x85",
        "\u2028",
        "a\x85b",
        "-----BEGIN X-----\r\nabc=\r\n-----END X-----\r\n",
    ),
    *(
        "\\",
        "a\\",
        "\\n",
        "\\u0041",
        "c:\\d",
        "#a",
        "!a",
        "a#b;c",
        ";",
        "'a'",
        '"a"',
        "`a`",
        '"""a"""',
        "'",
        '"',
        "%t",
        "%%",
        "$x",
        "${x}",
        "$$",
    ),
    *(
        "a:1, b:2",
        "a=b",
        "=",
        ":",
        "~",
        "~/x",
        "*",
        "&a",
        "- a",
        "? a",
        "@a",
        "on",
        "null",
        "1e3",
        "0o17",
        "1:30",
        "2001-01-01",
        "{a}",
        "[a]",
    ),
    "-Xlog:gc*:file=/var/log/kafka/gc-%t.log",
    "x" * 100_000,
    "서 " * 10_000,
]


def generated(strategy: st.SearchStrategy[Value], count: int) -> list[Value]:
    """Return that many values at once, for a reader that is slow to start."""
    found: list[Value] = []

    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(value: Value) -> None:
        found.append(value)

    collect()
    return found
