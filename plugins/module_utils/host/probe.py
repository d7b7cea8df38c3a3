# SPDX-License-Identifier: Apache-2.0
"""How to see, from its host, that a service serves."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.http import Tls, fetch, read
from ansible_collections.estate.kafka.plugins.module_utils.tls import NO_TLS, connected, context_of

PROBE_SECONDS = 5


@dataclass(frozen=True)
class Probe:
    """How to see that a service serves: ``tcp``, ``http`` (any of the given status codes), ``zookeeper`` or ``none``."""

    kind: str = "none"
    host: str = "127.0.0.1"
    port: int = 0
    path: str = "/"
    status: tuple[int, ...] = (200,)
    # Files for TLS: the authority, the prober's own key with its certificate, and its login.
    ca: str = ""
    key: str = ""
    login: str = ""

    @classmethod
    def of(cls, params: dict[str, Any] | None) -> Probe:
        """Build the probe from module parameters (see :data:`PROBE_SPEC`)."""
        if not params:
            return cls()
        tls = {name: params.get(name) or "" for name in ("ca", "key", "login")}
        return cls(params["kind"], params["host"], params["port"] or 0, params["path"], tuple(params["status"]), **tls)

    def __str__(self) -> str:
        if self.kind == "http":
            return f"{self._url(self.path)} to answer {'/'.join(map(str, self.status))}"
        return f"{self.kind} {self.host}:{self.port}"

    def failure(self) -> str:
        """Return '' when the service serves, otherwise what was seen instead."""
        try:
            return str(getattr(self, f"_{self.kind}")())
        except OSError as error:
            return f"{type(error).__name__}: {error}"

    def _url(self, path: str) -> str:
        return f"{'https' if self.ca else 'http'}://{self.host}:{self.port}{path}"

    def _files(self) -> dict[str, str]:
        """Return the files for TLS, {} for a server that speaks plain."""
        return {"ca": self.ca, "key": self.key, "login": self.login} if self.ca else {}

    def metrics(self) -> str:
        """Return the metrics that the service serves beside what is probed; raises OSError where it does not."""
        return read(self._url("/metrics"), PROBE_SECONDS, Tls.of(self._files()))

    def _none(self) -> str:
        return ""

    def _tcp(self) -> str:
        with socket.create_connection((self.host, self.port), timeout=3):
            return ""

    def _http(self) -> str:
        found, _ = fetch(self._url(self.path), PROBE_SECONDS, tls=Tls.of(self._files()))
        return "" if found in self.status else f"HTTP status {found}"

    def _zookeeper(self) -> str:
        answer = four_letter_word(self.host, self.port, "srvr", self._files())
        return "" if "\nMode: " in answer else (answer.strip() or "no answer to srvr")


PROBE_SPEC: dict[str, Any] = {
    "type": "dict",
    "options": {
        "kind": {"type": "str", "choices": ["tcp", "http", "zookeeper", "none"], "default": "none"},
        "host": {"type": "str", "default": "127.0.0.1"},
        "port": {"type": "int"},
        "path": {"type": "str", "default": "/"},
        "status": {"type": "list", "elements": "int", "default": [200]},
        "ca": {"type": "path"},
        "key": {"type": "path", "no_log": False},
        "login": {"type": "path"},
    },
}


def four_letter_word(host: str, port: int, word: str, tls: Mapping[str, str] = NO_TLS) -> str:
    """Send a ZooKeeper four-letter word and return the whole answer; raises OSError when the server cannot be reached.

    ``tls`` names the files for a secured server: ``ca``, and ``key`` with its certificate.
    """
    with connected(host, port, 3, context_of(tls)) as connection:
        return _asked(connection, word)


def _asked(connection: socket.socket, word: str) -> str:
    connection.sendall(word.encode())
    chunks = []
    while chunk := connection.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks).decode(errors="replace")
