# SPDX-License-Identifier: Apache-2.0
"""What is wrong with the hosts, told from what was observed on them.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.accounts import accounts
from ansible_collections.estate.kafka.plugins.module_utils.estate.addresses import loopback, own_name
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME
from ansible_collections.estate.kafka.plugins.module_utils.estate.directories import foreign, mounts
from ansible_collections.estate.kafka.plugins.module_utils.estate.heap import heap, heap_mb
from ansible_collections.estate.kafka.plugins.module_utils.estate.libc import libc
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Problem
from ansible_collections.estate.kafka.plugins.module_utils.estate.tuning import tuning
from ansible_collections.estate.kafka.plugins.module_utils.host.java import java_package
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import MACHINES, PYTHONS, target_of

GIB = 1024**3
OLDEST_PYTHON = (3, 9)
# Versions of each distribution this toolkit supports; a whole os family under its own name.
SUPPORTED = {"Debian": ("11", "12", "13"), "Ubuntu": ("22.04", "24.04"), "RedHat family": ("8", "9")}
JAVA_8_PREFIX = "1."
# Where the sample inventory has its secrets.
VAULT_FILE = "group_vars/all/vault.yml"

Report = tuple[list[Problem], list[Problem]]


def evaluate(
    placement: Mapping[str, Mapping[str, Any]],
    clusters: Mapping[str, Mapping[str, Any]],
    seen: Mapping[str, Mapping[str, Any] | None],
) -> Report:
    """Return problems and warnings.

    ``seen`` maps every host this run is about to what was observed on it: None where the host could not be reached,
    ``{"error": ...}`` where nothing could be observed, otherwise the result of ``preflight_host``.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    good: dict[str, Mapping[str, Any]] = {}
    gone = {host for host, result in seen.items() if result is None}
    for host, result in seen.items():
        if result is None:
            warnings.append(unreachable(host))
        elif "error" in result:
            problems.append(unusable(host, str(result["error"])))
        elif placement[host]["components"]:
            good[host] = result
    for host, result in good.items():
        facts, observed, carried = result["ansible_facts"], result["observed"], placement[host]
        problems += system(host, facts, observed, carried)
        problems += libc(host, observed, carried)
        problems += memory(host, facts, carried)
        problems += passwords(host, carried)
        problems += ports(host, observed, carried)
        problems += ids(host, observed, carried)
        problems += choices(host, observed, carried)
        problems += own_name(host, observed, carried)
        problems += foreign(host, observed, carried)
        problems += accounts(host, observed, carried)
        problems += mounts(host, observed, carried)
        refused, slow = tuning(host, observed, carried)
        problems += refused
        warnings += slow
        wrong, excused = names(host, observed, gone)
        problems += wrong
        warnings += excused
        short, low = disks(host, observed, carried)
        problems += short
        warnings += low
    problems += clocks({host: result["clock"] for host, result in good.items()}, placement)
    problems += cluster_ids({host: result["observed"] for host, result in good.items()}, clusters)
    return problems, warnings


def unreachable(host: str) -> Problem:
    return Problem(
        host,
        "connection",
        "no connection to the host at the start",
        "This run goes on without it and ends as failed; see to the host, its name, login and network, and run again",
    )


def unusable(host: str, error: str) -> Problem:
    lowered = error.lower()
    if "password" in lowered or "sudo" in lowered or "become" in lowered or "privilege" in lowered:
        return Problem(
            host,
            "ansible_become",
            f"a login that cannot become root ({error})",
            "Give the login a sudo rule, or the password with --ask-become-pass",
        )
    return Problem(
        host,
        "ansible_python_interpreter",
        f"no usable Python ({error})",
        "Install python3 (3.9 or newer) on the host, or name it in ansible_python_interpreter",
    )


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


