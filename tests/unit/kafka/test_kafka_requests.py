"""The second connection to a cluster: client settings taken over from librdkafka's names, and reasons read from a log."""

from __future__ import annotations

import logging
import sys
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, LoginError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.kafka import protocol
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import REASON, Requests, kafka_python_settings


def test_settings_of_librdkafka_are_taken_over() -> None:
    settings = kafka_python_settings(
        {
            "bootstrap.servers": "a:9092, b:9092",
            "security.protocol": "sasl_ssl",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "admin",
            "sasl.password": "x",
            "ssl.ca.location": "/etc/ca.pem",
            "ssl.endpoint.identification.algorithm": "none",
            "socket.nagle.disable": True,
        },
        timeout=5,
    )
    assert settings.pop("reconnect_backoff_max_ms") <= 5000
    assert settings == {
        "bootstrap_servers": ["a:9092", "b:9092"],
        "request_timeout_ms": 5000,
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "admin",
        "sasl_plain_password": "x",
        "ssl_cafile": "/etc/ca.pem",
        "ssl_check_hostname": False,
    }


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"enable.ssl.certificate.verification": False}, "enable.ssl.certificate.verification cannot be used"),
        ({"ssl.ca.pem": "…"}, "ssl.ca.pem cannot be used"),
        ({"security.protocol": "tls"}, "security.protocol is one of PLAINTEXT"),
    ],
)
def test_a_setting_that_cannot_be_taken_over_is_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ClusterError, match=words):
        kafka_python_settings({"bootstrap.servers": "a:1", **more}, timeout=5)


@pytest.mark.parametrize(
    ("logged", "reason"),
    [
        (
            "Bootstrap connection to bootstrap-0 failed: KafkaConnectionError: 111 (backoff 6.50 secs)",
            "KafkaConnectionError: 111",
        ),
        ("Connection failed: closed", "closed"),
        ("Bootstrap failed: Unable to bootstrap", None),
    ],
)
def test_the_reason_of_a_failed_connection(logged: str, reason: str | None) -> None:
    found = REASON.fullmatch(logged)
    assert (found["reason"] if found else None) == reason


@pytest.mark.parametrize(
    ("why", "other_library", "asked"),
    [
        ("KafkaConnectionError: socket disconnected", LoginError("no broker let this user in"), [1, 2]),
        ("KafkaConnectionError: socket disconnected", NoAnswerError("no broker answered"), [1, 2, 4, 8, 30]),
        ("[Errno 111] Connection refused", LoginError("never asked"), [1, 2, 4, 8, 30]),
    ],
)
def test_a_refused_login_is_heard_where_the_broker_hangs_up_with_it(
    monkeypatch: pytest.MonkeyPatch, why: str, other_library: ClusterError, asked: list[int]
) -> None:
    given: list[int] = []

    class KafkaError(Exception):
        """The library's own."""

    class Client:
        def __init__(self, **_: Any) -> None:
            pass

        def check_version(self, timeout_ms: float) -> None:
            given.append(round(timeout_ms / 1000))
            logging.getLogger("kafka").warning("Bootstrap connection to b failed: %s (backoff 0.10 secs)", why)
            raise KafkaError

        def close(self) -> None:
            pass

    class Other:
        def __init__(self, *_: Any) -> None:
            pass

        def metadata(self) -> None:
            raise other_library

    library: dict[str, dict[str, Any]] = {
        "kafka": {},
        "kafka.errors": {"KafkaError": KafkaError},
        "kafka.net": {},
        "kafka.net.compat": {"KafkaNetClient": Client},
    }
    for name, names in library.items():
        module = ModuleType(name)
        vars(module).update(names)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(protocol, "Cluster", Other)
    expected = LoginError if "disconnected" in why and isinstance(other_library, LoginError) else NoAnswerError
    with pytest.raises(expected), Requests({"bootstrap.servers": "b:1", "security.protocol": "SASL_SSL"}, 30) as requests:
        requests.send(None)
    assert given == asked
