"""Files that sh sources, and words of its commands, read back by the host's own sh."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.filter.formats import FilterModule
from format_values import CASES, TEXT, generated

FILTERS = FilterModule().filters()


@cache
def given() -> list[str]:
    return [*(str(text).replace("\0", "") for text in generated(TEXT, 1000)), *CASES]


def sh(script: str) -> list[str]:
    run = subprocess.run(["/bin/sh", "-s"], input=script.encode(), capture_output=True)
    assert run.returncode == 0 and not run.stderr, run.stderr
    return run.stdout.decode().split("\0")[:-1]


def test_sh_reads_what_was_given(tmp_path: Path) -> None:
    path = tmp_path / "cli.env"
    path.write_bytes(FILTERS["sh"]({f"V{number}": value for number, value in enumerate(given())}).encode())
    names = "\n".join(f"printf '%s\\0' \"$V{number}\"" for number in range(len(given())))
    assert sh(f"set -u\n. {path}\n{names}\n") == given()


def test_words_of_a_command_stay_apart() -> None:
    words = [word for word in given() if len(word) < 1000]
    assert sh(FILTERS["sh_command"](["printf", "%s\\0", *words]) + "\n") == words


def test_plain_values_stay_as_they_were() -> None:
    options = {"KAFKA_JAVA": "/usr/bin/java", "KAFKA_LIBS": "/opt/kafka/current/libs/*", "SERVERS": "a:1,b-2.c:2/k", "NONE": ""}
    assert FILTERS["sh"]({**options, "GONE": None}).splitlines()[1:] == [f"{name}={value}" for name, value in options.items()]
    assert FILTERS["sh_command"](["sha256sum", "/etc/a.b/c_d-1"]) == "sha256sum /etc/a.b/c_d-1"


@pytest.mark.parametrize(
    ("name", "value"), [("A-B", "x"), ("1A", "x"), ("A;b", "x"), ("A", "x\0y"), ("A", {"x": "y"}), ("A", "\udc00")]
)
def test_what_sh_does_not_hold_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(AnsibleFilterError, match=f"'{name}'"):
        FILTERS["sh"]({name: value})
