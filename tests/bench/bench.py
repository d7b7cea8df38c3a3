"""Measure whole runs of the estate, each against a floor measured in the same go, and keep the figures.

Run by `make bench`. Parts can be run alone: `tests/bench/run second setting` works on a lab that is up.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import agent
import docker
import yaml
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

ROOT = Path(__file__).resolve().parents[2]
HISTORY = ROOT / "docs" / "bench.md"
LAB_LABEL = "kafka-estate=site"
SIXTY_LABEL = "kafka-estate=bench"
SIXTY_HOST = "kafka-estate-bench"
IMAGE = "kafka-estate/debian:12-jre"
# How the lab runs a container with systemd in it.
SYSTEMD = [
    *("--cap-add=SYS_ADMIN", "--cap-add=NET_ADMIN", "--security-opt=seccomp=unconfined"),
    *("--cgroupns=private", "--tmpfs=/run", "--tmpfs=/tmp"),
]
UNITS = [
    "zookeeper",
    "kafka",
    "kafka-connect",
    "schema-registry",
    "schema-registry-proxy",
    "schema-registry-schemas",
    "elasticsearch",
]
FLAGS = ["-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true"]
"""Of brokers and workers while rates are measured. Fifteen JVMs on two processors have none to spare for their collectors."""
CHANGED_CLUSTER = "kafka_upstream"
# Read by brokers at their start only, so it always costs a restart of each.
CHANGED_SETTING = {"queued.max.requests": 501}
# The exercise's host, and the addresses that its clients get there.
EXERCISE_HOST = "peter-kafka01.foo.bar"
EXERCISE = {
    "source": ",".join(f"peter-kafka0{number}.foo.bar:9092" for number in (1, 2, 3)),
    "target": ",".join(f"peter-zk0{number}.foo.bar:9092" for number in (1, 2, 3)),
    "registry": "http://peter-kafka03.foo.bar:8081",
    "elasticsearch": "http://peter-kafka02.foo.bar:9200",
    "connect": "http://peter-zk01.foo.bar:8083",
}
# Ansible's own strategy, which operators use, and the lab's accelerator; with the aim of a second run as a part of the floor.
STRATEGIES = {"linear": 0.8, "mitogen_linear": 0.5}
LIMIT = 1800
"""Seconds after which a run is ended."""


@dataclasses.dataclass
class Cpu:
    """CPU seconds spent so far: by the whole machine, and inside the containers of a label."""

    machine: float
    containers: float


@dataclasses.dataclass
class Run:
    """What one command cost."""

    name: str
    wall: float
    controller_cpu: float
    container_cpu: float
    other_cpu: float
    """Everything else on the machine: the container engine, and whatever disturbed the measurement."""
    stats: dict[str, Any] = dataclasses.field(default_factory=dict)
    target: str = ""
    note: str = ""

    @property
    def changed(self) -> int:
        return sum(int(counts["changed"]) for counts in self.stats.get("recap", {}).values())


# -- what the machine says ------------------------------------------------------------------------------------------------


def machine_cpu() -> float:
    """Seconds all processors together were busy since boot."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def container_stats(label: str) -> Iterator[dict[str, Any]]:
    engine = docker.from_env()
    for one in engine.containers.list(filters={"label": label}):
        stats: dict[str, Any] = engine.api.stats(one.id, stream=False, one_shot=True)
        yield stats


def container_cpu(label: str) -> float:
    return sum(float(stats["cpu_stats"]["cpu_usage"]["total_usage"]) for stats in container_stats(label)) / 1e9


def container_memory(label: str) -> float:
    """MiB in use, without file pages that can be dropped; counted as the container engine's own tool counts."""
    total = 0
    for stats in container_stats(label):
        detail = stats["memory_stats"]["stats"]
        total += stats["memory_stats"]["usage"] - detail.get("total_inactive_file", detail.get("inactive_file", 0))
    return total / 2**20


def containers(label: str) -> list[str]:
    return sorted(str(one.name) for one in docker.from_env().containers.list(all=True, filters={"label": label}))


def snapshot(label: str) -> Cpu:
    return Cpu(machine_cpu(), container_cpu(label))


