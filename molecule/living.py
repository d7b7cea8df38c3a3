"""What the sequences of living estates share: the hosts of migrate, and somebody who writes to a cluster all the while."""

from __future__ import annotations

import json
import re
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab import ROOT, Run, http, inventories, on, until

NAMES = ["one.migrate.test", "two.migrate.test", "three.migrate.test"]
SERVERS = ",".join(f"{name}:9092" for name in NAMES)
BROKER, CONTROLLER = "kafka", "kafka-controller"
LOAD = ROOT / "molecule/migrate/tests/load.py"
TABLE = ROOT / ".cache" / "transitions.md"
# Seconds that a part of the way may take on a busy machine.
MAX_SECONDS = 2400
HEADER = "| transition | acknowledged | lost | doubled | longest gap | seconds |\n| --- | --- | --- | --- | --- | --- |\n"


def refused(run: Run, *words: str) -> None:
    """The run named its reasons, and changed nothing."""
    assert run.status != 0 and not run.changed(), run.output[-4000:]
    assert [word for word in words if word not in run.output] == [], run.output[-4000:]


def process(host: str, unit: str) -> str:
    return on(host, "systemctl", "show", unit, "--property=MainPID", "--value").strip()


def active() -> str:
    """Return the host of the active controller, as soon as one says that it is."""
    said = "kafka_controller_kafkacontroller_activecontrollercount 1.0"

    def told() -> list[str]:
        return [name for name in NAMES if said in str(http(name, f"http://{name}:7074/metrics").body)]

    return until(told, 180, "one controller is active", lambda found: len(found) == 1)[0]


def kill_controller() -> None:
    """End the active controller without a word; systemd starts it again."""
    on(active(), "systemctl", "kill", "--signal=KILL", CONTROLLER)


def started(path: str, host: str = NAMES[1]) -> bool:
    return subprocess.run(["docker", "exec", host, "test", "-e", path], check=False).returncode == 0


@contextmanager
def load(
    host: str = NAMES[1], servers: str = SERVERS, topic: str = "counted", settings: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Somebody writes a hundred records a second from a host; what came of them is in the mapping at the end.

    ``settings`` are those of librdkafka for a client that logs in.
    """
    mark = uuid.uuid4().hex[:8]
    end, login = f"/root/end-{mark}", f"/root/login-{mark}"
    on(host, "sh", "-c", "umask 077; cat > /root/load.py", text=LOAD.read_text())
    command = ["docker", "exec", host, "python3", "/root/load.py", servers, topic, mark, end]
    if settings is not None:
        on(host, "sh", "-c", f"umask 077; cat > {login}", text=json.dumps(settings))
        command.append(login)
    found: dict[str, Any] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        until(lambda: started(f"{end}.state", host), 120, "the first records are acknowledged", bool)
        try:
            yield found
        finally:
            on(host, "touch", end)
            out, _ = writer.communicate(timeout=600)
            if settings is not None:
                on(host, "rm", login)
    found.update(json.loads(out))


@contextmanager
def transition(name: str, **where: Any) -> Iterator[None]:
    """Do what is within under load, as in :func:`load`; no record that was acknowledged may be lost, and none come twice."""
    with load(**where) as found:
        begin = time.monotonic()
        yield
        seconds = time.monotonic() - begin
    record(name, found, seconds)


def record(name: str, found: dict[str, Any], seconds: float) -> None:
    """Write what came of the records of a transition into the table, and see that it is well."""
    cells = [name, found["acknowledged"], found["lost"], found["doubled"], f"{found['gap']} s", round(seconds)]
    if not TABLE.exists():
        TABLE.write_text(HEADER)
    with TABLE.open("a") as stream:
        stream.write(f"| {' | '.join(map(str, cells))} |\n")
    assert (found["lost"], found["doubled"], found["refused"]) == (0, 0, 0), found
    assert found["acknowledged"] == found["sent"] > 100


def with_fault(run: Callable[[], Run], when: Callable[[], object], fault: Callable[[], None]) -> Run:
    """Do a run to its end; as soon as something is seen, a fault happens."""

    def wait() -> None:
        until(when, MAX_SECONDS, "the middle of a step")
        fault()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        done = run()
        waiting.result()
    return done


def without_zookeeper(folder: Path, version: str) -> str:
    """Return the inventories of the cluster when it has left ZooKeeper, and runs a version of Kafka; a file of it is written."""
    shared, own = inventories()
    text = (Path(own) / "hosts.yml").read_text()
    for found, instead in (
        (r"(?m)^zookeeper:\n(?:  .*\n)+", ""),
        (r"(?m)^ *kafka_broker_chroot: .*\n", ""),
        (r"kafka_broker_migration: true", f"kafka_broker_version: {version}"),
        (r"kafka_controller_version: .*", f"kafka_controller_version: {version}"),
        (r"kafka\.security\.authorizer\.AclAuthorizer", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
    ):
        text, times = re.subn(found, instead, text)
        assert times == 1, found
    (folder / "hosts.yml").write_text(text)
    return f"{shared},{folder}"
