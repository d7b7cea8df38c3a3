# SPDX-License-Identifier: Apache-2.0
"""Requests of Kafka's protocol that librdkafka has no call for, over a connection of kafka-python.

One place for this second connection.  It takes the same client settings as ``connection.Cluster``::

    with Requests(client, timeout) as requests:
        from kafka.protocol.admin import DescribeClientQuotasRequest

        answer = requests.send(DescribeClientQuotasRequest(components=[], strict=False))

The classes of requests can be imported once a ``Requests`` exists.  What an answer says of errors is for the caller to read;
``explain_code`` makes a sentence of it.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, LoginError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.host.libraries import add_host_python
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import (
    Cluster,
    connected,
    no_controller,
    unanswered,
    with_remedy,
)
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll

NO_ERROR = 0
NOT_CONTROLLER = 41
# Changes sent in one request: few enough for the broker to finish them in time.
CHUNK = 200
Action = TypeVar("Action")
# Settings of librdkafka -> what kafka-python calls them.
SETTINGS = {
    "client.id": "client_id",
    "security.protocol": "security_protocol",
    "sasl.mechanism": "sasl_mechanism",
    "sasl.mechanisms": "sasl_mechanism",
    "sasl.username": "sasl_plain_username",
    "sasl.password": "sasl_plain_password",
    "sasl.kerberos.service.name": "sasl_kerberos_service_name",
    "ssl.ca.location": "ssl_cafile",
    "ssl.certificate.location": "ssl_certfile",
    "ssl.key.location": "ssl_keyfile",
    "ssl.key.password": "ssl_password",
    "ssl.crl.location": "ssl_crlfile",
}
PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
IDENTIFICATION = "ssl.endpoint.identification.algorithm"
# How kafka-python words a failed connection in its log, the only place where the reason stands.
REASON = re.compile(r"(?:Bootstrap connection to \S+|Connection) failed: (?P<reason>.*?)(?: \(backoff .*\))?")
# And of a broker that closed the connection; a refused login is one of the reasons.
HUNG_UP = "socket disconnected"
RECONNECT_MS = 1000
# Settings that decide who is talked to, and as whom: one that cannot be taken over must not be dropped in silence.
GUARDED = ("security.", "sasl.", "ssl.", "enable.ssl.")


def kafka_python_settings(client: Mapping[str, Any], timeout: float) -> dict[str, Any]:
    """Return settings of librdkafka as kafka-python takes them; settings of speed and buffers are left out.

    ``timeout`` is in seconds. Raises ClusterError for a setting of the login that kafka-python lacks.
    """
    settings: dict[str, Any] = {
        "bootstrap_servers": [server.strip() for server in str(client["bootstrap.servers"]).split(",") if server.strip()],
        "request_timeout_ms": int(timeout * 1000),
        "reconnect_backoff_max_ms": RECONNECT_MS,
    }
    for key, value in client.items():
        if key in SETTINGS:
            settings[SETTINGS[key]] = str(value)
        elif key == IDENTIFICATION:
            settings["ssl_check_hostname"] = str(value).lower() != "none"
        elif key.startswith(GUARDED):
            known = ", ".join(sorted([*SETTINGS, IDENTIFICATION]))
            raise ClusterError(f"client settings: {key} cannot be used for this kind of request; there are {known}")
    for name in ("security_protocol", "sasl_mechanism"):
        if name in settings:
            settings[name] = settings[name].upper()
    if settings.get("security_protocol", PROTOCOLS[0]) not in PROTOCOLS:
        raise ClusterError(f"client settings: security.protocol is one of {', '.join(PROTOCOLS)}")
    return settings


def explain_code(code: int, message: str | None = None) -> str:
    """Return name, sentence and remedy of an error code in an answer."""
    from kafka.errors import for_code

    error = for_code(code)
    return with_remedy(error.message or f"error {code}", message or error.description or "")


def in_chunks(
    actions: Sequence[Action], send: Callable[[Sequence[Action]], Iterable[tuple[Action, str]]]
) -> list[tuple[Action, str]]:
    """Send actions a chunk at a time; return those refused. After a chunk without an answer the rest is not tried."""
    refused: list[tuple[Action, str]] = []
    for start in range(0, len(actions), CHUNK):
        chunk = actions[start : start + CHUNK]
        try:
            refused += send(chunk)
        except ClusterError as error:
            refused += [(action, f"perhaps done, perhaps not; run again: {error}") for action in chunk]
            refused += [(action, "not tried; run again") for action in actions[start + CHUNK :]]
            break
    return refused


class Requests:
    """A connection for single requests, opened by the first of them."""

    def __init__(self, client: Mapping[str, Any], timeout: float) -> None:
        add_host_python()
        try:
            from kafka.net.compat import KafkaNetClient
        except ImportError as error:
            raise NoAnswerError(
                f"kafka-python cannot be loaded ({error}): run this on a broker host of the estate, or install it"
            ) from error
        self.address = str(client.get("bootstrap.servers", ""))
        if not self.address:
            raise ClusterError("client has no bootstrap.servers: give it as host:port,host:port")
        self.timeout = timeout
        self.given = client
        settings = kafka_python_settings(client, timeout)
        try:
            self.client = KafkaNetClient(**settings)
        except Exception as error:  # any of its own errors, or ValueError and OSError for files of certificates
            raise ClusterError(f"client settings: {type(error).__name__}: {error}") from error
        self._open = False

    def __enter__(self) -> Requests:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def send(self, request: Any) -> Any:
        """Return the answer of any broker; raises NoAnswerError when none answers."""
        self._connect()
        return self._ask(self.client.least_loaded_node(bootstrap_fallback=True), request)

    def send_to(self, broker: int, request: Any) -> Any:
        """Return the answer of one broker."""
        self._connect()
        return self._ask(broker, request)

    def version_of(self, broker: int) -> str:
        """Return the version of a broker, major and minor, by the requests that it knows."""
        self._connect()
        found = self._guarded(
            broker, "for its version", lambda: self.client.check_version(broker, timeout_ms=self.timeout * 1000)
        )
        return ".".join(map(str, found))

    def send_to_controller(self, request: Any, codes: Callable[[Any], Iterable[int]]) -> Any:
        """Return the answer of the controller.

        ``codes`` gives the error codes of an answer; the request is repeated while they say that the controller has moved.
        """
        self._connect()
        end = time.monotonic() + self.timeout
        return poll(
            lambda: self._ask(self._controller(end - time.monotonic()), request),
            lambda answer: NOT_CONTROLLER not in codes(answer),
            self.timeout,
        )

    def _controller(self, timeout: float) -> int:
        """Return the id of the controller, as soon as the brokers know one; ``timeout`` is in seconds."""
        from kafka.protocol.metadata import MetadataRequest

        def ask() -> int:
            node = self.client.least_loaded_node(bootstrap_fallback=True)
            return int(self._ask(node, MetadataRequest(topics=[])).controller_id)

        found = poll(ask, lambda broker: broker >= 0, timeout)
        if found < 0:
            raise no_controller(self.address)
        return found

    def _connect(self) -> None:
        if self._open:
            return
        from kafka.errors import KafkaError

        def ask(seconds: float) -> None:
            try:
                self.client.check_version(timeout_ms=seconds * 1000)
            except KafkaError:
                if seconds > 1 and any(HUNG_UP in line for line in heard.lines):
                    self._raise_if_refused(seconds)
                raise

        with _Heard() as heard:
            try:
                connected(ask, KafkaError, lambda: heard.lines, self.timeout)
            except KafkaError as error:
                raise unanswered(self.address, self.timeout, heard.lines or [str(error)]) from error
        self._open = True

    def _raise_if_refused(self, seconds: float) -> None:
        """Raise LoginError if this is why the brokers hang up: what is read together with the end of a connection is lost
        on kafka-python, but not on librdkafka. That is so whenever a broker is faster than this process.
        """
        try:
            Cluster(self.given, seconds).metadata()
        except LoginError:
            raise
        except ClusterError:
            # Nothing is known of the login; the caller goes on asking.
            return

    def _ask(self, node: Any, request: Any) -> Any:
        name = type(request).__name__
        return self._guarded(node, name, lambda: self.client.send_and_receive(node, request, timeout_ms=self.timeout * 1000))

    def _guarded(self, node: Any, name: str, ask: Callable[[], Any]) -> Any:
        from kafka.errors import IncompatibleBrokerVersion, KafkaError

        with _Heard() as heard:
            try:
                return ask()
            except IncompatibleBrokerVersion as error:
                raise ClusterError(f"the brokers of {self.address} are too old for {name}: {error}") from error
            except KafkaError as error:
                reasons = "; ".join(heard.lines) or str(error)
                raise ClusterError(f"broker {node} of {self.address} did not answer {name}: {reasons}") from error


def broker_sizes(requests: Requests, broker: int) -> dict[tuple[str, int, int], int]:
    """Return the bytes of every replica on a broker, by topic, partition and broker.

    Copies it makes for itself are left out. Raises ClusterError.
    """
    from kafka.protocol.admin import DescribeLogDirsRequest

    answer = requests.send_to(broker, DescribeLogDirsRequest(topics=None))
    if answer.error_code:
        raise ClusterError(f"broker {broker}: {explain_code(answer.error_code)}")
    return {
        (topic.name, one.partition_index, broker): one.partition_size
        for directory in answer.results
        for topic in directory.topics
        for one in topic.partitions
        if not one.is_future_key
    }


class _Heard(logging.Handler):
    """The last reasons kafka-python gave for failed connections; it only logs them, and nothing reaches the screen."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self.logger = logging.getLogger("kafka")

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the text of one record."""
        found = REASON.fullmatch(record.getMessage())
        if found and found["reason"] not in self.lines:
            self.lines = [*self.lines[-2:], found["reason"]]

    def __enter__(self) -> _Heard:
        self.logger.addHandler(self)
        self.propagated, self.logger.propagate = self.logger.propagate, False
        return self

    def __exit__(self, *_: object) -> None:
        self.logger.removeHandler(self)
        self.logger.propagate = self.propagated