def measured(name: str, command: list[str], label: str, environment: dict[str, str] | None = None) -> tuple[Run, str]:
    """Run a command to its end; return its cost and its standard output."""
    print(f"==> {name}", file=sys.stderr, flush=True)
    before, started = snapshot(label), time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=output
        )
        deadline = started + LIMIT
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                process.terminate()
            time.sleep(0.02)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    after = snapshot(label)
    if process.returncode != 0:
        raise SystemExit(f"{text[-3000:]}\nbench: '{name}' ended with status {process.returncode}: nothing is recorded.")
    controller, inside = usage.ru_utime + usage.ru_stime, after.containers - before.containers
    other = max(0.0, after.machine - before.machine - controller - inside)
    return Run(name, wall, controller, inside, other), text


def playbook(name: str, label: str, *args: str, strategy: str | None = None) -> Run:
    """Measure one ansible-playbook; take the tasks it ran from the progress callback."""
    environment = {"ANSIBLE_STRATEGY": strategy} if strategy else {}
    with tempfile.TemporaryDirectory() as directory:
        stats = Path(directory) / "stats.json"
        run, _ = measured(name, ["ansible-playbook", *args], label, {**environment, "ESTATE_STATS": str(stats)})
        run.stats = json.loads(stats.read_text())
    return run


def started_at(hosts: list[str]) -> dict[tuple[str, str], str]:
    """When the main process of each of the toolkit's services was started."""
    result = {}
    for host in hosts:
        for unit in UNITS:
            result[host, unit] = in_container(host, "systemctl", "show", "--property=ExecMainStartTimestampMonotonic", unit)
    return result


def in_container(host: str, *command: str) -> str:
    run = subprocess.run(["docker", "exec", host, *command], check=True, capture_output=True, text=True, timeout=60)
    return run.stdout.strip()


def wait_for_boot(host: str) -> None:
    deadline = time.monotonic() + 60
    state = ["docker", "exec", host, "systemctl", "is-system-running"]
    while subprocess.run(state, capture_output=True, text=True, timeout=60).stdout.strip() != "running":
        if time.monotonic() > deadline:
            raise SystemExit(f"bench: container {host} did not start within 60 s.")
        time.sleep(0.2)


def restart_seconds(host: str) -> float:
    """From the moment the broker was told to stop until the new process said that it had started."""
    show = in_container(host, "systemctl", "show", "--timestamp=us+utc", "--property=ActiveExitTimestamp", "--value", "kafka")
    stopped = datetime.datetime.strptime(show, "%a %Y-%m-%d %H:%M:%S.%f UTC")
    line = in_container(host, "sh", "-c", "grep ' started (kafka.server.KafkaServer)' /var/log/kafka/server.log | tail -n 1")
    up = datetime.datetime.strptime(line[1:24], "%Y-%m-%d %H:%M:%S,%f")
    return (up - stopped).total_seconds()


# -- the parts --------------------------------------------------------------------------------------------------------------


