"""Ports asked by the audit: servers of this test's own, plain and TLS, that want something of who asks or do not."""

from __future__ import annotations

import base64
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.audit.certificates import decoded
from ansible_collections.estate.kafka.plugins.module_utils.audit.probe import (
    handshake_messages,
    http_answer,
    probe,
    probe_all,
    sasl_answer,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

Serve = Callable[[socket.socket], None]


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key with its certificate for the name h1."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "h1")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("h1"), x509.DNSName("*.example.com")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + built.public_bytes(Encoding.PEM))
    return path


class Server:
    """Serves each connection with a function, over TLS where there is a context."""

    def __init__(self, serve: Serve, context: ssl.SSLContext | None = None) -> None:
        self.serve, self.context, self.taken = serve, context, 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                plain, _ = self.socket.accept()
            except OSError:
                return
            self.taken += 1
            threading.Thread(target=self._one, args=(plain,), daemon=True).start()

    def _one(self, plain: socket.socket) -> None:
        plain.settimeout(5)
        try:
            with plain:
                if self.context is None:
                    self.serve(plain)
                else:
                    with self.context.wrap_socket(plain, server_side=True) as secure:
                        self.serve(secure)
        except OSError:
            pass


@pytest.fixture
def started() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(serve: Serve, context: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(serve, context))
        return servers[-1]

    yield start
    for one in servers:
        one.socket.close()


def ask(server: Server, speaks: str = "", **more: Any) -> dict[str, Any]:
    return probe({"host": "h1", "address": "127.0.0.1", "port": server.port, "speaks": speaks, **more}, 2)


def tls(pem: Path, **options: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.minimum_version = options.get("oldest", ssl.TLSVersion.TLSv1_2)
    context.maximum_version = options.get("newest", ssl.TLSVersion.TLSv1_3)
    if options.get("mutual"):
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(pem)
    if "ciphers" in options:
        context.set_ciphers(options["ciphers"])
    return context


def kafka(code: int) -> Serve:
    """Return a broker that answers the beginning of a login with this error, and ends what it does not understand."""

    def serve(connection: socket.socket) -> None:
        (size,) = struct.unpack(">i", connection.recv(4).ljust(4, b"\0"))
        if not 0 < size < 1000:
            return
        (key, version, correlation) = struct.unpack(">hhi", connection.recv(size)[:8])
        assert (key, version) == (17, 1)
        names = b"\0\0\0\1" + struct.pack(">h", 13) + b"SCRAM-SHA-512" if code != 34 else b"\0\0\0\0"
        body = struct.pack(">ih", correlation, code) + names
        connection.sendall(struct.pack(">i", len(body)) + body)

    return serve


def http(status: int, *headers: str, body: str = "") -> Serve:
    def serve(connection: socket.socket) -> None:
        if connection.recv(4096).startswith(b"GET / HTTP/"):
            lines = "\r\n".join([f"HTTP/1.1 {status} X", *headers, "", body])
            connection.sendall(lines.encode())

    return serve


def zookeeper(connection: socket.socket) -> None:
    if connection.recv(4) == b"srvr":
        connection.sendall(b"Zookeeper version: 3.8.4\nMode: leader\n")


def nothing(connection: socket.socket) -> None:
    connection.recv(4096)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("serve", "speaks", "answer", "how"),
    [
        (kafka(34), "kafka", "open", "Kafka, asks for no login"),
        (kafka(0), "kafka", "login", "Kafka, login by SCRAM-SHA-512"),
        (kafka(33), "kafka", "login", "Kafka, login by SCRAM-SHA-512"),
        (zookeeper, "zookeeper", "open", "ZooKeeper, answers srvr"),
        (http(200), "http", "open", "HTTP 200 without a login"),
        (http(404), "http", "open", "HTTP 404 without a login"),
        (http(401), "http", "login", "HTTP 401"),
        (http(302, "Location: /login?next=/"), "http", "login", "HTTP 302 to its login"),
        (http(302, "Location: /graph"), "http", "open", "HTTP 302 without a login"),
    ],
)
def test_a_plain_port(started: Any, serve: Serve, speaks: str, answer: str, how: str, known: bool) -> None:
    found = ask(started(serve), speaks if known else "")
    assert (found["answer"], found["how"], found["tls"]) == (answer, how, None)


def test_what_says_nothing_is_not_known_and_what_is_not_there_is_closed(started: Any) -> None:
    assert ask(started(nothing))["answer"] == "unknown"
    assert ask(started(nothing), "quorum")["answer"] == "open"
    assert ask(started(lambda one: one.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")))["how"] == "SSH"
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert probe({"host": "h1", "address": "127.0.0.1", "port": port}, 2)["answer"] == "closed"


@pytest.mark.parametrize(
    ("serve", "speaks", "answer"),
    [(kafka(0), "kafka", "login"), (kafka(34), "kafka", "open"), (http(401), "http", "login"), (http(200), "", "open")],
)
def test_a_port_with_tls(started: Any, pem: Path, serve: Serve, speaks: str, answer: str) -> None:
    found = ask(started(serve, tls(pem)), speaks)
    assert found["answer"] == answer and found["tls"]["version"] == "TLSv1.3"
    assert (found["tls"]["old"], found["tls"]["weak"]) == (False, False)
    shown = decoded(found["tls"]["certificate"])
    assert shown and shown.common_name == "h1" and (shown.key, shown.bits, shown.hash) == ("RSA", 2048, "sha256")
    assert shown.is_for("h1") and shown.is_for("one.example.com") and not shown.is_for("a.b.example.com", "h2")


def test_a_server_that_says_good_bye_in_the_handshake_refuses_too(started: Any, pem: Path) -> None:
    """As Java's own server of https does, where others send an alert."""
    context = tls(pem)

    def serve(plain: socket.socket) -> None:
        newest = b"\x03\x04"
        if newest not in plain.recv(4096, socket.MSG_PEEK):
            plain.sendall(b"\x15\x03\x03\x00\x02\x01\x00")
            return
        with context.wrap_socket(plain, server_side=True) as secure:
            http(401)(secure)

    found = ask(started(serve), "http")
    assert found["answer"] == "login" and (found["tls"]["old"], found["tls"]["weak"]) == (False, False)


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("serve", "speaks"), [(kafka(34), "kafka"), (zookeeper, "zookeeper"), (nothing, "quorum"), (http(200), "http")]
)
def test_a_port_that_wants_a_certificate(started: Any, pem: Path, serve: Serve, speaks: str, newest: ssl.TLSVersion) -> None:
    found = ask(started(serve, tls(pem, mutual=True, newest=newest)), speaks)
    assert found["answer"] == "certificate", found
    shown = decoded(found["tls"]["certificate"])
    assert shown and shown.common_name == "h1"
    assert found["tls"]["version"] == {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}[newest]
    assert found["tls"]["old"] is False


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_versions_are_seen(started: Any, pem: Path) -> None:
    context = tls(pem, oldest=ssl.TLSVersion.TLSv1, ciphers="ALL:@SECLEVEL=0")
    assert ask(started(http(401), context), "http")["tls"]["old"] is True
    mutual = tls(pem, oldest=ssl.TLSVersion.TLSv1, ciphers="ALL:@SECLEVEL=0", mutual=True)
    assert ask(started(nothing, mutual), "quorum")["tls"]["old"] is True
    only = tls(pem, oldest=ssl.TLSVersion.TLSv1, newest=ssl.TLSVersion.TLSv1_1, ciphers="ALL:@SECLEVEL=0")
    found = ask(started(http(401), only), "http")
    assert found["tls"]["version"] == "TLSv1.1" and found["tls"]["old"] is True


def test_many_ports_are_asked_at_once_in_order_and_each_a_few_times(started: Any) -> None:
    servers = [started(serve) for serve in (kafka(34), http(401), zookeeper)]
    wanted: list[dict[str, Any]] = [
        {"host": "h", "address": "127.0.0.1", "port": one.port, "speaks": speaks, "plain": True}
        for one, speaks in zip(servers, ("kafka", "http", "zookeeper"))
    ]
    assert [one["answer"] for one in probe_all(wanted)] == ["open", "login", "open"]
    assert [one.taken for one in servers] == [2, 2, 2]


@given(st.binary(max_size=200))
def test_no_answer_breaks_the_reading_of_it(answer: bytes) -> None:
    assert all(len(body) < 200 for _, body in handshake_messages(b"\x16\x03\x03\0\x64" + answer))
    for said in (sasl_answer(answer), http_answer(answer), http_answer(b"HTTP/1.1 200 " + answer)):
        assert said is None or said[0] in ("open", "login", "certificate", "unknown")


def test_a_proxy_that_wants_https_or_a_certificate_is_read_as_such() -> None:
    assert http_answer(b"HTTP/1.1 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.") is None
    assert http_answer(b"HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port") is None
    found = http_answer(b"HTTP/1.1 400 Bad Request\r\n\r\nNo required SSL certificate was sent")
    assert found and found[0] == "certificate"
    assert decoded(base64.b64encode(b"no certificate").decode()) is None
