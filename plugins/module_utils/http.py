# SPDX-License-Identifier: Apache-2.0
"""The one client of HTTP, for the estate's own services and for what publishers offer.

:func:`fetch` asks one address once; :class:`Rest` asks a service at one address or at several equal ones, and takes the answer
of the first that gives any; :func:`stream` opens what is too large to be read at once.  Only a publisher is asked by the proxy
of the environment: that need not know the estate's hosts, and what it says is not what the service says.
"""

from __future__ import annotations

import base64
import functools
import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.urls import make_context
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll

JSON = "application/json"
NOT_FOUND = 404
REMEDIES = {401: "correct the login", 403: "give this user the rights"}
SAID_LENGTH = 300
# What a server gets to answer in even when the time is nearly over.
MIN_SECONDS = 0.5
CHUNK_BYTES = 1 << 16


@dataclass(frozen=True)
class Tls:
    """How a service is trusted, and who asks it: paths of PEM files; without ``ca`` the host's own authorities count.

    ``login`` is the path of a file with ``user:password``, sent over TLS only.
    """

    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    verify: bool = True
    login: str | None = None

    @classmethod
    def of(cls, files: Mapping[str, str] | None) -> Tls:
        """Return it for the files ``ca``, ``key`` (a key with its certificate) and ``login``, as the toolkit has; {} are none."""
        if not files:
            return cls()
        key = files.get("key") or None
        return cls(ca=files["ca"], certificate=key, key=key, login=files.get("login") or None)

    def headers(self) -> dict[str, str]:
        """Return the header of the login; raises OSError where its file cannot be read."""
        return basic(Path(self.login).read_text(encoding="utf-8").strip()) if self.login else {}


def basic(login: str) -> dict[str, str]:
    """Return the header for a login ``user:password``."""
    return {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}


PLAIN = Tls()
# Of modules: the files of Tls.of.
TLS_SPEC: dict[str, Any] = {
    "type": "dict",
    "options": {
        "ca": {"type": "path", "required": True},
        "key": {"type": "path", "required": True, "no_log": False},
    },
}


def _stamps(tls: Tls | None) -> tuple[tuple[int, int] | None, ...]:
    """Return what changes with the files: a process that runs several modules may live longer than a certificate."""
    found: list[tuple[int, int] | None] = []
    for path in (tls.ca, tls.certificate, tls.key) if tls else ():
        try:
            status = Path(path).stat() if path else None
        except OSError:
            status = None
        found.append(status and (status.st_mtime_ns, status.st_ino))
    return tuple(found)


@functools.cache
def _opener(
    tls: Tls | None, stamps: tuple[tuple[int, int] | None, ...], proxies: tuple[tuple[str, str], ...]
) -> urllib.request.OpenerDirector:
    """Return what opens addresses; ``stamps`` are those of the files now, ``proxies`` addresses by scheme.

    Made once: a context of TLS reads the host's authorities, which takes longer than the request, so Ansible's own
    ``Request``, which makes one for each, is not used for thousands of requests.
    """
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler(dict(proxies))]
    if tls is not None:
        context = make_context(cafile=tls.ca, validate_certs=tls.verify, client_cert=tls.certificate, client_key=tls.key)
        handlers.append(urllib.request.HTTPSHandler(context=context))
    return urllib.request.build_opener(*handlers)


def stream(url: str, timeout: float, tls: Tls = PLAIN, proxy: bool = False, **request: Any) -> Any:
    """Return an answer of urllib to read from, and to close; with ``proxy`` by that of the environment, if it names one.

    ``request`` are method, data and headers, as urllib's Request takes them. ``timeout`` is the seconds without a byte. Raises
    urllib's HTTPError for a status of an error, and OSError or HTTPException when the server cannot be reached or does not speak
    HTTP.
    """
    secure = tls if url.startswith("https:") else None
    headers = {**(secure.headers() if secure else {}), **(request.pop("headers", None) or {})}
    proxies = tuple(sorted(urllib.request.getproxies().items())) if proxy else ()
    asked = urllib.request.Request(url, headers=headers, **request)
    return _opener(secure, _stamps(secure), proxies).open(asked, timeout=timeout)


def fetch(
    url: str,
    timeout: float,
    method: str = "GET",
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    tls: Tls = PLAIN,
) -> tuple[int, bytes]:
    """Return status and body of one answer, whatever the status.

    ``timeout`` is in seconds, from the first byte sent to the last one read.  Raises OSError when the server cannot be
    reached, is not done in time, or breaks off.
    """
    end = time.monotonic() + timeout
    try:
        try:
            answer = stream(url, timeout, tls, method=method, data=data, headers=headers)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            chunks = []
            while chunk := answer.read1(CHUNK_BYTES):
                chunks.append(chunk)
                if time.monotonic() > end:
                    raise TimeoutError(f"the answer was not complete after {timeout:.0f} s")
            if getattr(answer, "length", None):
                raise ConnectionError("the answer ended too early")
            return int(answer.status), b"".join(chunks)
    except http.client.HTTPException as error:
        raise OSError(f"no answer of HTTP: {type(error).__name__}: {error}") from error


