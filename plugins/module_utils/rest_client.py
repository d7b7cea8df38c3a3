"""A service with a REST interface and several equal servers: the JSON of the first that answers."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka_client import ClusterError, NoAnswerError

POLL_SECONDS = 0.5


class RestError(ClusterError):
    """A service that does not answer or refuses; ``status`` is that of the answer, 0 without one, ``said`` its own words."""

    def __init__(self, message: str, status: int = 0, said: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.said = said


class Rest:
    """The servers of one service; ``who`` is what one of them is called."""

    def __init__(self, urls: Sequence[str], timeout: float, who: str) -> None:
        self.urls = [url.rstrip("/") for url in urls]
        self.timeout = timeout
        self.who = who

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of the first server that answers; waits out what passes, raises RestError otherwise."""
        end = time.monotonic() + self.timeout
        while True:
            status, answer = self._ask_any(method, path, body)
            if status < 300:
                return answer
            said = str(answer.get("message") or answer.get("title") or answer) if isinstance(answer, dict) else str(answer)
            if not self.passing(status, said) or time.monotonic() > end:
                raise RestError(f"{method} {path}: HTTP {status}: {said}", status, said)
            time.sleep(POLL_SECONDS)

    def passing(self, status: int, said: str) -> bool:
        """Return whether the service refuses only for now."""
        return status in (502, 503)

    def _ask_any(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        failures = []
        for url in list(self.urls):
            try:
                return self._ask(method, url + path, body)
            except (OSError, ValueError) as error:
                failures.append(f"{url}: {getattr(error, 'reason', error)}")
                # Ask this server last from now on.
                self.urls = [*(other for other in self.urls if other != url), url]
        raise NoAnswerError(f"no {self.who} answered:\n" + "\n".join(f"  - {failure}" for failure in failures))

    def _ask(self, method: str, url: str, body: Any) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            try:
                return error.code, json.loads(text)
            except ValueError:
                return error.code, text


def quoted(name: str) -> str:
    """Return a name as one part of a path."""
    return urllib.parse.quote(name, safe="")
