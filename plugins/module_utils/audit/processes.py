# SPDX-License-Identifier: Apache-2.0
"""What runs and listens on this host, from /proc alone: sockets with their users and processes, and what each process is.

Everybody may read the sockets and the command lines.  Which process has a socket only root and the process's own user see.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.host.processes import user_name
from ansible_collections.estate.kafka.plugins.module_utils.host.sockets import address as as_written

PROC = Path("/proc")
LISTENS, UNCONNECTED = "0A", "07"
# A program by its main class, as these stand in the command lines of Java processes.
MAIN_CLASSES = {
    "kafka.Kafka": "kafka",
    "io.confluent.support.metrics.SupportedKafka": "kafka",
    "org.apache.zookeeper.server.quorum.QuorumPeerMain": "zookeeper",
    "org.apache.zookeeper.server.ZooKeeperServerMain": "zookeeper",
    "org.apache.kafka.connect.cli.ConnectDistributed": "connect",
    "org.apache.kafka.connect.cli.ConnectStandalone": "connect",
    "org.apache.kafka.connect.mirror.MirrorMaker": "mirrormaker",
    "io.confluent.kafka.schemaregistry.rest.SchemaRegistryMain": "schema registry",
    "org.elasticsearch.bootstrap.Elasticsearch": "elasticsearch",
    "org.elasticsearch.server/org.elasticsearch.bootstrap.Elasticsearch": "elasticsearch",
    "play.core.server.ProdServerStart": "cmak",
    "org.akhq.App": "akhq",
}
JARS = {"apicurio-registry": "schema registry", "akhq": "akhq"}
INTERPRETER = re.compile(r"python[\d.]*|node|nodejs|ruby|perl|bash|sh")


@dataclass
class Process:
    """A process: what it is, its command line, its user, and when it was started in seconds since the epoch."""

    pid: int
    kind: str
    words: list[str]
    user: str
    started: float
    unit: str = ""
    sockets: set[str] = field(default_factory=set)
    proc: Path = PROC

    @property
    def arguments(self) -> list[str]:
        """Return what stands behind the main class of a Java program."""
        for index, word in enumerate(self.words):
            if word in MAIN_CLASSES:
                return self.words[index + 1 :]
        return []

    @property
    def system(self) -> dict[str, str]:
        """Return the system properties of a Java program, by name."""
        found = (word[2:].partition("=") for word in self.words if word.startswith("-D"))
        return {name: value for name, _, value in found}

    def path(self, name: str) -> Path:
        """Return a path of the process as this module can read it, in its own root and working directory where they are seen."""
        base = self.proc / str(self.pid)
        try:
            place = Path(name) if name.startswith("/") else Path(os.readlink(base / "cwd")) / name
        except OSError:
            place = Path(name)
        inside = base / "root" / str(place).lstrip("/")
        try:
            inside.stat()
            return inside
        except OSError:
            return place


@dataclass(frozen=True)
class Listener:
    """A socket that takes connections, or any datagram."""

    protocol: str
    address: str
    port: int
    user: str
    inode: str

    @property
    def local(self) -> bool:
        """Return whether it can be reached from this host alone."""
        return ipaddress.ip_address(self.address).is_loopback


def kind_of(words: Sequence[str], comm: str) -> str:
    """Return what a process is: one of the kinds of MAIN_CLASSES, or the name of its program."""
    for word in words:
        if word in MAIN_CLASSES:
            return MAIN_CLASSES[word]
    program = Path(words[0].split()[0]).name.rstrip(":") if words and words[0].split() else comm
    if program == "java":
        jars = [words[index + 1] for index, word in enumerate(words[:-1]) if word == "-jar"]
        return next((kind for part, kind in JARS.items() for jar in jars if part in jar), "java")
    if INTERPRETER.fullmatch(program):
        scripts = [Path(word).name for word in words[1:] if not word.startswith("-")]
        return scripts[0] if scripts else program
    return program


def processes(proc: Path = PROC) -> list[Process]:
    """Return every process that can be seen; those of the kernel and those that end meanwhile are left out."""
    try:
        boot = next(float(line.split()[1]) for line in (proc / "stat").read_text().splitlines() if line.startswith("btime"))
    except (OSError, StopIteration):
        boot = 0.0
    ticks = os.sysconf("SC_CLK_TCK")
    found = []
    for folder in sorted((one for one in proc.iterdir() if one.name.isdigit()), key=lambda one: int(one.name)):
        try:
            words = [word.decode(errors="replace") for word in (folder / "cmdline").read_bytes().split(b"\0")]
            comm = (folder / "comm").read_text(errors="replace").strip()
            uid, started = folder.stat().st_uid, (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[19]
        except (OSError, IndexError):
            continue
        while words and not words[-1]:
            words.pop()
        if not words:
            continue
        process = Process(int(folder.name), kind_of(words, comm), words, user_name(uid), boot + int(started) / ticks, proc=proc)
        process.unit = _unit(folder)
        process.sockets = set(_sockets(folder))
        found.append(process)
    return found


def _unit(folder: Path) -> str:
    """Return the systemd unit of a process, or ''."""
    try:
        found = re.findall(r"([\w@.\\-]+\.service)", (folder / "cgroup").read_text(errors="replace"))
    except OSError:
        return ""
    return str(found[-1]) if found else ""


def _sockets(folder: Path) -> Iterator[str]:
    try:
        for one in (folder / "fd").iterdir():
            match = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(one))
            if match:
                yield match[1]
    except OSError:
        return


def listeners(proc: Path = PROC) -> list[Listener]:
    """Return every socket of the host that listens, sorted; of datagrams those on a port that no client got by chance."""
    first, last = _chance(proc)
    found = set()
    for name, state in (("tcp", LISTENS), ("tcp6", LISTENS), ("udp", UNCONNECTED), ("udp6", UNCONNECTED)):
        try:
            lines = (proc / "net" / name).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            address, _, port = fields[1].partition(":")
            if fields[3] != state or (state == UNCONNECTED and first <= int(port, 16) <= last):
                continue
            found.add(Listener(name[:3], as_written(address), int(port, 16), user_name(int(fields[7])), fields[9]))
    return sorted(found, key=lambda one: (one.port, one.protocol, one.address))


def _chance(proc: Path) -> tuple[int, int]:
    """Return the range of ports that the kernel hands out."""
    try:
        first, last = (proc / "sys/net/ipv4/ip_local_port_range").read_text().split()
        return int(first), int(last)
    except (OSError, ValueError):
        return 32768, 60999


def own_address() -> str:
    """Return the address with which this host reaches others; nothing is sent.  '' where it has none."""
    for family, other in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as one:
                one.connect((other, 9))
                return str(one.getsockname()[0])
        except OSError:
            continue
    try:
        address = socket.gethostbyname(socket.gethostname())
    except OSError:
        return ""
    return "" if ipaddress.ip_address(address).is_loopback else address


def hides_processes(proc: Path = PROC) -> bool:
    """Return whether this user is kept from seeing the processes of others."""
    return not (proc / "1" / "cmdline").exists()


def as_row(listener: Listener, known: Sequence[Process], ports: dict[int, int]) -> dict[str, Any]:
    """Return a socket with the process that has it: by what is seen, else by ``ports``, those that processes say are theirs,
    else it is the only process of its user."""
    process = next((one for one in known if listener.inode in one.sockets), None)
    if process is None:
        own = [one for one in known if one.user == listener.user and listener.user != "root"]
        process = next((one for one in own if one.pid == ports.get(listener.port)), own[0] if len(own) == 1 else None)
    return {
        "protocol": listener.protocol,
        "address": listener.address,
        "port": listener.port,
        "user": listener.user,
        "local": listener.local,
        "pid": process.pid if process else None,
        "process": process.kind if process else "",
    }
