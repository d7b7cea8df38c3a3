#!/usr/bin/env python3
"""Lists all schemas of a registry at ``/schemas``, as Confluent's registry does; Apicurio 3.0 has no such list.

Serves ``GET /schemas?subjectPrefix=&latestOnly=&deleted=&offset=&limit=`` on a Unix socket, for the proxy in front of the
registry.  Each answer is put together from what the registry says of its subjects and versions.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import socketserver
import sys
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

JSON = "application/vnd.schemaregistry.v1+json"
# Confluent's registry takes this prefix for the subjects of every context; Apicurio has one context, the default one.
ANY_CONTEXT = ":*:"
TIMEOUT_SECONDS = 30


class RefusalError(Exception):
    """An answer that is an error: HTTP status, Confluent's error code and a sentence."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Registry:
    """The registry behind, asked over one connection."""

    def __init__(self, host: str, port: int, base: str) -> None:
        self.connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        self.base = base

    def get(self, path: str) -> Any:
        """Return the JSON of an answer, None for what is not there.

        Raises:
            RefusalError: the registry does not answer, or answers with an error.
        """
        try:
            self.connection.request("GET", self.base + path)
            answer = self.connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise RefusalError(503, 50302, f"the registry does not answer: {error}") from error
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise RefusalError(502, 50002, f"the registry answers {answer.status} to {path}")
        return json.loads(body)

    def schemas(self, prefix: str, latest_only: bool, deleted: str) -> Iterator[dict[str, Any]]:
        """Yield every version of every subject, in the order of their names and numbers."""
        for subject in sorted(self.get(f"/subjects?deleted={deleted}") or []):
            if not subject.startswith(prefix):
                continue
            path = f"/subjects/{urllib.parse.quote(subject, safe='')}/versions"
            versions = sorted(self.get(f"{path}?deleted={deleted}") or [])
            for version in versions[-1:] if latest_only else versions:
                # A subject may go while it is read.
                if found := self.get(f"{path}/{version}?deleted={deleted}"):
                    yield {name: value for name, value in found.items() if value not in (None, [])}


def flag(query: dict[str, str], name: str) -> bool:
    """Return a parameter that is true or false; false where it is absent."""
    return query.get(name, "false").lower() == "true"


def number(query: dict[str, str], name: str, absent: int) -> int:
    """Return a parameter that is a number."""
    try:
        return int(query.get(name, absent))
    except ValueError as error:
        raise RefusalError(400, 40001, f"{name} is not a number: {query[name]}") from error


def listing(registry: Registry, query: dict[str, str]) -> list[dict[str, Any]]:
    """Return what ``/schemas`` answers to a query; a ``limit`` below 0 means all, as in Confluent's registry."""
    prefix = query.get("subjectPrefix", "")
    prefix = prefix[len(ANY_CONTEXT) :] if prefix.startswith(ANY_CONTEXT) else prefix
    offset, limit = number(query, "offset", 0), number(query, "limit", -1)
    found = registry.schemas(prefix, flag(query, "latestOnly"), str(flag(query, "deleted")).lower())
    # Each version is a question to the registry: none is asked for that is not wanted.
    return list(itertools.islice(found, max(offset, 0), None if limit < 0 else max(offset, 0) + limit))


class Handler(BaseHTTPRequestHandler):
    """One request of the proxy."""

    server: Server

    def do_GET(self) -> None:
        """Answer with the list."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        registry = Registry(*self.server.backend)
        try:
            self.answer(200, listing(registry, query))
        except RefusalError as error:
            self.answer(error.status, {"error_code": error.code, "message": str(error)})
        finally:
            registry.connection.close()

    def answer(self, status: int, content: Any) -> None:
        """Send JSON."""
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        """Return who asks; behind a Unix socket that is the proxy."""
        return "proxy"

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Leave answers out of the journal, as the proxy does."""


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Listens on a Unix socket."""

    daemon_threads = True

    def __init__(self, path: str, backend: tuple[str, int, str]) -> None:
        with contextlib.suppress(FileNotFoundError):
            Path(path).unlink()
        super().__init__(path, Handler)
        self.backend = backend


def main() -> int:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--socket", required=True, help="path of the Unix socket")
    parser.add_argument("--backend", required=True, help="base URL of the registry's Confluent API")
    options = parser.parse_args()
    url = urllib.parse.urlsplit(options.backend)
    with Server(options.socket, (url.hostname or "127.0.0.1", url.port or 80, url.path)) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
