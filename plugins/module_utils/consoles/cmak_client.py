# SPDX-License-Identifier: Apache-2.0
"""CMAK, asked and told through the pages it offers to a browser."""

from __future__ import annotations

import urllib.parse
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.consoles.cmak_plan import Action, Form, read_form, refusal
from ansible_collections.estate.kafka.plugins.module_utils.http import Rest, RestError, quoted
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll_until

FORM = "application/x-www-form-urlencoded"


class Cmak(Rest):
    """One CMAK."""

    def names(self) -> list[str]:
        """Return the names of all clusters it knows, those included that it is about to add."""
        answer = self.request("GET", "/api/status/clusters")
        return sorted({cluster["name"] for listed in _lists(answer) for cluster in listed})

    def clusters(self) -> dict[str, Form]:
        """Return the form of each cluster with the values in force."""
        return {name: self.form(f"/updateCluster?c={quoted(name)}") for name in self.names()}

    def blank(self) -> Form:
        """Return the form for a new cluster."""
        return self.form("/addCluster")

    def form(self, path: str) -> Form:
        """Return the form of a page. Raises RestError where the page has none."""
        form = read_form(self.text("GET", path))
        if form is None:
            raise RestError(f"GET {path}: the page has no form for a cluster; has application.features KMClusterManagerFeature?")
        return form

    def carry_out(self, action: Action, form: Form) -> None:
        """Send a form, and wait until CMAK shows what was sent.

        Raises RestError where CMAK refuses it or does not show it in time.
        """
        adds = action.kind == "add"
        path = "/clusters" if adds else f"/clusters/{quoted(action.cluster)}"
        extra = {} if adds else {"operation": "Update", "name": action.cluster}
        body = urllib.parse.urlencode(form.body({**action.changes, **extra})).encode()
        try:
            page = self.text("POST", path, body, FORM)
        except RestError as error:
            if error.status in self.remedies:
                raise
            page = error.text
        if reason := refusal(page):
            raise RestError(reason)
        if poll_until(lambda: self.lacking(action), self.timeout):
            raise RestError(f"CMAK said that it is done, and does not show it after {self.timeout:.0f} s")

    def lacking(self, action: Action) -> list[str]:
        """Return the fields that CMAK does not show yet as they were asked for."""
        if action.cluster not in self.names():
            return [action.cluster]
        form = read_form(self.text("GET", f"/updateCluster?c={quoted(action.cluster)}"))
        return [key for key, value in action.changes.items() if form is None or form.values.get(key) != value]


def _lists(answer: Any) -> list[Any]:
    """Return the lists of clusters in the answer, however the version of CMAK nests them."""
    if isinstance(answer, dict):
        here = [answer[key] for key in ("active", "pending") if isinstance(answer.get(key), list)]
        return here or [found for value in answer.values() for found in _lists(value)]
    return []