class Bench:
    """The runs of one measurement and what they showed."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.floor: dict[str, float] = {}
        self.memory = 0.0
        self.restarts: list[float] = []
        self.exercise: dict[str, Any] = {}
        self.agent: dict[str, Any] = {}

    def measure_floor(self) -> None:
        run, text = measured("floor", ["tests/bench/floor"], "kafka-estate=floor")
        self.floor = json.loads(text)
        # The command also reads settings before and removes containers after; the floor is what its own clock says.
        run.wall = self.floor["total"]
        run.container_cpu = self.floor["container_cpu_seconds"]
        run.other_cpu = max(0.0, run.other_cpu - run.container_cpu)
        self.runs.append(run)

    def measure_fresh(self) -> None:
        create, _ = measured(
            "create", ["ansible-playbook", "molecule/shared/create.yml", "molecule/shared/prepare.yml"], LAB_LABEL
        )
        run = playbook("fresh site.yml", LAB_LABEL, "site.yml")
        run.target = "÷ floor ≤ 1.4"
        run.note = f"changed {run.changed}; {create.wall:.1f} s for containers and {run.wall:.1f} s for the run"
        # As the floor's clock does, this one starts with the first command for a container.
        run.wall += create.wall
        run.controller_cpu += create.controller_cpu
        run.container_cpu += create.container_cpu
        run.other_cpu += create.other_cpu
        self.runs.append(run)

    def measure_second(self) -> None:
        hosts = containers(LAB_LABEL)
        books = [name for name in ("site.yml", "exporter.yml", "monitoring.yml") if (ROOT / name).exists()]
        if later := books[1:]:
            # On a lab of `make lab` this is their first run.
            run = playbook("first " + " + ".join(later), LAB_LABEL, *later)
            run.note = f"changed {run.changed}"
            self.runs.append(run)
        for strategy, target in STRATEGIES.items():
            before = started_at(hosts)
            run = playbook(f"second {' + '.join(books)}, {strategy}", LAB_LABEL, *books, strategy=strategy)
            restarts = sum(before[key] != value for key, value in started_at(hosts).items())
            run.target = f"÷ floor ≤ {target}, changed 0, no restart"
            run.note = f"changed {run.changed}, {restarts} restarts"
            self.runs.append(run)
        self.memory = container_memory(LAB_LABEL)

    def measure_setting(self) -> None:
        hosts = containers(LAB_LABEL)
        before = started_at(hosts)
        with overlay({CHANGED_CLUSTER: {"vars": {"kafka_broker_config": CHANGED_SETTING}}}) as extra:
            inventories = [f"--inventory={path}" for path in [*os.environ["ANSIBLE_INVENTORY"].split(","), extra]]
            run = playbook("one changed broker setting", LAB_LABEL, *inventories, "site.yml")
        restarted = [(host, unit) for (host, unit), value in started_at(hosts).items() if before[host, unit] != value]
        self.restarts = [restart_seconds(host) for host, unit in restarted if unit == "kafka"]
        own = sum(self.restarts)
        run.target = "≤ 45 s + restarts"
        each = " + ".join(f"{seconds:.1f}" for seconds in self.restarts)
        run.note = f"{len(restarted)} restarts take {each} = {own:.1f} s; without them {run.wall - own:.1f} s"
        self.runs.append(run)

    def measure_sixty(self) -> None:
        example = "inventories/examples/sixty-brokers"
        names = json.loads(subprocess.check_output(["ansible-inventory", "-i", example, "--list"], cwd=ROOT))["_meta"]["hostvars"]
        subprocess.run(["docker", "rm", "--force", SIXTY_HOST], check=True, capture_output=True)
        # Addresses kept for documentation: names resolve, nothing is ever asked there.
        known = [f"--add-host={name}:192.0.2.{number}" for number, name in enumerate(names, 1)]
        create = [
            "docker",
            "run",
            "--detach",
            f"--name={SIXTY_HOST}",
            f"--label={SIXTY_LABEL}",
            *SYSTEMD,
            *known,
            IMAGE,
            "/sbin/init",
        ]
        subprocess.run(create, check=True, capture_output=True)
        try:
            wait_for_boot(SIXTY_HOST)
            with overlay({"all": {"vars": {"ansible_host": SIXTY_HOST}}}) as extra:
                inventories = [f"--inventory={path}" for path in (example, "molecule/shared/inventory", extra)]
                for strategy in STRATEGIES:
                    run = playbook(
                        f"--check, sixty brokers, {strategy}",
                        SIXTY_LABEL,
                        "--check",
                        *inventories,
                        "site.yml",
                        strategy=strategy,
                    )
                    run.target = "≤ 1.2 s a host"
                    run.note = f"{len(names)} hosts, all of them one empty container; {run.wall / len(names):.2f} s a host"
                    self.runs.append(run)
        finally:
            subprocess.run(["docker", "rm", "--force", SIXTY_HOST], check=True, capture_output=True)

    def measure_exercise(self) -> None:
        """How fast records pass the mirror and the indexer; tests/bench/rates.py does it on the exercise's host."""
        subprocess.run(["ansible-playbook", "playbooks/exercise.yml"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        print("==> exercise", file=sys.stderr, flush=True)
        path = "PYTHONPATH=/opt/kafka-estate/students/current:/opt/kafka-estate/exercise"
        command = ["docker", "exec", "--interactive", EXERCISE_HOST, "env", path, "python3", "-"]
        command += [word for name, value in EXERCISE.items() for word in (f"--{name}", value)]
        for name, settings in toolkit_settings().items():
            command += [f"--{name}", *(f"{key}={value}" for key, value in settings.items())]
        with (ROOT / "tests/bench/rates.py").open() as script, second_compiler("kafka_broker", "kafka_connect"):
            done = subprocess.run(command, stdin=script, stdout=subprocess.PIPE, text=True, check=True, timeout=LIMIT)
        self.exercise = json.loads(done.stdout)

    def measure_agent(self) -> None:
        """What the JMX exporter agent costs a broker."""
        with overlay(agent.inventory()) as extra:
            self.agent = agent.measure(extra)

    # -- the report -----------------------------------------------------------------------------------------------------

    def report(self) -> str:
        lines = [
            f"## {datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, commit {commit()}",
            "",
            machine(),
            "",
            "| run | seconds | ÷ floor | target | CPU controller | CPU containers | CPU other | |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
        if not self.runs:
            del lines[-3:]
        floor = self.floor.get("total")
        for run in self.runs:
            ratio = f"{run.wall / floor:.2f}" if floor else ""
            lines.append(
                f"| {run.name} | {run.wall:.1f} | {ratio} | {run.target} | {run.controller_cpu:.1f} | {run.container_cpu:.1f}"
                f" | {run.other_cpu:.1f} | {run.note} |"
            )
        if self.floor:
            stages = ", ".join(f"{name} {self.floor[name]:.1f}" for name in STAGES)
            reached = f"Floor, reached after seconds: {stages}; {self.floor['memory_mib'] / 1024:.2f} GiB."
            lines += ["", *textwrap.wrap(reached, 120)]
        if self.memory:
            lines += ["", f"Memory of the lab's containers: {self.memory / 1024:.2f} GiB (target ≤ 8 GiB)."]
        if self.exercise:
            lines += ["", *exercise_table(self.exercise)]
        if self.agent:
            lines += ["", *agent.table(self.agent)]
        for run in self.runs:
            if run.name.startswith("second"):
                lines += ["", *tasks_table(run)]
                break
        return "\n".join(lines) + "\n"


STAGES = ("containers", "brokers", "elasticsearch", "connect", "registry", "mirror")


def tasks_table(run: Run) -> list[str]:
    """Tasks executed and skipped on the host of each role where most ran."""
    lines = [f"Tasks of the {run.name} on one host:", "", "| role | hosts | executed | skipped |", "| --- | --- | --- | --- |"]
    for role, hosts in sorted(run.stats["tasks"].items()):
        executed, skipped = (max(int(counts.get(kind, 0)) for counts in hosts.values()) for kind in ("executed", "skipped"))
        lines.append(f"| {role} | {len(hosts)} | {executed} | {skipped} |")
    return lines


def exercise_table(found: dict[str, Any]) -> list[str]:
    """Rates of the rounds with the ratios of each, and the delays."""
    against = {**dict.fromkeys(("relay", "mirror", "flow"), ("consume", "produce")), "index": ("bulk",)}
    names = {
        "consume": "bare consume, upstream",
        "produce": "bare produce, downstream",
        "relay": "bare relay: both at once",
        "mirror": "mirror, the book's connector to the letter",
        "flow": "mirror, as a flow of the inventory",
        "bulk": "Elasticsearch's own bulk rate",
        "index": "indexer",
    }
    lines = [
        f"{found['count']} students of v3, sent in Avro at {found['sent']:.0f}/s; the same in each row, {found['many']} of them"
        f" where Kafka alone is measured; {len(found['rounds'])} rounds, and {len(found['pairs'])} of Elasticsearch. Brokers and"
        " workers have both compilers of the JVM and its collector with one thread, and the mirror has been running for minutes.",
        "",
    ]
    lines += [
        "| what | records a second, each round | CPU seconds for 100,000 | median ratio | target |",
        "| --- | --- | --- | --- | --- |",
    ]
    for what, name in names.items():
        rounds = found["pairs" if what in ("bulk", "index") else "rounds"]
        rates = ", ".join(f"{one['rates'][what]:.0f}" for one in rounds)
        spent = ", ".join(f"{one['cpu'][what]:.2f}" for one in rounds)
        ratio = ""
        if bare := against.get(what):
            ratios = [one["rates"][what] / min(one["rates"][other] for other in bare) for one in rounds]
            words = "÷ the slower of the bare two" if len(bare) > 1 else "÷ bulk rate"
            ratio = f"{statistics.median(ratios):.2f} {words}"
        lines.append(f"| {name} | {rates} | {spent} | {ratio} | {'≥ 0.8' if what in ('mirror', 'flow', 'index') else ''} |")
    delays = found["delays"]
    lines += ["", "Delay from a record's time, at 1,000 records a second:", "", "| to | p50 | p99 |", "| --- | --- | --- |"]
    for what, name in (
        ("mirrored", "a consumer of the mirrored topic"),
        ("indexed", "Elasticsearch has acknowledged the document"),
    ):
        lines.append(f"| {name} | {delays[f'{what}_p50'] * 1000:.0f} ms | {delays[f'{what}_p99'] * 1000:.0f} ms |")
    return lines


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    strategy = os.environ.get("ANSIBLE_STRATEGY", "linear")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, strategy {strategy}; load average at the end {load}."


def commit() -> str:
    def git(*args: str) -> str:
        return subprocess.check_output(["git", *args], cwd=ROOT, text=True).strip()

    dirty = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/bench.md")
    return git("rev-parse", "--short", "HEAD") + (" with changes not committed" if dirty else "")


def toolkit_settings() -> dict[str, dict[str, str]]:
    """Return what the toolkit sets, by option of rates.py: the producers of Connect workers, and what a flow has of its own."""
    _AnsibleCollectionFinder(paths=[str(ROOT / ".collections")])._install()
    from ansible_collections.estate.kafka.plugins.module_utils.mirrors.flow import FETCH_WAIT

    role = yaml.safe_load((ROOT / "roles/kafka_connect/vars/main.yml").read_text(encoding="utf-8"))["_kafka_connect_defaults"]
    names = ("enable.idempotence", "linger.ms", "batch.size")
    return {
        "producer": {name: str(role[f"producer.{name}"]).lower() for name in names},
        "flow": {"consumer.fetch.max.wait.ms": str(FETCH_WAIT)},
    }


@contextmanager
def second_compiler(*roles: str) -> Iterator[None]:
    """Let the JVMs of these roles compile what runs often as they do in production, and as the lab has it again afterwards."""

    def restart(*options: str) -> None:
        print("==> restarts", file=sys.stderr, flush=True)
        subprocess.run(["ansible-playbook", *options, "site.yml"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    # Not an inventory laid over: what it says of groups would lose against the lab's group_vars/all.yml.
    restart("--extra-vars", json.dumps({f"{role}_jvm_flags": FLAGS for role in roles}))
    try:
        yield
    finally:
        restart()


@contextmanager
def overlay(groups: dict[str, Any]) -> Iterator[str]:
    """An inventory file laid over the others."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "overlay.yml"
        path.write_text(json.dumps(groups))
        yield str(path)


def main() -> None:
    """Entry point."""
    bench = Bench()
    parts: dict[str, Callable[[], None]] = {
        "floor": bench.measure_floor,
        "fresh": bench.measure_fresh,
        "second": bench.measure_second,
        "setting": bench.measure_setting,
        "exercise": bench.measure_exercise,
        "sixty": bench.measure_sixty,
        "agent": bench.measure_agent,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(parts)}; none named: all")
    parser.add_argument("--keep", action="store_true", help="leave the estate up at the end")
    parser.add_argument("--print-only", action="store_true", help="do not add the figures to docs/bench.md")
    args = parser.parse_args()
    wanted = args.parts or list(parts)
    if unknown := set(wanted) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    up = containers(LAB_LABEL)
    if "fresh" in wanted and up:
        raise SystemExit("bench: the lab is up and has the same host names: run 'make lab-down' first.")
    if not up and "fresh" not in wanted and {"second", "setting", "exercise"} & set(wanted):
        raise SystemExit("bench: 'second', 'setting' and 'exercise' need a lab that is up, or 'fresh' before them.")
    try:
        for name, measure in parts.items():
            if name in wanted:
                measure()
    finally:
        if "fresh" in wanted and not args.keep:
            subprocess.run(["tests/lab/down"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    report = bench.report()
    print(report)
    if not args.print_only:
        with HISTORY.open("a") as history:
            history.write("\n" + report)


if __name__ == "__main__":
    main()
