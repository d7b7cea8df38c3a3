"""What the tests of several scenarios share: asking a service over HTTP, looking at a unit, running the playbook again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import REQUEST, RUN_SECONDS, Answer, patient
from testinfra.host import Host

HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
}


Ask = Callable[..., Answer]
Converge = Callable[..., "subprocess.CompletedProcess[str]"]
Unit = Callable[..., dict[str, str]]


@pytest.fixture
def ask() -> Ask:
    """Return a function that sends one request from a host: ``ask(host, url, method="GET", body=None, wait=False)``.

    With ``wait`` it is sent again while a service says "not now".
    """

    def request(host: Host, url: str, method: str = "GET", body: Any = None, wait: bool = False) -> Answer:
        def once() -> Answer:
            return Answer.of(host.check_output("python3 -c %s %s", REQUEST, json.dumps([method, url, body])))

        return patient(once) if wait else once()

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
            timeout=RUN_SECONDS,
        )

    return run
