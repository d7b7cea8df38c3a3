#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Everything preflight and the roles need to know of a host, in one round trip."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight_host
short_description: Everything preflight and the roles need to know of a host, in one round trip
version_added: 0.1.0
description:
  - Reads, and never changes anything - system, memory, disks and how they are mounted, listening ports with the unit that
    owns them, resolution of names, clock, Java, ids and folders in data directories, limits of the kernel.
  - A host on which it cannot run (no Python, no root) is not a failure of the task; M(estate.kafka.preflight) reports it
    with what to do.
options:
  components:
    description: What the host carries, from M(estate.kafka.topology).
    type: list
    elements: dict
    required: true
  names: {description: Names the host must resolve., type: list, elements: str, required: true}
  timeout: {description: Seconds it has to resolve them all., type: float, default: 10}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Look at the host
  estate.kafka.preflight_host:
    components: "{{ __preflight_topology.placement[inventory_hostname].components }}"
    names: "{{ __preflight_topology.names }}"
  become: true
  register: __preflight_host
"""

RETURN = r"""
ansible_facts:
  description: The standard facts that the roles use, under their standard names, and C(java_version).
  type: dict
  returned: success
observed:
  description: Raw observations.
  type: dict
  returned: success
clock:
  description: The controller's time before and after, and the host's own in between, in seconds since 1970.
  type: dict
  returned: success
error:
  description: Why the module could not run on the host.
  type: str
  returned: when it could not
"""

import contextlib
import grp
import hashlib
import os
import platform
import pwd
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.stage_seen import stage
from ansible_collections.estate.kafka.plugins.module_utils.host import kernel as settings
from ansible_collections.estate.kafka.plugins.module_utils.host import libc, releases
from ansible_collections.estate.kafka.plugins.module_utils.host.processes import content, user_name
from ansible_collections.estate.kafka.plugins.module_utils.host.sockets import listeners
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.node import phases
from ansible_collections.estate.kafka.plugins.module_utils.kafka.storage import look
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import TOOLKIT_DIR

# os-release ID -> (ansible_distribution, ansible_os_family, ansible_pkg_mgr)
SYSTEMS = {
    "debian": ("Debian", "Debian", "apt"),
    "ubuntu": ("Ubuntu", "Debian", "apt"),
    "rhel": ("RedHat", "RedHat", "dnf"),
    "rocky": ("Rocky", "RedHat", "dnf"),
    "almalinux": ("AlmaLinux", "RedHat", "dnf"),
    "centos": ("CentOS", "RedHat", "dnf"),
    "ol": ("OracleLinux", "RedHat", "dnf"),
}
RESOLVERS = 16
CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def properties(text: str) -> dict[str, str]:
    """Parse ``key=value`` lines; values may be quoted as in os-release."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}