def memory(host: str, facts: Mapping[str, Any], carried: Mapping[str, Any]) -> list[Problem]:
    """Sum of heaps and overheads of all that is placed on the host, against what it has."""
    total = facts["ansible_memtotal_mb"]
    placed = [row["component"] for row in carried["components"]]
    reserve = carried["limits"]["preflight_memory_reserve"]
    parts = []
    needed = reserve
    for row in carried["components"]:
        component = BY_NAME[row["component"]]
        if component.heap:
            size = heap_mb(row["heap"] or heap(row["component"], total))
            needed += size + component.heap.overhead
            parts.append(f"{row['component']} {size} + {component.heap.overhead}")
        elif component.memory:
            needed += component.memory
            parts.append(f"{row['component']} {component.memory}")
    if not parts or needed <= total:
        return []
    variables = [sizing.variable for sizing in (BY_NAME[name].heap for name in placed) if sizing] or ["groups"]
    return [
        Problem(
            host,
            ", ".join(variables),
            f"{total} MiB of memory where {needed} MiB are needed "
            f"(heap + overhead: {', '.join(parts)}; preflight_memory_reserve {reserve})",
            "Give the host more memory, place less on it, or set smaller heaps",
        )
    ]


def passwords(host: str, carried: Mapping[str, Any]) -> list[Problem]:
    """Passwords that the operator has not given, or that are none."""
    return [
        Problem(host, variable, found, f"Make one: {make_password(variable, carried.get('vault_file', VAULT_FILE))}")
        for row in carried["components"]
        for variable, found in row.get("passwords", {}).items()
        if found
    ]


def make_password(variable: str, vault_file: str) -> str:
    """Return the command that adds a random password, encrypted, to a file of the inventory."""
    return f'ansible-vault encrypt_string --name {variable} "$(openssl rand -hex 24)" >> {vault_file}'


def only_passwords_of(placement: Mapping[str, Any], components: Collection[str] | None) -> dict[str, Any]:
    """Return the placement without the passwords of what the run does not install; with None that is everything."""
    if components is None:
        return dict(placement)

    def row(carried: Mapping[str, Any]) -> dict[str, Any]:
        return {**carried, "passwords": carried.get("passwords", {}) if carried["component"] in components else {}}

    return {host: {**carried, "components": [row(one) for one in carried["components"]]} for host, carried in placement.items()}


def disks(host: str, observed: Mapping[str, Any], carried: Mapping[str, Any]) -> Report:
    """Free space for all new directories of a file system together; on a live directory little space is a warning."""
    needs: dict[int, list[tuple[str, float, str]]] = defaultdict(list)
    space: dict[int, Mapping[str, Any]] = {}
    live: set[int] = set()
    for row in carried["components"]:
        limit = BY_NAME[row["component"]].disk_limit
        for path in row["data_dirs"]:
            found = observed["disks"][path]
            needs[found["device"]].append((path, float(carried["limits"][limit]), limit))
            space[found["device"]] = found
            if found["live"]:
                live.add(found["device"])
    install = observed["install"]
    if not install["releases"]:
        limit = "preflight_disk_install"
        needs[install["device"]].append(("/opt", float(carried["limits"][limit]), limit))
        space.setdefault(install["device"], install)
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for device, rows in needs.items():
        needed = sum(gib for _, gib, _ in rows)
        free = space[device]["free"] / GIB
        if free < needed:
            finding = Problem(
                host,
                ", ".join(dict.fromkeys(limit for _, _, limit in rows)),
                f"{free:.1f} GiB free where {needed:g} GiB are needed for {', '.join(path for path, _, _ in rows)}",
                "Give the file system more space, use other directories, or lower the limit",
            )
            (warnings if device in live else problems).append(finding)
    return problems, warnings


def ports(host: str, observed: Mapping[str, Any], carried: Mapping[str, Any]) -> list[Problem]:
    """Ports that something else than the component's own unit listens on."""
    problems = []
    for row in carried["components"]:
        own = set(BY_NAME[row["component"]].units)
        for variable, port in row["ports"].items():
            holder = observed["listeners"].get(str(port))
            if holder and not own & set(holder["units"]):
                who = ", ".join(holder["units"] or holder["processes"]) or "unknown"
                problems.append(
                    Problem(
                        host,
                        variable,
                        f"port {port} held by {who} (user {holder['user']})",
                        f"Stop it, or choose another port for {row['component']}",
                    )
                )
    return problems


