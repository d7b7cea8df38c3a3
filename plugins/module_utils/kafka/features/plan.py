# SPDX-License-Identifier: Apache-2.0
"""Finalised features of a cluster: which levels a declaration means, and what is refused.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

METADATA = "metadata.version"
# Levels of each release, as `kafka-features version-mapping` of 4.3.1 prints them; 0 is left out.
RELEASES: Mapping[str, Mapping[str, int]] = {
    "3.9": {METADATA: 21, "kraft.version": 1},
    "4.0": {METADATA: 25, "kraft.version": 1, "transaction.version": 2, "group.version": 1},
    "4.1": {
        METADATA: 27,
        "kraft.version": 1,
        "transaction.version": 2,
        "group.version": 1,
        "eligible.leader.replicas.version": 1,
    },
    "4.2": {
        METADATA: 29,
        "kraft.version": 1,
        "transaction.version": 2,
        "group.version": 1,
        "eligible.leader.replicas.version": 1,
        "share.version": 1,
        "streams.version": 1,
    },
    "4.3": {
        METADATA: 30,
        "kraft.version": 1,
        "transaction.version": 2,
        "group.version": 1,
        "eligible.leader.replicas.version": 1,
        "share.version": 1,
        "streams.version": 1,
    },
}
FEATURES_SPEC: dict[str, Any] = {
    "release": {"type": "str", "choices": list(RELEASES)},
    "levels": {"type": "dict", "default": {}},
}
# What a raise costs, in words.
FOR_GOOD = {
    METADATA: "for good: no older version of Kafka can run in this cluster any more",
    "kraft.version": "for good: the quorum cannot become static again",
    "eligible.leader.replicas.version": (
        "min.insync.replicas becomes the cluster's, with the value of the active controller's file where nobody has set it"
    ),
}


@dataclass(frozen=True)
class Member:
    """A broker or controller with the levels, least and most, that it supports of each feature; ``error`` why it is not known."""

    name: str
    supports: Mapping[str, tuple[int, int]]
    error: str = ""


@dataclass(frozen=True)
class Raise:
    """One feature that gets another level."""

    feature: str
    old: int
    new: int

    def __str__(self) -> str:
        """Return what is done, as people read it."""
        cost = FOR_GOOD.get(self.feature)
        return f"raise {self.feature} from {self.old} to {self.new}" + (f" ({cost})" if cost else "")


def levels(declared: Mapping[str, Any]) -> tuple[dict[str, int], list[str]]:
    """Return the levels that a declaration means, and what is wrong with it; single levels count more than the release's."""
    wanted = dict(RELEASES.get(str(declared.get("release") or ""), {}))
    problems = []
    for name, value in (declared.get("levels") or {}).items():
        if isinstance(value, bool) or not str(value).isdigit():
            problems.append(f"{name}: its level is a number, and {value!r} is none; kafka-features describe shows the levels")
        else:
            wanted[name] = int(value)
    if not wanted and not problems:
        problems.append("neither a release nor a level is declared; write release: '4.3', or levels: {metadata.version: 30}")
    return wanted, problems


def refusals(wanted: Mapping[str, int], finalised: Mapping[str, int], members: Sequence[Member]) -> list[str]:
    """Return why the levels are not set, each with what to do; members are all brokers and controllers of the inventory."""
    problems = [
        f"{one.name} could not be asked what it supports ({one.error}); bring it up, for it may run an older version"
        for one in members
        if one.error
    ]
    asked = [one for one in members if not one.error]
    known = {name for one in asked for name in one.supports}
    for name, level in wanted.items():
        old = finalised.get(name, 0)
        if level < old:
            problems.append(
                f"{name}: {level} is declared and {old} is finalised, which is not lowered here; declare {old} or more"
            )
        elif level > old and name not in known and asked:
            problems.append(f"{name}: no member knows this feature; there are {', '.join(sorted(known)) or 'none'}")
        elif level > old:
            lacking = [f"{one.name} ({most})" for one in asked if (most := one.supports.get(name, (0, 0))[1]) < level]
            if lacking:
                problems.append(
                    f"{name}: {level} is declared, and these support less: {shorten(lacking)}; "
                    "install the newer version there first"
                )
    return problems


def plan(wanted: Mapping[str, int], finalised: Mapping[str, int]) -> list[Raise]:
    """Return the features to raise, by name."""
    return [
        Raise(name, finalised.get(name, 0), level) for name, level in sorted(wanted.items()) if level > finalised.get(name, 0)
    ]


def shown(finalised: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Return the levels as a diff shows them."""
    return {name: {"level": level} for name, level in sorted(finalised.items())}


def raised(finalised: Mapping[str, int], done: Sequence[Raise]) -> dict[str, int]:
    """Return the levels after some were raised."""
    return {**finalised, **{one.feature: one.new for one in done}}


def fallen(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """Return the topics whose ``min.insync.replicas`` is less than before."""
    return [
        f"{name}: min.insync.replicas fell from {old} to {after[name]}; set it for the cluster with kafka-configs --entity-type "
        f"brokers --entity-default --alter --add-config min.insync.replicas={old}"
        for name, old in sorted(before.items())
        if after.get(name, old) < old
    ]