def read(url: str, timeout: float, tls: Tls = PLAIN) -> str:
    """Return the text at an address; raises OSError when there is none, the status included.

    ``timeout`` is in seconds, for all of it.
    """
    status, content = fetch(url, timeout, tls=tls)
    if status >= 300:
        raise OSError(f"HTTP status {status}")
    return content.decode(errors="replace")


class RestError(ClusterError):
    """A service that refuses; ``status`` is that of the answer, ``said`` its own words, ``text`` all of it."""

    def __init__(self, message: str, status: int = 0, said: str = "", text: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.said = said
        self.text = text


class Rest:
    """The servers of one service; ``who`` is what one of them is called, ``login`` a user and a password.

    ``timeout`` is the seconds for one question, all servers and all tries together.
    """

    remedies: Mapping[int, str] = REMEDIES

    def __init__(
        self,
        urls: Sequence[str],
        timeout: float,
        who: str,
        login: tuple[str, str] = ("", ""),
        headers: Mapping[str, str] | None = None,
        tls: Tls = PLAIN,
    ) -> None:
        self.urls = [url.rstrip("/") for url in urls]
        self.timeout = timeout
        self.who = who
        self.tls = tls
        self.headers = dict(headers or {})
        self._answered: set[str] = set()
        if login[0]:
            self.headers |= basic(":".join(login))

    def request(self, method: str, path: str, body: Any = None, kind: str = JSON) -> Any:
        """Return the JSON of the answer; for the rest see :meth:`text`. Raises RestError where it is none."""
        text = self.text(method, path, body, kind)
        try:
            return json.loads(text or "null")
        except ValueError as error:
            raise RestError(f"{method} {_short(path)}: the answer is no JSON: {_one_line(text)}") from error

    def perhaps(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of the answer, or None where there is no such thing."""
        try:
            return self.request(method, path, body)
        except RestError as error:
            if error.status != NOT_FOUND:
                raise
            return None

    def text(self, method: str, path: str, body: Any = None, kind: str = JSON) -> str:
        """Return the text of the answer; for the rest see :meth:`answer`."""
        return self.answer(method, path, body, kind).decode(errors="replace")

    def answer(self, method: str, path: str, body: Any = None, kind: str = JSON) -> bytes:
        """Return the bytes of the answer; waits out what passes, raises RestError for any other error.

        A body of bytes is sent as it is and named ``kind``, any other as JSON.
        """
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        end = time.monotonic() + self.timeout

        def ask() -> tuple[int, bytes]:
            return self._ask_any(method, path, data, kind, end)

        status, content = poll(ask, lambda answer: not self._passes(*answer), self.timeout)
        if status < 300:
            return content
        text = content.decode(errors="replace")
        said, remedy = _said(text), f"; {self.remedies[status]}" if status in self.remedies else ""
        raise RestError(f"{method} {_short(path)}: HTTP {status}: {said}{remedy}", status, said, text)

    def _passes(self, status: int, content: bytes) -> bool:
        return status >= 300 and self.passing(status, _said(content.decode(errors="replace")))

    def passing(self, status: int, said: str) -> bool:
        """Return whether the service refuses only for now."""
        return status in (502, 503)

    def _ask_any(self, method: str, path: str, data: bytes | None, kind: str, end: float) -> tuple[int, bytes]:
        failures = []
        servers = list(self.urls)
        for index, url in enumerate(servers):
            seconds = self._share(url, end - time.monotonic(), len(servers) - index)
            try:
                answer = fetch(url + path, seconds, method, data, {**self.headers, "Content-Type": kind}, self.tls)
            except OSError as error:
                failures.append(f"{url}: {getattr(error, 'reason', error)}")
                self._answered.discard(url)
                # Ask this server last from now on.
                self.urls = [*(other for other in self.urls if other != url), url]
            else:
                self._answered.add(url)
                return answer
        lines = failures[0] if len(failures) == 1 else "".join(f"\n  - {failure}" for failure in failures)
        raise NoAnswerError(f"no {self.who} answered: {lines}")

    def _share(self, url: str, left: float, servers: int) -> float:
        """Return the seconds that one of the servers not asked yet gets of those left.

        Each gets as much as the others.  One that has answered before is only slow, so it gets half of all at least.
        """
        share = left / 2 if url in self._answered and servers > 1 else left / servers
        return max(MIN_SECONDS, share)


def quoted(name: str) -> str:
    """Return a name as one part of a path."""
    return urllib.parse.quote(name, safe="")


def _said(text: str) -> str:
    """Return what a service says of an error, in its own words."""
    try:
        answer = json.loads(text)
    except ValueError:
        return _one_line(text)
    if not isinstance(answer, dict):
        return str(answer)
    return str(answer.get("message") or answer.get("title") or answer.get("error") or answer)


def _short(path: str) -> str:
    return path.partition("?")[0]


def _one_line(text: str) -> str:
    return " ".join(text.split())[:SAID_LENGTH]
