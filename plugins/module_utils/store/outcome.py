# SPDX-License-Identifier: Apache-2.0
"""What a run of the store gives its hosts and tells its operator.  Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import Component, StoreError


@dataclass
class Outcome:
    """What a run found and did: facts for the hosts, and one sentence per step for the operator.

    ``releases`` has component -> release; of wheels component -> ``{"builds": {tag: release}}``.
    """

    releases: dict[str, dict[str, Any]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    would_fetch: list[str] = field(default_factory=list)

    def offer(self, component: Component, release: dict[str, str]) -> None:
        """Add a release for the hosts."""
        if component.target:
            self.releases.setdefault(component.name, {"builds": {}})["builds"][component.target.tag] = release
        else:
            self.releases[component.name] = release

    def leave_out(self, component: Component, reason: str) -> None:
        """Add why a component is not available; the builds of one are told together."""
        before = self.left_out.get(component.name)
        self.left_out[component.name] = f"{before}; {reason}" if before else reason

    def check(self, components: list[Component], require_all: bool, remedy: str) -> None:
        """Raise StoreError with all that is missing when something missing must not be."""
        required = dict.fromkeys(item.name for item in components if require_all or item.essential)
        if fatal := [self.left_out[name] for name in required if name in self.left_out]:
            raise StoreError("\n".join(fatal) + f"\nNo host was touched. {remedy}")


REMEDY = "Make one of the sources reachable, carry a filled store here (estate_store), or name a mirror (estate_mirror_url)"