def names(host: str, observed: Mapping[str, Any], gone: Collection[str]) -> Report:
    """Names of other hosts that do not resolve on this one, or resolve to this one.

    The name of a host that could not be reached either is a warning: it may have left DNS with its host.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for name, answer in observed["names"].items():
        addresses = answer["addresses"]
        if not addresses:
            (warnings if name in gone else problems).append(
                Problem(
                    host,
                    "inventory_hostname",
                    f"name {name} that does not resolve ({answer.get('error', 'no address')})",
                    "Add it to DNS or to /etc/hosts of the host",
                )
            )
        elif name != host and loopback(addresses):
            problems.append(
                Problem(
                    host,
                    "inventory_hostname",
                    f"name {name} that resolves to {', '.join(addresses)}, this host itself",
                    "Correct DNS or /etc/hosts of the host",
                )
            )
    return problems, warnings


def ids(host: str, observed: Mapping[str, Any], carried: Mapping[str, Any]) -> list[Problem]:
    """Ids that differ from what the live data directories were made with."""
    problems = []
    for row in carried["components"]:
        for path in row["data_dirs"]:
            found = observed["disks"][path]["id"]
            if row["id_variable"] and found is not None and str(found) != str(row["id"]):
                problems.append(
                    Problem(
                        host,
                        row["id_variable"],
                        f"{row['id']} in the inventory and {found} in {path}",
                        f"Set {row['id_variable']} to {found}; the id belongs to the data and is never rewritten",
                    )
                )
    return problems


def choices(host: str, observed: Mapping[str, Any], carried: Mapping[str, Any]) -> list[Problem]:
    """Another implementation of a component on the host than the inventory chooses, where neither reads the other's data."""
    return [
        Problem(
            host,
            BY_NAME[row["component"]].chosen_by,
            f"'{row['chosen']}' in the inventory and '{name}' in /opt/{other.release}",
            "Neither reads what the other wrote to its topic: a switch would lose every schema. To begin anew, set "
            "schema_registry_topic to a name that is free, on each host of the registry 'systemctl disable --now "
            f"{other.units}' and 'rm /opt/{other.release}/current', run again, register the schemas; their ids change, so who "
            "reads older records needs the old registry",
        )
        for row in carried["components"]
        for name, other in BY_NAME[row["component"]].choices.items()
        if name != row["chosen"] and other.release in observed["install"]["releases"]
    ]


def cluster_ids(observed: Mapping[str, Mapping[str, Any]], clusters: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Brokers whose data was made by another cluster than that of the cluster's other brokers."""
    problems = []
    for name, cluster in clusters.items():
        if cluster.get("controllers") and not cluster["zookeeper_connect"]:  # see formation
            continue
        owners: dict[str, str] = {}
        for broker in cluster["brokers"]:
            host = broker["host"]
            for path, found in observed.get(host, {}).get("disks", {}).items():
                made_by = found.get("cluster_id")
                if not made_by:
                    continue
                if owners and made_by not in owners:
                    other_id, other = next(iter(owners.items()))
                    problems.append(
                        Problem(
                            host,
                            "kafka_broker_cluster",
                            f"data of cluster id {made_by} in {path}, and {other} of {name} has {other_id}",
                            "Put the host into the cluster its data belongs to",
                        )
                    )
                owners.setdefault(made_by, host)
    return problems


def clocks(readings: Mapping[str, Mapping[str, float]], placement: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Hosts whose clock is surely apart from the middle one's.

    The host read its clock between two readings of the controller's, so its offset from the controller lies in an
    interval; only what lies between the intervals of two hosts is counted, never the time the round trip took.
    """
    spans = {host: (clock["host"] - clock["after"], clock["host"] - clock["before"]) for host, clock in readings.items()}
    if len(spans) < 2:
        return []
    order: Sequence[str] = sorted(spans, key=lambda host: sum(spans[host]))
    middle = order[(len(order) - 1) // 2]
    problems = []
    for host, (least, most) in spans.items():
        ahead = least - spans[middle][1]
        behind = spans[middle][0] - most
        limit = placement[host]["limits"]["preflight_clock_skew_max"]
        if max(ahead, behind) > limit:
            direction = "ahead of" if ahead > behind else "behind"
            problems.append(
                Problem(
                    host,
                    "preflight_clock_skew_max",
                    f"a clock at least {max(ahead, behind):.1f} s {direction} {middle}'s, where {limit:g} s are allowed",
                    "Synchronise the clocks, for instance with chrony",
                )
            )
    return problems
