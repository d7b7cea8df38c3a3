"""For tests of the running estate: run a playbook or one module on the lab, or a command on one of its hosts, wait for something.

Needs the environment that ``molecule verify -s site`` or ``tests/lab/run`` sets.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

ROOT = Path(__file__).resolve().parents[1]
RUN_SECONDS = 900
# How slow a machine is and how busy, a run that asks for one object tells: one that asks for many may take so many times as long.
# With a request for each they would take a hundred times.
SLOWER = 6
Seen = TypeVar("Seen")
# Runs on a host: prints the status and the body of one request; status 0 and the reason where nobody answers.
REQUEST = """
import http.client, json, sys, urllib.request
method, url, body = json.loads(sys.argv[1])
data = None if body is None else json.dumps(body).encode()
request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
try:
    try:
        answer = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    status, text = answer.status, answer.read().decode()
except (OSError, http.client.HTTPException) as error:
    status, text = 0, error
print(status)
print(text)
"""
# What services answer while they start, rebalance or choose a leader, and how many seconds that may take.
NOT_NOW = (0, 409, 429, 500, 502, 503, 504)
NOT_NOW_SECONDS = 180


def inventories() -> list[str]:
    """Return the inventories of the lab."""
    return os.environ["ANSIBLE_INVENTORY"].split(",")


def playbook_command(path: str, *args: str, inventory: Sequence[str] = ()) -> list[str]:
    """Return the command that runs a playbook on the lab, with further inventories after its own."""
    return ["ansible-playbook", *(f"--inventory={one}" for one in (*inventories(), *inventory)), *args, path]


@dataclass(frozen=True)
class Run:
    """A playbook that ended: exit status, counts by host, everything it printed, and the results of its tasks."""

    status: int
    stats: dict[str, dict[str, int]]
    # Too long to be shown wherever an assertion shows the run.
    output: str = field(repr=False)
    plays: list[dict[str, Any]] = field(repr=False)

    def changed(self) -> dict[str, int]:
        """Return the hosts on which something changed."""
        return {host: counts["changed"] for host, counts in self.stats.items() if counts["changed"]}

    def last(self, host: str) -> dict[str, Any]:
        """Return what the last task returned for a host."""
        results: list[dict[str, Any]] = [task["hosts"][host] for task in self.plays[-1]["tasks"] if host in task["hosts"]]
        return results[-1]


def playbook(path: str, *args: str, inventory: Sequence[str] = (), seconds: float = RUN_SECONDS) -> Run:
    """Run a playbook on the lab to its end."""
    run = _json(playbook_command(path, *args, inventory=inventory), seconds)
    document = _document(run.stdout)
    return Run(run.returncode, document["stats"], run.stdout + run.stderr, document["plays"])


def module(host: str, name: str, /, check: bool = False, **options: Any) -> dict[str, Any]:
    """Return the result of one module of the toolkit on one host, its diff included."""
    words = ["ansible", host, "-m", f"estate.kafka.{name}", "--diff", *(["--check"] if check else [])]
    words += ["-a", json.dumps(options)] if options else []
    document = _document(_json(words, RUN_SECONDS).stdout)
    result: dict[str, Any] = document["plays"][0]["tasks"][0]["hosts"][host]
    return result


@dataclass(frozen=True)
class Step:
    """One module with its options."""

    name: str
    options: Mapping[str, Any]
    check: bool = False


@dataclass(frozen=True)
class Done:
    """What a step returned, and the seconds it took, its way to the host included."""

    result: dict[str, Any]
    seconds: float


def steps(host: str, *wanted: Step) -> list[Done]:
    """Run several modules of the toolkit on one host, one after the other in one run of Ansible; one that fails stops nothing."""
    tasks = [{f"estate.kafka.{step.name}": dict(step.options), "check_mode": step.check, "diff": True} for step in wanted]
    play = {"hosts": host, "gather_facts": False, "ignore_errors": True, "tasks": tasks}
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump([play], file)
        file.flush()
        document = _document(_json(playbook_command(file.name), RUN_SECONDS).stdout)
    return [Done(task["hosts"][host], _seconds(task["task"]["duration"])) for task in document["plays"][0]["tasks"]]


def foretold(host: str, *wanted: tuple[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Run modules, each in check mode first; return what the real runs did, once it is what check mode said they would do."""
    done = [done.result for done in steps(host, *(Step(*step, check) for step in wanted for check in (True, False)))]
    for said, real in zip(done[::2], done[1::2]):
        assert not real.get("failed"), real
        assert [said[key] for key in ("changed", "actions", "diff")] == [real[key] for key in ("changed", "actions", "diff")]
    return done[1::2]


