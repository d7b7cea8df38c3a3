"""Connect's REST interface, asked through any worker that answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.connect.plan import Connector
from ansible_collections.estate.kafka.plugins.module_utils.http import Rest, quoted
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll_until_stable


class Connect(Rest):
    """The workers of one Connect cluster."""

    remedies: Mapping[int, str] = {**Rest.remedies, 500: "the worker's log says why, in /var/log/kafka-connect/connect.log"}

    def __init__(self, urls: Sequence[str], timeout: float) -> None:
        super().__init__(urls, timeout, "Connect worker")

    def passing(self, status: int, said: str) -> bool:
        """Return whether Connect refuses only for now: a rebalance goes on, or its herder is busy."""
        return status in (409, 503) or (status == 500 and "timed out" in said.lower())

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
        """Create a connector in the given state."""
        self.request("POST", "/connectors", {"name": name, "config": config, "initial_state": state})

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
        """Delete a connector."""
        self.request("DELETE", f"/connectors/{quoted(name)}")

    def poll_until(self, ask: Callable[[], tuple[list[str], int]]) -> list[str]:
        """Ask until the same verdict came often enough in a row, or the time is over; return the problems."""
        return poll_until_stable(ask, self.timeout)
