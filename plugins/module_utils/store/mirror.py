# SPDX-License-Identifier: Apache-2.0
"""A filled store that a web server of the estate serves: its index is read here, its archives are fetched by the hosts."""

from __future__ import annotations

import json

from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    Attempt,
    Component,
    Lock,
    Policy,
    Release,
    StoreError,
    Unavailable,
    as_fact,
    tried_text,
)
from ansible_collections.estate.kafka.plugins.module_utils.store.outcome import REMEDY, Outcome
from ansible_collections.estate.kafka.plugins.module_utils.store.selection import select
from ansible_collections.estate.kafka.plugins.module_utils.store.sources import read_text


def from_mirror(components: list[Component], lock: Lock, policy: Policy, mirror: str) -> Outcome:
    """Return the releases a mirror serves; only its index is read. Raises StoreError when that cannot be read."""
    base = mirror.rstrip("/") + "/releases"
    try:
        # A mirror belongs to the estate: the proxy of the environment is for the world outside.
        entries = json.loads(read_text(f"{base}/index.json", proxy=False))
        index = {name: Release(**entry) for name, entry in entries.items()}
    except (Unavailable, ValueError, TypeError, AttributeError) as error:
        raise StoreError(
            f"estate_mirror_url is '{mirror}', its index cannot be read: {error}. "
            "Serve a filled store's directory there, or unset the variable"
        ) from error
    outcome = Outcome()
    for component in components:
        release, reason = select(index, component, lock, policy)
        if release is None:
            outcome.leave_out(component, tried_text(component, [Attempt(f"mirror {mirror}", reason)]))
        else:
            fact = as_fact(release.version, "", release.sha256, component.label_of(release.source), f"{base}/{release.file}")
            outcome.offer(component, fact)
    outcome.check(components, policy.require_all, REMEDY)
    return outcome
