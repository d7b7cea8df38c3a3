# SPDX-License-Identifier: Apache-2.0
"""What is wrong with the hosts, told from what was observed on them.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.accounts import accounts
from ansible_collections.estate.kafka.plugins.module_utils.estate.addresses import names, own_name
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME
from ansible_collections.estate.kafka.plugins.module_utils.estate.directories import foreign, mounts
from ansible_collections.estate.kafka.plugins.module_utils.estate.heap import heap, heap_mb
from ansible_collections.estate.kafka.plugins.module_utils.estate.libc import libc
from ansible_collections.estate.kafka.plugins.module_utils.estate.passwords import passwords
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Problem
from ansible_collections.estate.kafka.plugins.module_utils.estate.system import system
from ansible_collections.estate.kafka.plugins.module_utils.estate.tuning import tuning

GIB = 1024**3
# What the metadata of a broker that is a controller too need.
METADATA_LIMIT = BY_NAME["kafka_controller"].disk_limit

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
            size = heap_mb(row["heap"] or heap(row["component"], total, row.get("combined", False)))
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


def disks(host: str, observed: Mapping[str, Any], carried: Mapping[str, Any]) -> Report:
    """Free space for all new directories of a file system together; on a live directory little space is a warning."""
    needs: dict[int, list[tuple[str, float, str]]] = defaultdict(list)
    space: dict[int, Mapping[str, Any]] = {}
    live: set[int] = set()
    for row in carried["components"]:
        for path in row["data_dirs"]:
            found = observed["disks"][path]
            limit = METADATA_LIMIT if path == row.get("metadata_dir") else BY_NAME[row["component"]].disk_limit
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
