"""For tests of the running estate: run a playbook or one module on the lab, or a command on one of its hosts.

Needs the environment that ``molecule verify -s site`` or ``tests/lab/run`` sets.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RUN_SECONDS = 900


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
    output: str
    plays: list[dict[str, Any]]

    def changed(self) -> dict[str, int]:
        """Return the hosts on which something changed."""
        return {host: counts["changed"] for host, counts in self.stats.items() if counts["changed"]}

    def last(self, host: str) -> dict[str, Any]:
        """Return what the last task returned for a host."""
        results: list[dict[str, Any]] = [task["hosts"][host] for task in self.plays[-1]["tasks"] if host in task["hosts"]]
        return results[-1]


def playbook(path: str, *args: str, inventory: Sequence[str] = ()) -> Run:
    """Run a playbook on the lab to its end."""
    run = _json(playbook_command(path, *args, inventory=inventory), RUN_SECONDS)
    document = _document(run.stdout)
    return Run(run.returncode, document["stats"], run.stdout + run.stderr, document["plays"])


def module(host: str, name: str, /, check: bool = False, **options: Any) -> dict[str, Any]:
    """Return the result of one module of the toolkit on one host, its diff included."""
    return _task(host, name, check, options)[0]


def timed_module(host: str, name: str, /, **options: Any) -> tuple[dict[str, Any], float]:
    """Return the result of one module of the toolkit on one host, and the seconds the task took: its way to the host included."""
    result, duration = _task(host, name, False, options)
    start, end = (datetime.fromisoformat(duration[key]) for key in ("start", "end"))
    return result, (end - start).total_seconds()


def on(host: str, *command: str, user: str = "root", text: str = "") -> str:
    """Return what a command prints on a host."""
    run = subprocess.run(
        ["docker", "exec", "-i", "--user", user, host, *command], input=text, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, f"{host}: {' '.join(command)}: {run.stdout}{run.stderr}"
    return run.stdout


def _task(host: str, name: str, check: bool, options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    words = ["ansible", host, "-m", f"estate.kafka.{name}", "--diff", *(["--check"] if check else [])]
    words += ["-a", json.dumps(options)] if options else []
    task = _document(_json(words, 300).stdout)["plays"][0]["tasks"][0]
    return task["hosts"][host], task["task"]["duration"]


def _json(command: Sequence[str], timeout: float) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout)


def _document(printed: str) -> Any:
    """Return the callback's JSON; warnings may stand before and after it."""
    return json.JSONDecoder().raw_decode(printed[printed.index("{\n") :])[0]
