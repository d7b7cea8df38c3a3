"""CMAK, asked and told through the pages it offers to a browser."""

from __future__ import annotations

import json
import time
import urllib.parse
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.cmak_plan import Action, Form, read_form, refusal
from ansible_collections.estate.kafka.plugins.module_utils.web import Web, WebError, refused, until

FORM = "application/x-www-form-urlencoded"


class Cmak:
    """One CMAK."""

    def __init__(self, url: str, user: str, password: str, timeout: float) -> None:
        self.web = Web(url, user, password)
        self.timeout = timeout

    def names(self) -> list[str]:
        """Return the names of all clusters it knows, those included that it is about to add."""
        answer = json.loads(self.web.get("/api/status/clusters"))
        return sorted({cluster["name"] for listed in _lists(answer) for cluster in listed})

    def clusters(self) -> dict[str, Form]:
        """Return the form of each cluster with the values in force."""
        return {name: self.form(f"/updateCluster?c={urllib.parse.quote(name)}") for name in self.names()}

    def blank(self) -> Form:
        """Return the form for a new cluster."""
        return self.form("/addCluster")

    def form(self, path: str) -> Form:
        """Return the form of a page."""
        form = read_form(self.web.get(path))
        if form is None:
            raise WebError(f"GET {path}: the page has no form for a cluster; has application.features KMClusterManagerFeature?")
        return form

    def carry_out(self, action: Action, form: Form) -> None:
        """Send a form, and wait until CMAK shows what was sent."""
        adds = action.kind == "add"
        path = "/clusters" if adds else f"/clusters/{urllib.parse.quote(action.cluster)}"
        extra = {} if adds else {"operation": "Update", "name": action.cluster}
        body = urllib.parse.urlencode(form.body({**action.changes, **extra})).encode()
        status, page = self.web.ask("POST", path, body, FORM)
        if status in (401, 403):
            raise WebError(refused("POST", path, status, page))
        if reason := refusal(page):
            raise WebError(reason)
        end = time.monotonic() + self.timeout
        while self.lacks(action):
            if not until(end):
                raise WebError(f"CMAK said that it is done, and does not show it after {self.timeout:.0f} s")

    def lacks(self, action: Action) -> bool:
        """Return whether CMAK does not show yet what was asked for."""
        if action.cluster not in self.names():
            return True
        form = read_form(self.web.get(f"/updateCluster?c={urllib.parse.quote(action.cluster)}"))
        return form is None or any(form.values.get(key) != value for key, value in action.changes.items())


def _lists(answer: Any) -> list[Any]:
    """Return the lists of clusters in the answer, however the version of CMAK nests them."""
    if isinstance(answer, dict):
        here = [answer[key] for key in ("active", "pending") if isinstance(answer.get(key), list)]
        return here or [found for value in answer.values() for found in _lists(value)]
    return []
