"""A running broker that is told to read its certificates anew, and what is seen of it at its ports."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.host.unit import Unit
from ansible_collections.estate.kafka.plugins.module_utils.kafka import reread
from ansible_collections.estate.kafka.plugins.module_utils.kafka.reread import Broker, first_certificate, shown
from ansible_collections.estate.kafka.plugins.module_utils.security.folder import Folder
from ansible_collections.estate.kafka.plugins.module_utils.security.renewal import Renewal
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import Wanted
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AlterConfigOpType, ResourceType

CA = "kafka-1-brokers"
NAMES = ("one", "two")


def bundles(path: Path) -> dict[str, str]:
    """Return two keys with their certificates."""
    folder = Folder(path, lambda text: text)
    wanted = [Wanted(CA, name, name, "kafka-1", (name,)) for name in NAMES]
    assert folder.plan([CA], wanted, datetime.now(UTC), Renewal()) == []
    folder.write()
    return {name: folder.bundle(CA, name) for name in NAMES}


@contextlib.contextmanager
def port(file: Path) -> Iterator[int]:
    """A port that shows whatever certificate the file has at that moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    plain, _ = server.accept()
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(file)
                    with contextlib.suppress(OSError), plain, context.wrap_socket(plain, server_side=True) as one:
                        one.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


class Admin:
    """Brokers that answer a change of settings, after ``act``."""

    def __init__(self, act: Callable[[], object], error: str = "") -> None:
        self.admin = self
        self.act, self.error = act, error
        self.asked: list[Any] = []

    def incremental_alter_configs(self, resources: list[Any], **_: Any) -> dict[Any, Future[None]]:
        self.asked += resources
        self.act()
        answer: Future[None] = Future()
        if self.error:
            answer.set_exception(KafkaException(KafkaError(KafkaError.INVALID_CONFIG, self.error)))
        else:
            answer.set_result(None)
        return {resources[0]: answer}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """What the port shows, and what is on the disk."""
    made = bundles(tmp_path / "pki")
    found = {name: tmp_path / f"{name}.pem" for name in NAMES}
    for name, path in found.items():
        path.write_text(made[name])
    return found


def told(admin: Admin, served: dict[int, str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(reread, "Cluster", lambda client, timeout: admin)
    return Broker.of({"broker_id": 7, "host": "127.0.0.1", "client": {}, "served": served}).read_anew(0.5)


def test_a_port_shows_the_certificate_of_its_file(files: dict[str, Path]) -> None:
    with port(files["one"]) as number:
        assert shown("127.0.0.1", number) == first_certificate(files["one"].read_text())
        assert shown("127.0.0.1", number) != first_certificate(files["two"].read_text())
    assert first_certificate("nothing") == b""


def test_a_broker_is_told_by_a_setting_that_stays_nowhere(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    admin = Admin(lambda: files["one"].write_text(files["two"].read_text()))
    with port(files["one"]) as number:
        assert told(admin, {number: str(files["two"])}, monkeypatch) == ""
    (asked,) = admin.asked
    assert asked.restype == ResourceType.BROKER and asked.name == "7"
    (entry,) = asked.incremental_configs
    assert entry.incremental_operation == AlterConfigOpType.DELETE and entry.value is None


def test_a_broker_that_keeps_the_old_one_is_told_of(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    with port(files["one"]) as number:
        said = told(Admin(lambda: None), {number: str(files["two"])}, monkeypatch)
    assert said == f"port {number} does not show the certificate of {files['two']}"
    assert f"port {number}: " in told(Admin(lambda: None), {number: str(files["two"])}, monkeypatch)


def test_a_refusal_is_told_in_the_brokers_words(monkeypatch: pytest.MonkeyPatch) -> None:
    said = told(Admin(lambda: None, "keystore has another DN"), {}, monkeypatch)
    assert said.startswith("INVALID_CONFIG: keystore has another DN")


def test_what_was_read_is_due_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unit, key = Unit(None, "no-such-unit", []), tmp_path / "broker.pem"
    monkeypatch.setattr(Unit, "_loaded", tmp_path / "loaded-with")
    key.write_text("old")
    assert unit.unloaded([str(key)]) == [str(key)]
    unit.loaded(unit.digests([str(key)]))
    assert unit.unloaded([str(key)]) == []
    key.write_text("new")
    assert unit.unloaded([str(key)]) == [str(key)]
