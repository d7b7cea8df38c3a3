# SPDX-License-Identifier: Apache-2.0
"""Distribution, init, login, Java and Python of a host: what a component cannot run on.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Problem
from ansible_collections.estate.kafka.plugins.module_utils.host.java import java_package
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import MACHINES, PYTHONS, target_of

OLDEST_PYTHON = (3, 9)
# Versions of each distribution this toolkit supports; a whole os family under its own name.
SUPPORTED = {"Debian": ("11", "12", "13"), "Ubuntu": ("22.04", "24.04"), "RedHat family": ("8", "9")}
JAVA_8_PREFIX = "1."


def system(host: str, facts: Mapping[str, Any], observed: Mapping[str, Any], carried: Mapping[str, Any]) -> list[Problem]:
    """Distribution, systemd, root, Java and Python."""
    problems = []
    name, version = facts["ansible_distribution"], facts["ansible_distribution_version"]
    known = version.split(".")[0] in SUPPORTED["RedHat family"] and facts["ansible_os_family"] == "RedHat"
    if not known and version not in SUPPORTED.get(name, ()):
        supported = "; ".join(f"{key} {', '.join(versions)}" for key, versions in SUPPORTED.items())
        problems.append(
            Problem(host, "ansible_distribution", f"{name} {version}".strip(), f"Use a supported system: {supported}")
        )
    if facts["ansible_service_mgr"] != "systemd":
        problems.append(Problem(host, "ansible_service_mgr", "a host not run by systemd", "Use a host whose init is systemd"))
    if not observed["root"]:
        problems.append(
            Problem(host, "ansible_become", f"user {observed['user']}", "Set ansible_become: true, or log in as root")
        )
    return problems + java(host, facts, observed, carried) + (libraries(host, facts, carried) or python(host, facts))


def java(host: str, facts: Mapping[str, Any], observed: Mapping[str, Any], carried: Mapping[str, Any]) -> list[Problem]:
    """A Java that a component does not run on, or none that the distribution could give."""
    found, majors = observed["java"], carried["java_majors"]
    if not majors or not any(BY_NAME[row["component"]].java for row in carried["components"]):
        return []
    if majors == [0]:
        names = ", ".join(row["component"] for row in carried["components"] if BY_NAME[row["component"]].java)
        return [
            Problem(
                host,
                "java_versions_accepted",
                f"{names}, which have no version of Java in common",
                "Place them on different hosts, or set java_versions_accepted to one that you have tried",
            )
        ]
    if found and java_major(found["version"]) not in majors:
        return [
            Problem(
                host,
                "java_versions_accepted",
                f"Java {found['version'] or 'of unknown version'} at {found['path']}",
                f"What stands on this host runs on Java {', '.join(map(str, majors))}: remove this one, or put one of those "
                "first on PATH",
            )
        ]
    if found or carried["java_chosen"]:
        return []
    try:
        java_package({name.replace("ansible_", "", 1): value for name, value in facts.items()}, majors)
    except ValueError as error:
        return [Problem(host, "java_version", f"no Java ({error})", "Install a fitting Java on the host before")]
    return []


def libraries(host: str, facts: Mapping[str, Any], carried: Mapping[str, Any]) -> list[Problem]:
    """A Python or machine that the libraries which the host needs are not built for."""
    target = target_of({name.replace("ansible_", "", 1): value for name, value in facts.items()})
    if target is None or not carried.get("libraries") or (target.python in PYTHONS and target.machine in MACHINES):
        return []
    return [
        Problem(
            host,
            "ansible_python_interpreter",
            str(target),
            f"{', '.join(carried['libraries'])}: available for Python {PYTHONS[0]} to {PYTHONS[-1]} on {', '.join(MACHINES)}: "
            "install one of those and name it in ansible_python_interpreter",
        )
    ]


def python(host: str, facts: Mapping[str, Any]) -> list[Problem]:
    """A Python that the modules do not run on."""
    found = facts.get("ansible_python", {})
    version = tuple(int(found.get("version", {}).get(part, 99)) for part in ("major", "minor"))
    if version >= OLDEST_PYTHON:
        return []
    oldest = ".".join(map(str, OLDEST_PYTHON))
    return [
        Problem(
            host,
            "ansible_python_interpreter",
            f"Python {'.'.join(map(str, version))} at {found['executable']}",
            f"Install Python {oldest} or newer on the host, and name it in ansible_python_interpreter where it is not "
            "/usr/bin/python3",
        )
    ]


def java_major(version: str) -> int:
    """Return 8 for ``1.8.0_402``, 17 for ``17.0.9``, 0 for what is no version."""
    digits = version[len(JAVA_8_PREFIX) :] if version.startswith(JAVA_8_PREFIX) else version
    first = digits.split(".")[0].split("-")[0].split("+")[0]
    return int(first) if first.isdigit() else 0
