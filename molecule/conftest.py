"""What the tests of several scenarios share: asking a service over HTTP, looking at a unit, running the playbook again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

# Runs on the host: prints the status and the body of one request.
REQUEST = """
import json, sys, urllib.request
method, url, body = json.loads(sys.argv[1])
data = None if body is None else json.dumps(body).encode()
request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
try:
    answer = urllib.request.urlopen(request, timeout=20)
except urllib.error.HTTPError as error:
    answer = error
print(answer.status)
print(answer.read().decode())
"""
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
}


@dataclass(frozen=True)
class Answer:
    """Status and body of an HTTP answer; the body is decoded when it is JSON."""

    status: int
    body: Any


Ask = Callable[..., Answer]
Converge = Callable[..., "subprocess.CompletedProcess[str]"]
Unit = Callable[..., dict[str, str]]


@pytest.fixture
def ask() -> Ask:
    """Return a function that sends one request from a host: ``ask(host, url, method="GET", body=None)``."""

    def request(host: Host, url: str, method: str = "GET", body: Any = None) -> Answer:
        out = host.check_output("python3 -c %s %s", REQUEST, json.dumps([method, url, body]))
        status, _, text = out.partition("\n")
        try:
            return Answer(int(status), json.loads(text))
        except ValueError:
            return Answer(int(status), text)

    return request


@pytest.fixture
def unit() -> Unit:
    """Return a function that reads properties of a unit as systemd has them loaded."""

    def show(host: Host, name: str, *properties: str) -> dict[str, str]:
        names = properties or tuple(HARDENED)
        out = host.check_output("systemctl show %s --property=%s", name, ",".join(names))
        return dict(line.split("=", 1) for line in out.splitlines())

    return show


@pytest.fixture
def hardened() -> dict[str, str]:
    """Return what every unit of the toolkit must have in force."""
    return HARDENED


@pytest.fixture
def converge(request: pytest.FixtureRequest) -> Converge:
    """Return a function that runs the scenario's converge playbook again, with more arguments."""
    playbook = Path(request.path).parents[1] / "converge.yml"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(Path(sys.executable).with_name("ansible-playbook")), *arguments, str(playbook)],
            env={**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default", "ANSIBLE_LOG_PATH": ""},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return run
