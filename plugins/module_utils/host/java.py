# SPDX-License-Identifier: Apache-2.0
"""Which Java a host gets: its distribution's own, as far as what stands on the host runs on it.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# Major versions each distribution packages, the one to prefer first: its own default, unless that is older than 17.
OFFERED: Mapping[tuple[str, str], tuple[int, ...]] = {
    ("Debian", "11"): (17, 11),
    ("Debian", "12"): (17,),
    ("Debian", "13"): (21, 25),
    ("Ubuntu", "22.04"): (17, 21, 11),
    ("Ubuntu", "24.04"): (21, 17, 11),
    ("RedHat", "8"): (17, 21, 11),
    ("RedHat", "9"): (17, 21, 11),
}
# What the components run on where nobody says which of them the host has.
USUAL = (17, 21)
PACKAGES = {"Debian": "openjdk-{}-jre-headless", "RedHat": "java-{}-openjdk-headless"}


def accepted(components: Iterable[Sequence[int]]) -> list[int]:
    """Return the majors that all components run on, from those of each; components without any need no Java.

    An empty list for no component that needs Java; [0], which no Java is, when they have none in common.
    """
    needs = [set(majors) for majors in components if majors]
    if not needs:
        return []
    return sorted(set.intersection(*needs)) or [0]


def offered(facts: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the majors that the host's distribution packages, best first; empty for one that is not known."""
    version = str(facts.get("distribution_version", ""))
    family = facts.get("os_family")
    keys = [(str(facts.get("distribution")), version), (str(facts.get("distribution")), version.split(".")[0])]
    if family == "RedHat":
        keys = [("RedHat", version.split(".")[0])]
    return next((OFFERED[key] for key in keys if key in OFFERED), ())


def java_package(facts: Mapping[str, Any], majors: Sequence[int], version: int = 0) -> str:
    """Return the package that brings Java to a host; ``version`` is the major that an operator chose, 0 for none.

    Raises ValueError, which says what to do, when the distribution has none that the components run on.
    """
    system = f"{facts.get('distribution')} {facts.get('distribution_version')}"
    family = str(facts.get("os_family"))
    if family not in PACKAGES:
        raise ValueError(f"Java for {system}: its package is not known; name it in java_package, or install a Java before")
    wanted = majors or USUAL
    choice = version or next((major for major in offered(facts) if major in wanted), 0)
    if not choice:
        raise ValueError(
            f"Java for {system}: it packages {_listed(offered(facts))}, and what stands on this host runs on {_listed(wanted)}; "
            "install one of those before, or name its package in java_package"
        )
    return PACKAGES[family].format(choice)


def _listed(majors: Sequence[int]) -> str:
    return ", ".join(str(major) for major in majors if major) or "none"
