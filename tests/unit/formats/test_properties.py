"""Files of properties, read back by Java itself and by a library of another hand."""

from __future__ import annotations

import subprocess
from pathlib import Path

import javaproperties
import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.filter.client import java_client
from ansible_collections.estate.kafka.plugins.filter.formats import FilterModule
from format_values import CASES, TEXT, generated
from hypothesis import strategies as st

properties = FilterModule().filters()["properties"]
PROGRAM = Path(__file__).with_name("ReadBack.java")


FAST = ("-Xshare:auto", "-XX:TieredStopAtLevel=1")


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the compiled program."""
    folder = tmp_path_factory.mktemp("classes")
    subprocess.run(["javac", *(f"-J{flag}" for flag in FAST), "-d", folder, PROGRAM], check=True)
    return folder


def java(classes: Path, path: Path) -> list[list[str]]:
    """Return what Java reads in a file: key, value, and the words of a login."""
    run = subprocess.run(["java", *FAST, "-cp", classes, PROGRAM.stem, path], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return [[_text(word) for word in line.split(" ")] for line in run.stdout.splitlines()]


def _text(word: str) -> str:
    kind, _, units = word.partition("_")
    return kind.removeprefix("s") + bytes.fromhex(units).decode("utf-16-be")


def test_java_and_another_reader_read_what_was_given(classes: Path, tmp_path: Path) -> None:
    pairs = generated(st.tuples(TEXT, TEXT), 800) + [(f"case{number}{case[:50]}", case) for number, case in enumerate(CASES)]
    given = dict(pairs + [(case[:50], "x") for case in CASES])
    path = tmp_path / "a.properties"
    path.write_text(properties(given), encoding="utf-8", newline="")
    assert path.read_bytes().isascii()
    assert dict(javaproperties.loads(path.read_bytes())) == given
    found = {key: value for key, value, *_ in java(classes, path)}
    assert [(key, value, found.get(key)) for key, value in given.items() if found.get(key) != value] == []
    assert found.keys() == given.keys()


def test_a_login_is_read_by_kafkas_tokenizer(classes: Path, tmp_path: Path) -> None:
    given = [(user, word) for user, word in generated(st.tuples(TEXT, TEXT), 300) if user and word]
    given += [(case, case) for case in CASES if case]
    logins = {
        f"sasl.jaas.config{number}": java_client(
            {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.username": user, "sasl.password": word}
        )["sasl.jaas.config"]
        for number, (user, word) in enumerate(given)
    }
    path = tmp_path / "client.properties"
    path.write_text(properties(logins))
    read = {key: words for key, _, *words in java(classes, path)}
    for number, (user, word) in enumerate(given):
        words = read[f"sasl.jaas.config{number}"]
        assert words[-7:] == ["username", "c=", user, "password", "c=", word, "c;"]


def test_plain_values_stay_as_they_were() -> None:
    options = {
        "broker.id": 1,
        "a.b": True,
        "c": ["x", "y"],
        "p": "[%d] %p %m (%c)%n",
        'quarkus.log.category."io.apicurio".level': "INFO",
        "listeners": "PLAINTEXT://:9092",
        "u": "a=b c#d!e",
        "tab": "a\tb",
        "gone": None,
    }
    assert properties(options).splitlines()[1:] == [
        "broker.id=1",
        "a.b=true",
        "c=x,y",
        "p=[%d] %p %m (%c)%n",
        'quarkus.log.category."io.apicurio".level=INFO',
        "listeners=PLAINTEXT://:9092",
        "u=a=b c#d!e",
        "tab=a\tb",
    ]


@pytest.mark.parametrize("value", [{"a": "hunter2"}, ["x", {"a": "hunter2"}], "hunter2\ud800"])
def test_what_no_property_holds_is_refused_by_name(value: object) -> None:
    with pytest.raises(AnsibleFilterError, match=r"broker\.rack") as error:
        properties({"broker.rack": value})
    assert "hunter2" not in str(error.value)
