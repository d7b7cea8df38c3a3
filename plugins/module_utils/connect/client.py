# SPDX-License-Identifier: Apache-2.0
"""Connect's REST interface, asked through any worker that answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.connect.connector import VERBS, Connector
from ansible_collections.estate.kafka.plugins.module_utils.http import PLAIN, Rest, RestError, Tls, quoted

# What Connect says with status 409 of a name that is taken, which no waiting changes.
EXISTS = "already exists"
# What it says with status 500 while a rebalance goes on or a worker starts or ends.
PASSING = ("timed out", "rebalance", "momentarily", "error trying to forward", "still starting")


class Connect(Rest):
    """The workers of one Connect cluster."""

    remedies: Mapping[int, str] = {**Rest.remedies, 500: "the worker's log says why, in /var/log/kafka-connect/connect.log"}

    def __init__(self, urls: Sequence[str], timeout: float, tls: Tls = PLAIN) -> None:
        super().__init__(urls, timeout, "Connect worker", tls=tls)

    def passing(self, status: int, said: str) -> bool:
        """Return whether Connect refuses only for now.

        A rebalance goes on, its herder is busy, the leader that a request is passed on to has just gone, or a worker that starts
        listens already and knows no path yet, which it says with a page of Jetty's.
        """
        words = said.lower()
        if status == 409:
            return EXISTS not in words
        if status == 500:
            return any(passing in words for passing in PASSING)
        return super().passing(status, said) or status == 504 or (status == 404 and "<html" in words)

    def connectors(self) -> dict[str, Connector]:
        """Return all connectors with their settings and states."""
        answer = self.request("GET", "/connectors?expand=info&expand=status")
        # This answer leaves out what no worker has taken up yet, for it has no status.
        new = {name: self.perhaps("GET", f"/connectors/{quoted(name)}") for name in self.names() if name not in answer}
        return {
            **{name: Connector.of(found["info"], found.get("status")) for name, found in answer.items() if found.get("info")},
            **{name: Connector.of(info, None) for name, info in new.items() if info},
        }

    def names(self) -> list[str]:
        """Return the names of all connectors."""
        names: list[str] = self.request("GET", "/connectors")
        return names

    def plugins(self) -> list[str]:
        """Return the classes of the connectors that the workers have installed."""
        return [plugin["class"] for plugin in self.request("GET", "/connector-plugins")]

    def offsets(self, name: str) -> list[dict[str, Any]]:
        """Return what Connect has noted of a source connector: partitions of the source, and how far each has been read."""
        offsets: list[dict[str, Any]] = self.request("GET", f"/connectors/{quoted(name)}/offsets")["offsets"]
        return offsets

    def validate(self, name: str, config: Mapping[str, str]) -> Any:
        """Return Connect's judgement of a connector's settings."""
        plugin = quoted(config["connector.class"])
        return self.request("PUT", f"/connector-plugins/{plugin}/config/validate", {**config, "name": name})

    def create(self, name: str, config: Mapping[str, str], state: str) -> None:
        """Create a connector in the given state; one that is there by now gets the settings and the state."""
        try:
            self.request("POST", "/connectors", {"name": name, "config": config, "initial_state": state})
        except RestError as error:
            # A request that timed out, and was sent again, may have made it.
            if error.status != 409 or EXISTS not in error.said.lower():
                raise
            self.update(name, config)
            self.steer(name, VERBS[state])

    def update(self, name: str, config: Mapping[str, str]) -> None:
        """Replace the settings of a connector."""
        self.request("PUT", f"/connectors/{quoted(name)}/config", config)

    def steer(self, name: str, verb: str) -> None:
        """Pause, resume or stop a connector."""
        self.request("PUT", f"/connectors/{quoted(name)}/{verb}")

    def restart(self, name: str, only_failed: bool) -> None:
        """Restart a connector and its tasks, or only what has failed of them; what runs then goes on."""
        self.request("POST", f"/connectors/{quoted(name)}/restart?includeTasks=true&onlyFailed={str(only_failed).lower()}")

    def delete(self, name: str) -> None:
        """Delete a connector; one that is gone already is none."""
        self.perhaps("DELETE", f"/connectors/{quoted(name)}")
