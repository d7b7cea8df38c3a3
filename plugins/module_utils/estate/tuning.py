# SPDX-License-Identifier: Apache-2.0
"""Settings of a host that make what is placed on it slow or end it: warnings, and what no service could start with.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Problem

MAX_MAP_COUNT = 262144
PROCESSES = 4096
SWAPPED_MB = 64


def tuning(host: str, observed: Mapping[str, Any], carried: Mapping[str, Any]) -> tuple[list[Problem], list[Problem]]:
    """Return problems and warnings about the host's kernel and limits; what was not observed is not judged."""
    kernel = observed.get("kernel", {})
    placed = [row["component"] for row in carried["components"]]
    if not any(BY_NAME[name].java for name in placed):
        return [], []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    if kernel.get("transparent_hugepages") == "always":
        warnings.append(
            Problem(
                host,
                "transparent huge pages",
                "'always'",
                "They take memory that no heap accounts for, and pauses: put transparent_hugepage=madvise on the kernel's "
                "command line, and write madvise to /sys/kernel/mm/transparent_hugepage/enabled until then",
            )
        )
    if kernel.get("swap_used_mb", 0) >= SWAPPED_MB:
        warnings.append(
            Problem(
                host,
                "swap",
                f"{kernel['swap_used_mb']} MiB in use",
                "A heap in swap stops a JVM for seconds: place less on the host or give it memory, then 'swapoff -a' brings "
                "back what is out; without swap at all the kernel ends a process instead",
            )
        )
    processes = kernel.get("processes_max")
    if processes is not None and processes < PROCESSES:
        finding = Problem(
            host,
            "DefaultLimitNPROC",
            f"{processes} processes and threads allowed to a service, where {PROCESSES} may be needed",
            "Raise DefaultLimitNPROC in /etc/systemd/system.conf (or kernel.threads-max, where that is the limit) and reboot",
        )
        (problems if "elasticsearch" in placed else warnings).append(finding)
    count = kernel.get("max_map_count")
    if (
        "elasticsearch" in placed
        and count is not None
        and count < MAX_MAP_COUNT
        and not kernel.get("max_map_count_writable", True)
    ):
        warnings.append(
            Problem(
                host,
                "vm.max_map_count",
                f"{count}, which this run cannot change",
                f"Elasticsearch wants {MAX_MAP_COUNT}, and refuses to start in a cluster of several nodes with less: set it on "
                "the machine that holds this container",
            )
        )
    return problems, warnings
