"""The list of all schemas in front of Apicurio, asked over its socket like the proxy asks."""

from __future__ import annotations

import http.client
import importlib.util
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import pytest
from http_server import serving

FILE = Path(__file__).resolve().parents[3] / "roles/schema_registry/files/schemas.py"
SUBJECTS = {"a/b-value": [1, 2, 3], "orders-value": [1], "going-value": [1]}


def answer(path: str) -> tuple[int, Any]:
    """Answer like Apicurio's Confluent interface."""
    path = path.partition("?")[0].removeprefix("/base")
    if path == "/subjects":
        return 200, list(SUBJECTS)
    _, _, subject, *rest = path.split("/")
    name = subject.replace("%2F", "/")
    if rest == ["versions"]:
        return 200, SUBJECTS[name]
    if name == "going-value":
        return 404, {"error_code": 40401}
    version = int(rest[1])
    return 200, {"subject": name, "version": version, "id": version, "schema": '"int"', "references": [], "schemaType": None}


class Backend:
    broken = False
    asked: ClassVar[list[str]] = []

    @classmethod
    def answer(cls, request: BaseHTTPRequestHandler) -> tuple[int, Any]:
        cls.asked.append(request.path)
        return (500, {}) if cls.broken else answer(request.path)


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Any]:
    spec = importlib.util.spec_from_file_location("schemas", FILE)
    assert spec and spec.loader
    schemas = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(schemas)
    Backend.broken = False
    Backend.asked.clear()
    path = str(tmp_path / "socket")
    # What an earlier process left behind is no obstacle.
    Path(path).touch()

    def get(query: str = "") -> tuple[int, Any]:
        connection = http.client.HTTPConnection("proxy")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(path)
        connection.request("GET", f"/schemas{query}")
        found = connection.getresponse()
        return found.status, json.loads(found.read())

    with serving(Backend.answer) as url, schemas.Server(path, ("127.0.0.1", int(url.rpartition(":")[2]), "/base")) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield get
        server.shutdown()


def test_every_version_of_every_subject_in_order(ask: Any) -> None:
    status, found = ask()
    assert status == 200
    assert [(one["subject"], one["version"]) for one in found] == [
        ("a/b-value", 1),
        ("a/b-value", 2),
        ("a/b-value", 3),
        ("orders-value", 1),
    ]
    assert found[0] == {"subject": "a/b-value", "version": 1, "id": 1, "schema": '"int"'}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("?latestOnly=true", [("a/b-value", 3), ("orders-value", 1)]),
        ("?subjectPrefix=ord", [("orders-value", 1)]),
        ("?subjectPrefix=%3A*%3Aord", [("orders-value", 1)]),
        ("?offset=1&limit=2", [("a/b-value", 2), ("a/b-value", 3)]),
        ("?limit=0", []),
        ("?subjectPrefix=none", []),
    ],
)
def test_parameters_of_confluents_registry(ask: Any, query: str, wanted: list[tuple[str, int]]) -> None:
    status, found = ask(query)
    assert (status, [(one["subject"], one["version"]) for one in found]) == (200, wanted)


def test_what_is_not_wanted_is_not_asked_for(ask: Any) -> None:
    """A large registry has thousands of versions, and each is a question."""
    ask("?limit=0")
    assert Backend.asked == []
    ask("?limit=1")
    assert len([path for path in Backend.asked if "/versions/" in path]) == 1


def test_errors_have_confluents_form(ask: Any) -> None:
    assert ask("?limit=many") == (400, {"error_code": 40001, "message": "limit is not a number: many"})
    Backend.broken = True
    assert ask() == (502, {"error_code": 50002, "message": "the registry answers 500 to /subjects?deleted=false"})
