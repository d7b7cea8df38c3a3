"""What the JMX exporter agent costs a broker: two brokers side by side, one with the agent and scraped, one without it."""

from __future__ import annotations

import gzip
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import docker
import yaml

ROOT = Path(__file__).resolve().parents[2]
WITH, WITHOUT = "with.agent.test", "without.agent.test"
TOPICS, PARTITIONS = 100, 3
RATE = 5000
"""Records of 500 bytes a second, to all topics in turn."""
SECONDS, INTERVAL = 60, 15
"""Length of a phase, and seconds between two scrapes, as in production."""
WARM_SECONDS, WARM_INTERVAL = 40, 1
"""Both JVMs work first, and the agent is asked as often as in ten minutes, so that what runs often is compiled."""
HEAP = "1g"
# Has a JVM collect everything, over its own attach socket, and prints the bytes of what is left alive. A JRE has no jcmd.
LIVE_BYTES = """
import os, pathlib, signal, socket, sys, time
pid = int(sys.argv[1])
tmp = pathlib.Path(f"/proc/{pid}/root/tmp")
path, trigger = tmp / f".java_pid{pid}", tmp / f".attach_pid{pid}"
if not path.exists():
    trigger.touch()
    os.kill(pid, signal.SIGQUIT)
    end = time.monotonic() + 20
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.1)
    trigger.unlink()
talk = socket.socket(socket.AF_UNIX)
talk.connect(str(path))
talk.sendall(b"1\\0jcmd\\0GC.class_histogram\\0\\0\\0")
lines = talk.makefile().read().split("\\n")
print(next(line.split()[2] for line in reversed(lines) if line.startswith("Total")))
"""


def inventory() -> dict[str, Any]:
    """Return one server and two clusters of one broker each, with the flags of production.

    They stand at the hosts: what the lab's group_vars/all.yml says counts for more than what this file says of groups.
    """
    defaults = yaml.safe_load((ROOT / "roles/kafka_broker/defaults/main.yml").read_text())
    own = {
        "kafka_broker_id": 1,
        "kafka_broker_jvm_flags": defaults["kafka_broker_jvm_flags"],
        "kafka_broker_heap": HEAP,
        "kafka_broker_default_replication_factor": 1,
        "kafka_broker_min_insync_replicas": 1,
    }

    def cluster(host: str, agent: bool) -> dict[str, Any]:
        name = host.partition(".")[0]
        each = {"kafka_broker_cluster": name, "kafka_broker_chroot": f"/{name}", "estate_jmx_exporter": agent}
        return {"hosts": {host: {**own, **each}}}

    clusters = {"kafka_with": cluster(WITH, True), "kafka_without": cluster(WITHOUT, False)}
    return {"zookeeper": {"hosts": {WITHOUT: {"zookeeper_id": 1}}}, "kafka_broker": {"children": clusters}}


def inside(host: str, *command: str, text: str = "", user: str = "kafka") -> str:
    """Return what a command prints in a container."""
    words = ["docker", "exec", "--interactive", "--user", user, host, *command]
    return subprocess.run(words, input=text, check=True, stdout=subprocess.PIPE, text=True, timeout=300).stdout.strip()


