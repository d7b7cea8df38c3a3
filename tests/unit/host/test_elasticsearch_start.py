"""How a node of several is started: with the nodes of the first formation only while there is no cluster."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from http_server import serving

FILE = Path(__file__).resolve().parents[3] / "roles/elasticsearch/files/start.py"
NAMED = ["-E", "cluster.initial_master_nodes=one.test,two.test"]
# Nobody listens there.
NOBODY = "http://127.0.0.1:1"


# By the first part of the path.
ANSWERS: dict[str, tuple[int, Any]] = {
    "formed": (200, {"metadata": {"cluster_uuid_committed": True}}),
    "forming": (200, {"metadata": {"cluster_uuid_committed": False}}),
    "locked": (401, {}),
    "forbidden": (403, {}),
    "nothing": (404, {}),
    "other": (200, []),
}


@pytest.fixture(scope="module")
def nodes() -> Iterator[str]:
    with serving(lambda request: ANSWERS[request.path.split("/")[1]]) as url:
        yield url


def started(directory: Path, *urls: str) -> list[str]:
    """Return the options that Elasticsearch is started with, after the ones that it always has."""
    file = directory / "nodes.json"
    file.write_text(json.dumps({"names": ["one.test", "two.test"], "urls": urls}), encoding="utf-8")
    program = [sys.executable, "-c", "import json, sys; print(json.dumps(sys.argv[1:]))", "--daemonize"]
    command = [sys.executable, "-I", str(FILE), "--nodes", str(file), "--data", str(directory / "data"), "--", *program]
    environment = {"http_proxy": NOBODY, "HTTP_PROXY": NOBODY}
    printed = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    first, *options = json.loads(printed.splitlines()[-1])
    assert first == "--daemonize"
    return [str(option) for option in options]


def commit(directory: Path, term: str, place: str = "_state") -> None:
    """Write what a node leaves behind, as Lucene writes texts: their length, then their bytes."""
    place_of = directory / "data" / place
    place_of.mkdir(parents=True)
    texts = ["current_term", term, "last_accepted_version", "17"]
    (place_of / "segments_3").write_bytes(b"\x3f\xd7l" + b"".join(bytes([len(text)]) + text.encode() for text in texts))


def test_the_first_start_names_the_nodes(tmp_path: Path) -> None:
    assert started(tmp_path, NOBODY) == NAMED


@pytest.mark.parametrize(("term", "place"), [("1", "_state"), ("2034567890", "_state"), ("7", "nodes/0/_state")])
def test_a_node_that_was_in_a_cluster_does_not(tmp_path: Path, term: str, place: str) -> None:
    commit(tmp_path, term, place)
    assert started(tmp_path, NOBODY) == []


def test_a_node_that_ended_before_the_cluster_formed_still_does(tmp_path: Path) -> None:
    commit(tmp_path, "0")
    assert started(tmp_path, NOBODY) == NAMED


def test_a_node_that_is_new_to_a_cluster_does_not(tmp_path: Path, nodes: str) -> None:
    assert started(tmp_path, NOBODY, f"{nodes}/formed") == []


@pytest.mark.parametrize("answer", ["forming", "other", "nothing"])
def test_answers_that_tell_of_no_cluster(tmp_path: Path, nodes: str, answer: str) -> None:
    assert started(tmp_path, f"{nodes}/{answer}") == NAMED


@pytest.mark.parametrize("answer", ["locked", "forbidden"])
def test_a_node_that_is_not_let_in_forms_no_second_cluster(tmp_path: Path, nodes: str, answer: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as ended:
        started(tmp_path, NOBODY, f"{nodes}/{answer}")
    assert "must not form beside it: run playbooks/elasticsearch.yml" in ended.value.stderr
