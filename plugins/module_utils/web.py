"""One HTTP conversation with a console: status and text of each answer, with or without a login."""

from __future__ import annotations

import base64
import time
import urllib.error
import urllib.request
from collections.abc import Mapping

REQUEST_SECONDS = 30
POLL_SECONDS = 0.5


class WebError(Exception):
    """A service that refuses."""


class NoAnswerError(WebError):
    """A service that does not answer: perhaps it is not installed yet."""


class Web:
    """A service at an address."""

    def __init__(self, url: str, user: str = "", password: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.url = url.rstrip("/")
        self.headers = dict(headers or {})
        if user:
            self.headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, str]:
        """Return status and text of the answer; raises NoAnswerError when there is none."""
        headers = {**self.headers, **({"Content-Type": kind} if kind else {})}
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
        except OSError as error:
            raise NoAnswerError(f"{self.url}{path}: {getattr(error, 'reason', error)}") from error

    def get(self, path: str) -> str:
        """Return the text of a page; raises WebError when the answer is an error."""
        status, text = self.ask("GET", path)
        if status >= 400:
            raise WebError(refused("GET", path, status, text))
        return text


def refused(method: str, path: str, status: int, text: str) -> str:
    """Return the sentence for an answer that is an error."""
    hint = ": the login is not accepted" if status in (401, 403) else f": {' '.join(text.split())[:300]}"
    return f"{method} {path}: HTTP {status}{hint}"


def until(end: float) -> bool:
    """Wait a moment; return whether there is time left."""
    time.sleep(POLL_SECONDS)
    return time.monotonic() < end