def on(host: str, *command: str, user: str = "root", text: str = "") -> str:
    """Return what a command prints on a host."""
    run = subprocess.run(
        ["docker", "exec", "-i", "--user", user, host, *command], input=text, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, f"{host}: {' '.join(command)}: {run.stdout}{run.stderr}"
    return run.stdout


@dataclass(frozen=True)
class Answer:
    """Status and body of an HTTP answer, the body decoded when it is JSON; status 0 and the reason where nobody answered."""

    status: int
    body: Any

    @classmethod
    def of(cls, printed: str) -> Answer:
        """Read what REQUEST printed."""
        status, _, text = printed.partition("\n")
        try:
            return cls(int(status), json.loads(text))
        except ValueError:
            return cls(int(status), text)


def http(host: str, url: str, method: str = "GET", body: Any = None) -> Answer:
    """Return the answer to one request that a host sends, with the host's own Python."""
    return Answer.of(on(host, "python3", "-c", REQUEST, json.dumps([method, url, body])))


def patient(ask: Callable[[], Answer], seconds: float = NOT_NOW_SECONDS) -> Answer:
    """Return an answer that is not "not now": a cluster that rebalances, starts or chooses a leader refuses for a while."""
    return until(ask, seconds, "an answer that holds", lambda answer: answer.status not in NOT_NOW)


def rest(host: str, url: str, method: str = "GET", body: Any = None) -> Any:
    """Return the body of an answer that holds and is no error; what is to be deleted may be gone already."""
    answer = patient(lambda: http(host, url, method, body))
    assert answer.status < 300 or (method == "DELETE" and answer.status == 404), f"{method} {url}: {answer}"
    return answer.body or None


def until(seen: Callable[[], Seen], seconds: float, what: str, wanted: Callable[[Seen], object] = bool) -> Seen:
    """Return what is seen as soon as it is as wanted, which is true unless told otherwise.

    A look that fails by an assertion, for a service that cannot be asked yet, has not seen it yet. ``seconds`` is how long a busy
    machine may take, not how long it should take.
    """
    end = time.monotonic() + seconds
    while True:
        last: Seen | AssertionError
        begun = time.monotonic()
        try:
            last = found = seen()
            if wanted(found):
                return found
        except AssertionError as error:
            last = error
        if time.monotonic() > end:
            raise AssertionError(f"not in {seconds} s: {what}; last seen: {last!r}")
        # Looks that take long, such as a run of Ansible, leave the machine half of the time to what is waited for.
        time.sleep(max(0.5, time.monotonic() - begun))


def _seconds(duration: Mapping[str, str]) -> float:
    start, end = (datetime.fromisoformat(duration[key]) for key in ("start", "end"))
    return (end - start).total_seconds()


def _json(command: Sequence[str], timeout: float) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout)
    assert "{\n" in run.stdout, f"no result of Ansible: {run.stdout}{run.stderr}"
    return run


def _document(printed: str) -> Any:
    """Return the callback's JSON; warnings may stand before and after it."""
    return json.JSONDecoder().raw_decode(printed[printed.index("{\n") :])[0]


def kill_run(*command: str, when: Callable[[], object], seconds: float = 2400) -> None:
    """Run a playbook, and kill the run as soon as something is seen; fail if it ends before, or after so many seconds."""
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(playbook_command(*command), cwd=ROOT, stdout=said, stderr=said, start_new_session=True) as running,
    ):
        try:
            until(lambda: when() or running.poll() is not None, seconds, "the middle of a step")
            if running.poll() is not None:
                said.seek(0)
                pytest.fail(f"the run ended before it could be killed: {said.read()[-4000:]}")
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
