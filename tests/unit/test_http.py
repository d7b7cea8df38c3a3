"""The one HTTP client: its time is the whole wait, and no proxy of the environment comes between."""

from __future__ import annotations

import ast
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import company
import pytest
from ansible_collections.estate.kafka.plugins.module_utils.errors import NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.host.probe import Probe
from ansible_collections.estate.kafka.plugins.module_utils.http import Rest, Tls, fetch, read
from http_server import serving_with


class Answers(BaseHTTPRequestHandler):
    """Says which path it was asked for; `/cut` breaks off, `/slow` drips, `/busy` is not ready."""

    def do_GET(self) -> None:
        body = self.path.encode()
        self.send_response(503 if self.path == "/busy" else 200)
        self.send_header("Content-Length", str(len(body) + (9 if self.path == "/cut" else 0)))
        self.end_headers()
        for byte in body:
            time.sleep(0.2 if self.path == "/slow" else 0)
            self.wfile.write(bytes([byte]))


@pytest.fixture
def server() -> Iterator[str]:
    with serving_with(Answers) as url:
        yield url


@pytest.fixture
def hanging() -> Iterator[list[str]]:
    """Servers that take a connection and never answer, as stopped processes do."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(5)]
    yield [f"http://127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_no_proxy_of_the_environment_is_used(server: str, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:1")
    assert fetch(f"{server}/x", 5) == (200, b"/x")
    assert Rest([server], 5, "service").text("GET", "/y") == "/y"
    assert Probe("http", port=int(server.rpartition(":")[2])).failure() == ""


def test_all_servers_together_get_the_time(hanging: list[str]) -> None:
    begin = time.monotonic()
    with pytest.raises(NoAnswerError) as failed:
        Rest(hanging, 2.5, "worker").request("GET", "/")
    assert 2 < time.monotonic() - begin < 10, "each had the time"
    assert all(url in str(failed.value) for url in hanging)


def test_one_that_answers_is_found_behind_those_that_hang(hanging: list[str], server: str) -> None:
    # A share of it is time enough for an answer on a busy machine.
    rest, begin = Rest([*hanging, server], 6, "worker"), time.monotonic()
    assert rest.text("GET", "/x") == "/x"
    assert time.monotonic() - begin < 18
    assert rest.urls[0] == server, "it is asked first from now on"


def test_what_passes_is_waited_out_within_the_same_time(hanging: list[str], server: str) -> None:
    begin = time.monotonic()
    with pytest.raises(Exception, match="503"):
        Rest([server], 1, "worker").text("GET", "/busy")
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize(("path", "word"), [("/cut", "early"), ("/slow", "complete|timed out"), ("/busy", "503")])
def test_half_an_answer_is_none(server: str, path: str, word: str) -> None:
    with pytest.raises(OSError, match=word):
        read(server + path, 0.5)


def test_a_server_of_something_else_is_an_error_of_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            connection.sendall(b"SSH-2.0-x\r\n\r\n")
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(OSError, match="no answer of HTTP"):
            fetch(f"http://127.0.0.1:{listening.getsockname()[1]}/", 5)


def test_files_that_were_replaced_are_read_again(tmp_path: Path) -> None:
    now, trusted = datetime.now(UTC), tmp_path / "ca.pem"
    former, following = company.root("Former", now), company.root("Following", now)
    key = company.new_key()
    leaf = following.sign("localhost", key.public_key(), company.Wish(["localhost"]), now)
    (tmp_path / "server.pem").write_text(company.key_pem(key) + company.pem(leaf))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    with ThreadingHTTPServer(("localhost", 0), Answers) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url, tls = f"https://localhost:{server.server_port}/there", Tls(ca=str(trusted))
        trusted.write_text(company.pem(former.certificate))
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            fetch(url, 10, tls=tls)
        trusted.write_text(company.pem(following.certificate))
        assert fetch(url, 10, tls=tls) == (200, b"/there")
        server.shutdown()


def test_nothing_else_opens_addresses() -> None:
    # Not fetch_url: that is Ansible's own, with which a host fetches an archive.
    openers = {"urlopen", "build_opener", "open_url", "HTTPConnection", "HTTPSConnection"}
    plugins = Path(__file__).parents[2] / "plugins"
    found = set()
    for path in plugins.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        names |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
        if names & openers:
            found.add(str(path.relative_to(plugins)))
    assert found == {"module_utils/http.py"}, "ask with http.fetch, http.Rest or http.stream"
