# SPDX-License-Identifier: Apache-2.0
"""The C library that programs out of packages of the controller's distribution need, against the one that a host has."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Problem
from ansible_collections.estate.kafka.plugins.module_utils.host.libc import release
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import Component, Policy, refusal

SECONDS = 60


def packaged(components: Iterable[Component], policy: Policy) -> dict[str, Component]:
    """Return the components that can only come as a package of the controller's distribution, in its version, by package."""
    found = {}
    for component in components:
        allowed = [source for source in component.sources if not refusal(source, policy)]
        if allowed and allowed[0].kind == "package":
            found[allowed[0].package] = component.of(allowed[0])
    return found


def needed(records: str, packages: Mapping[str, Component]) -> dict[str, str]:
    """Return the glibc that each component needs, by its name, told from what ``apt-cache show`` prints of the packages.

    A package that is there in another version only is not in it: the store will say so.
    """
    found: dict[str, str] = {}
    for record in re.split(r"\n\s*\n", records):
        fields = dict(re.findall(r"^(\w[\w-]*): (.*)$", record, re.MULTILINE))
        component = packages.get(fields.get("Package", ""))
        if component is None or not re.match(rf"{re.escape(component.upstream)}(?![\d.])", fields.get("Version", "")):
            continue
        least = re.search(r"\blibc6 \(>= ([\d.]+)\)", f"{fields.get('Pre-Depends', '')}, {fields.get('Depends', '')}")
        if least:
            found.setdefault(component.name, least[1])
    return found


def packages_need(packages: Mapping[str, Component]) -> dict[str, str]:
    """Return the glibc that each component needs, by its name; nothing on a controller without apt, which has no package."""
    if not packages:
        return {}
    try:
        run = subprocess.run(["apt-cache", "show", *packages], capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return needed(run.stdout, packages)


def libc(host: str, observed: Mapping[str, Any], carried: Mapping[str, Any]) -> list[Problem]:
    """Programs out of packages that need a newer glibc than the host has."""
    has = release(observed.get("libc", ""))
    newer = {name: least for name, least in carried.get("libc", {}).items() if has and release(least) > has}
    if not newer:
        return []
    return [
        Problem(
            host,
            "estate_artifact_sources",
            f"{observed['libc']}, where {', '.join(f'{name} needs {least}' for name, least in newer.items())}: the programs in "
            "packages of the controller's distribution",
            "Place them on newer hosts, allow the source publisher and fill the store anew, or run from a controller whose "
            "distribution is as old as the host's",
        )
    ]