def memory_mb() -> int:
    """Return the MiB this host may use: the machine's, or less when a control group limits it."""
    total = int(meminfo().get("MemTotal", "0").split()[0]) // 1024
    limits = [int(limit) // 1024**2 for limit in (content(path).strip() for path in CGROUP_LIMITS) if limit.isdigit()]
    return min([total, *(limit for limit in limits if limit > 0)])


def system_facts(java_version: str) -> dict[str, Any]:
    """Return the standard facts, and the version of the Java that is there ('' when there is none)."""
    release = properties(content("/etc/os-release"))
    identity = release.get("ID", "unknown")
    name, family, package_manager = SYSTEMS.get(identity, (identity, identity, "unknown"))
    version = release.get("VERSION_ID", "")
    now = time.time()
    return {
        "ansible_distribution": name,
        "ansible_os_family": family,
        "ansible_distribution_version": version,
        "ansible_distribution_major_version": version.split(".")[0],
        "ansible_distribution_release": release.get("VERSION_CODENAME", ""),
        "ansible_pkg_mgr": package_manager,
        "ansible_service_mgr": "systemd" if Path("/run/systemd/system").is_dir() else "unknown",
        "ansible_architecture": platform.machine(),
        "ansible_memtotal_mb": memory_mb(),
        "ansible_processor_vcpus": len(os.sched_getaffinity(0)),
        "ansible_hostname": platform.node().split(".")[0],
        "ansible_nodename": platform.node(),
        "ansible_python": {
            "executable": sys.executable,
            "version": dict(zip(("major", "minor", "micro"), sys.version_info[:3])),
        },
        "ansible_date_time": {"epoch": str(int(now))},
        "ansible_java_version": java_version,
    }


def disk(path: str) -> dict[str, Any]:
    """Return the free bytes of the file system a directory is, or will be, on."""
    existing = Path(path)
    while not existing.is_dir() and existing != existing.parent:
        existing = existing.parent
    space = os.statvfs(existing)
    return {
        "on": str(existing),
        "device": existing.stat().st_dev,
        "free": space.f_bavail * space.f_frsize,
        "total": space.f_blocks * space.f_frsize,
    }


def data_directory(path: str) -> dict[str, Any]:
    """Return disk space and the ids a data directory was made with."""
    meta = properties(content(f"{path}/meta.properties"))
    found = {**disk(path), "id": meta.get("broker.id") or meta.get("node.id"), "cluster_id": meta.get("cluster.id")}
    found["storage"] = asdict(look(path))
    myid = content(f"{path}/myid").strip()
    if myid:
        found["id"] = myid
    found["folders"] = folders(path)
    found["live"] = any((Path(path) / name).exists() for name in ("meta.properties", "version-2", "nodes", "_state", "wal"))
    return found


def folders(path: str) -> list[str]:
    """Return the names of the folders in a directory, none where it is not there."""
    try:
        return sorted(entry.name for entry in os.scandir(path) if entry.is_dir())
    except OSError:
        return []


def mounts(paths: list[str]) -> dict[str, dict[str, Any]]:
    """Return mount point and options of the file system that each path is, or will be, on."""
    # mountinfo: id parent device root point options ...; blanks in a path are written as \040.
    lines = [line.split() for line in content("/proc/self/mountinfo").splitlines()]
    points = {field[4].replace("\\040", " "): field[5].split(",") for field in lines if len(field) > 5}
    found = {}
    for path in paths:
        real = Path(path).resolve()
        point = next((str(one) for one in (real, *real.parents) if str(one) in points), "")
        if point:
            found[path] = {"point": point, "options": points[point]}
    return found


def kernel() -> dict[str, Any]:
    """Return what the kernel and systemd allow, in MiB and numbers; a value that cannot be read is not in it."""
    pages = re.search(r"\[(\w+)\]", content("/sys/kernel/mm/transparent_hugepage/enabled"))
    memory = {key: int(value.split()[0]) // 1024 for key, value in meminfo().items() if key.startswith("Swap")}
    processes = re.search(r"^Max processes\s+\S+\s+(\d+)", content("/proc/1/limits"), re.MULTILINE)
    found = {
        "transparent_hugepages": pages[1] if pages else None,
        "swap_used_mb": memory["SwapTotal"] - memory["SwapFree"] if {"SwapTotal", "SwapFree"} <= memory.keys() else None,
        "processes_max": int(processes[1]) if processes else None,
        "max_map_count": number("/proc/sys/vm/max_map_count"),
        "max_map_count_writable": os.access("/proc/sys/vm/max_map_count", os.W_OK),
    }
    return {key: value for key, value in found.items() if value is not None}


def meminfo() -> dict[str, str]:
    """Return /proc/meminfo."""
    pairs = (line.partition(":") for line in content("/proc/meminfo").splitlines())
    return {key: value.strip() for key, _, value in pairs}


def accounts(components: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Return the ids of the users and groups of this host that the components ask about, by name or by id."""
    users: dict[str, int] = {}
    groups: dict[str, int] = {}
    for account in (component.get("account") or {} for component in components):
        for wanted in (account.get("user"), account.get("uid")):
            with contextlib.suppress(KeyError):
                user = pwd.getpwuid(wanted) if isinstance(wanted, int) else pwd.getpwnam(wanted or "")
                users[user.pw_name] = user.pw_uid
        for wanted in (account.get("group"), account.get("gid")):
            with contextlib.suppress(KeyError):
                group = grp.getgrgid(wanted) if isinstance(wanted, int) else grp.getgrnam(wanted or "")
                groups[group.gr_name] = group.gr_gid
    return {"users": users, "groups": groups}


def logins(components: list[dict[str, Any]]) -> dict[str, dict[str, Any] | None]:
    """Return id, primary group, home and shell of the users that components run as, by name; None for one that is not there."""
    found: dict[str, dict[str, Any] | None] = {}
    for account in (component.get("account") or {} for component in components):
        if name := account.get("user"):
            try:
                user = pwd.getpwnam(name)
                found[name] = {"uid": user.pw_uid, "gid": user.pw_gid, "home": user.pw_dir, "shell": user.pw_shell}
            except KeyError:
                found[name] = None
    return found


def resolve(names: list[str], timeout: float) -> dict[str, dict[str, Any]]:
    """Resolve all names side by side; a name without an answer in time is reported as such.

    ``timeout`` is in seconds, for all of them.
    """
    answers: dict[str, dict[str, Any]] = {}
    queue = list(names)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not queue:
                    return
                name = queue.pop()
            try:
                entries = socket.getaddrinfo(name, None, proto=socket.IPPROTO_TCP)
                answers[name] = {"addresses": sorted({str(entry[4][0]) for entry in entries})}
            except OSError as error:
                answers[name] = {"addresses": [], "error": str(error)}

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(RESOLVERS, len(names)))]
    deadline = time.monotonic() + timeout
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    silent = {"addresses": [], "error": f"no answer in {timeout:g} s"}
    return {name: answers.get(name, silent) for name in names}


def java() -> dict[str, Any]:
    """Return path and version of the Java on the PATH; without starting it where its release file tells."""
    path = shutil.which("java", path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/local/bin")
    if not path:
        return {}
    home = Path(path).resolve().parent.parent
    version = properties(content(home / "release")).get("JAVA_VERSION", "")
    if not version:
        try:
            run = subprocess.run([path, "-version"], capture_output=True, text=True, timeout=20, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return {"path": path, "version": "", "error": str(error)}
        match = re.search(r'version "([^"]+)"', run.stderr + run.stdout)
        version = match[1] if match else ""
    return {"path": path, "version": version}


def authorities() -> dict[str, str]:
    """Return the checksums of the authorities that a secured host trusts, by file name; none on a host that is open."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in Path(TOOLKIT_DIR).glob("*-ca.pem")}


def number(path: str) -> int | None:
    """Return the number in a file of /proc/sys, None when there is none."""
    found = content(path).strip()
    return int(found) if found.isdigit() else None


def main() -> None:
    """Look, and return."""
    module = EstateModule(
        argument_spec={
            "components": {"type": "list", "elements": "dict", "required": True},
            "names": {"type": "list", "elements": "str", "required": True},
            "timeout": {"type": "float", "default": 10},
        },
        supports_check_mode=True,
    )
    components = module.params["components"]
    ports = [port for component in components for port in component["ports"].values()]
    directories = [path for component in components for path in component["data_dirs"]]
    found, versions = java(), releases.installed()
    observed = {
        "time": time.time(),
        "root": os.geteuid() == 0,
        "user": user_name(os.geteuid()),
        "accounts": accounts(components),
        "phases": {row["component"]: phases(row["phase"]) for row in components if row.get("phase")},
        "stages": {row["component"]: stage(row["component"], row["stage"]) for row in components if row.get("stage")},
        "disks": {path: data_directory(path) for path in directories},
        "install": {**disk("/opt"), "releases": sorted(versions), "versions": versions},
        "trees": releases.trees(),
        "logins": logins(components),
        "settings": settings.look(settings.USUAL),
        "listeners": listeners(ports),
        "java": found,
        "kernel": kernel(),
        "libc": libc.own(),
        "mounts": mounts(["/opt", "/var/lib", *directories]),
        "authorities": authorities(),
        "names": resolve(module.params["names"], module.params["timeout"]),
    }
    module.exit_json(changed=False, ansible_facts=system_facts(found.get("version", "")), observed=observed)


if __name__ == "__main__":
    main()
