"""How the module of the exercise runs its scripts: whatever the number of students, by their own interface."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.exercise.plan import Sending
from ansible_collections.estate.kafka.plugins.modules.exercise import LOGINS, Exercise, StepError

# Reads what it is to send as examples/students/produce.py does, and says how many that are.
PRODUCE = """
import argparse, json
parser = argparse.ArgumentParser()
parser.add_argument("--numbers", type=argparse.FileType())
parser.add_argument("--count", type=int)
options, _ = parser.parse_known_args()
numbers = range(options.count) if options.numbers is None else {int(word) for word in options.numbers.read().split()}
print(json.dumps({"sent": len(numbers)}))
"""


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    (tmp_path / "produce.py").write_text(PRODUCE)
    (tmp_path / "consume.py").write_text("import sys; sys.exit('no broker')")
    params: dict[str, Any] = dict.fromkeys(("source", "registry", "topic"), "x")
    return Exercise({**params, "timeout": 20, "log": str(tmp_path / "log"), "scripts": str(tmp_path), "libraries": str(tmp_path)})


@pytest.mark.parametrize("missing", [1, 400_000])
def test_the_rest_of_a_run_is_sent_however_many_are_missing(exercise: Exercise, missing: int) -> None:
    assert exercise.send("v3", Sending("v3-x", 1_000_000, range(5, 5 + missing))) == missing


def test_a_whole_run_is_sent_by_its_count(exercise: Exercise) -> None:
    assert exercise.send("v1", Sending("v1-x", 7, range(7))) == 7


def test_an_open_estate_has_the_words_it_had_and_a_secured_one_files_with_logins(exercise: Exercise) -> None:
    exercise.params |= {"target": "t", "mirrored_topic": "m", "index": "i", "elasticsearch": ["e"]}
    words = ["--bootstrap-servers", "t", "--registry", "x", "--topic", "m", "--index", "i", "--elasticsearch", "e", "--until-end"]
    assert exercise._indexer() == words
    exercise.params["logins"] = {name: f"/{name}" for name in LOGINS}
    more = ["--kafka-login", "/index", "--registry-login", "/registry_reader", "--elasticsearch-login", "/elasticsearch"]
    found = exercise._indexer()
    assert [word for word in found if word not in more] == words and [word for word in found if word in more] == more


def test_a_script_that_fails_is_told_with_its_last_words(exercise: Exercise) -> None:
    with pytest.raises(StepError, match=r"consume\.py failed:\nno broker"):
        exercise.read("v1")