class Broker:
    """The process of one broker."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.pid = inside(host, "systemctl", "show", "--property=MainPID", "--value", "kafka")

    def cpu(self) -> float:
        """Return the CPU seconds it has used."""
        fields = inside(self.host, "cat", f"/proc/{self.pid}/stat").rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self) -> float:
        """Return MiB of memory it holds."""
        status = inside(self.host, "cat", f"/proc/{self.pid}/status").splitlines()
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024

    def live(self) -> float:
        """Return MiB of its heap that are left after a full collection."""
        return int(inside(self.host, "python3", "-", self.pid, text=LIVE_BYTES)) / 2**20

    def load(self, seconds: float) -> subprocess.Popen[bytes]:
        """Start to write to its topics."""
        options = {"broker": f"{self.host}:9092", "topics": TOPICS, "partitions": PARTITIONS, "rate": RATE, "seconds": seconds}
        words = ["docker", "exec", "--interactive", self.host, "python3", "-"]
        words += [word for name, value in options.items() for word in (f"--{name}", str(value))]
        with (ROOT / "tests/bench/load.py").open() as script:
            return subprocess.Popen(words, stdin=script, stdout=subprocess.PIPE)


class Scraper(threading.Thread):
    """Asks the agent every so often, until it is told to stop."""

    def __init__(self, url: str, interval: float) -> None:
        super().__init__()
        self.url, self.interval = url, interval
        self.seconds: list[float] = []
        self.series = 0
        self.told = threading.Event()

    def run(self) -> None:
        """Scrape."""
        while not self.told.wait(max(0.0, self.interval - (self.seconds[-1] if self.seconds else 0.0))):
            begin = time.monotonic()
            request = urllib.request.Request(self.url, headers={"Accept-Encoding": "gzip"})
            with urllib.request.urlopen(request, timeout=20) as answer:
                text = gzip.decompress(answer.read()).decode()
            self.seconds.append(time.monotonic() - begin)
            self.series = sum(not line.startswith("#") for line in text.splitlines())

    def stop(self) -> None:
        """End after the scrape that is under way."""
        self.told.set()
        self.join()


def phase(brokers: dict[str, Broker], url: str, load: bool, seconds: float, interval: float) -> dict[str, Any]:
    """Return the CPU seconds of both brokers and the scrapes of one phase."""
    before = {name: one.cpu() for name, one in brokers.items()}
    scraper = Scraper(url, interval)
    scraper.start()
    begin = time.monotonic()
    try:
        running = [one.load(seconds) for one in brokers.values()] if load else []
        written = [int(one.communicate(timeout=seconds + 120)[0]) for one in running]
        if any(count != RATE * seconds for count in written):
            raise RuntimeError(f"of {RATE * seconds} records {written} were acknowledged")
        time.sleep(max(0.0, begin + seconds - time.monotonic()))
    finally:
        scraper.stop()
    cpu = {name: one.cpu() - before[name] for name, one in brokers.items()}
    return {"cpu": cpu, "scrapes": scraper.seconds, "series": scraper.series}


def run(*command: str) -> None:
    """Run one command of the measurement's own estate."""
    environment = {**os.environ, "MOLECULE_SCENARIO_NAME": "bench-agent"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def measure(extra: str) -> dict[str, Any]:
    """Build both brokers, let them idle and work, and remove them; ``extra`` is a file with ``inventory()``."""
    inventories = [f"--inventory={one}" for one in ("molecule/shared/inventory", extra)]
    try:
        books = ("molecule/shared/create.yml", "molecule/shared/prepare.yml", "playbooks/zookeeper.yml", "playbooks/kafka.yml")
        run("ansible-playbook", *inventories, *books)
        brokers = {"without": Broker(WITHOUT), "with": Broker(WITH)}
        networks = docker.from_env().containers.get(WITH).attrs["NetworkSettings"]["Networks"]
        url = f"http://{networks['kafka-estate-bench-agent']['IPAddress']}:7071/metrics"
        found: dict[str, Any] = {}
        for name, load, seconds, interval in (
            ("warm", True, WARM_SECONDS, WARM_INTERVAL),
            ("idle", False, SECONDS, INTERVAL),
            ("load", True, SECONDS, INTERVAL),
        ):
            print(f"==> agent: {name}", file=sys.stderr, flush=True)
            found[name] = phase(brokers, url, load, seconds, interval)
        found["resident"] = {name: one.resident() for name, one in brokers.items()}
        found["live"] = {name: one.live() for name, one in brokers.items()}
        return found
    finally:
        run("ansible-playbook", *inventories, "molecule/shared/destroy.yml")


def table(found: dict[str, Any]) -> list[str]:
    """Return the lines of the report."""
    idle, load = found["idle"], found["load"]
    scrapes = [*idle["scrapes"], *load["scrapes"]]
    each = (idle["cpu"]["with"] - idle["cpu"]["without"]) / len(idle["scrapes"])
    lines = [
        f"Two brokers side by side, heap {HEAP}, flags of production; each holds {TOPICS} topics of {PARTITIONS} partitions. One "
        f"has the JMX exporter agent and is scraped every {INTERVAL} s: {load['series']} series, {len(scrapes)} scrapes of "
        f"{1000 * statistics.median(scrapes):.0f} ms (median; the slowest {1000 * max(scrapes):.0f}). While idle a scrape costs "
        f"{1000 * each:.0f} ms of CPU.",
        "",
        "| of the broker's process | without | with | ratio | difference |",
        "| --- | --- | --- | --- | --- |",
    ]
    rows = [
        (f"CPU seconds, {SECONDS} s idle", idle["cpu"], 2),
        (f"CPU seconds, {SECONDS} s at {RATE} records a second", load["cpu"], 2),
        ("heap in use after a full collection, MiB", found["live"], 1),
        ("resident memory, MiB", found["resident"], 0),
    ]
    for name, both, digits in rows:
        one, other = both["without"], both["with"]
        cells = (f"{one:.{digits}f}", f"{other:.{digits}f}", f"{other / one:.2f}", f"{other - one:.{digits}f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines
