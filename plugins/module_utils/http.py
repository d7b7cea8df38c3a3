"""A service asked over HTTP, at one address or at several equal ones: the answer of the first that gives any."""

from __future__ import annotations

import base64
import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.polling import POLL_SECONDS

JSON = "application/json"
NOT_FOUND = 404
REMEDIES = {401: "correct the login", 403: "give this user the rights"}
SAID_LENGTH = 300


class RestError(ClusterError):
    """A service that refuses; ``status`` is that of the answer, ``said`` its own words, ``text`` all of it."""

    def __init__(self, message: str, status: int = 0, said: str = "", text: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.said = said
        self.text = text


class Rest:
    """The servers of one service; ``who`` is what one of them is called, ``login`` a user and a password."""

    remedies: Mapping[int, str] = REMEDIES

    def __init__(
        self,
        urls: Sequence[str],
        timeout: float,
        who: str,
        login: tuple[str, str] = ("", ""),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.urls = [url.rstrip("/") for url in urls]
        self.timeout = timeout
        self.who = who
        self.headers = dict(headers or {})
        if login[0]:
            self.headers["Authorization"] = "Basic " + base64.b64encode(":".join(login).encode()).decode()

    def request(self, method: str, path: str, body: Any = None, kind: str = JSON) -> Any:
        """Return the JSON of the answer; for the rest see :meth:`text`."""
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
        while True:
            status, content = self._ask_any(method, path, data, kind)
            if status < 300:
                return content
            text = content.decode(errors="replace")
            said = _said(text)
            if not self.passing(status, said) or time.monotonic() > end:
                remedy = f"; {self.remedies[status]}" if status in self.remedies else ""
                raise RestError(f"{method} {_short(path)}: HTTP {status}: {said}{remedy}", status, said, text)
            time.sleep(POLL_SECONDS)

    def passing(self, status: int, said: str) -> bool:
        """Return whether the service refuses only for now."""
        return status in (502, 503)

    def _ask_any(self, method: str, path: str, data: bytes | None, kind: str) -> tuple[int, bytes]:
        failures = []
        for url in list(self.urls):
            try:
                return self._ask(method, url + path, data, kind)
            except (OSError, http.client.HTTPException) as error:
                failures.append(f"{url}: {getattr(error, 'reason', error)}")
                # Ask this server last from now on.
                self.urls = [*(other for other in self.urls if other != url), url]
        lines = failures[0] if len(failures) == 1 else "".join(f"\n  - {failure}" for failure in failures)
        raise NoAnswerError(f"no {self.who} answered: {lines}")

    def _ask(self, method: str, url: str, data: bytes | None, kind: str) -> tuple[int, bytes]:
        request = urllib.request.Request(url, data, {**self.headers, "Content-Type": kind}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


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
