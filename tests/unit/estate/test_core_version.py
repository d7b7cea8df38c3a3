"""A release of ansible-core that nobody has tried is refused before anything is read or any host is asked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible.module_utils.compat.version import LooseVersion

ROOT = Path(__file__).resolve().parents[3]
# The real command line in its own process, in which ansible-core has another number.
PRETEND = """
import sys
import ansible, ansible.release
ansible.__version__ = ansible.release.__version__ = sys.argv[1]
from ansible.cli.playbook import main
main(["ansible-playbook", *sys.argv[2:]])
"""


def preflight(version: str, inventory: Path) -> tuple[int, str]:
    """Return exit status and output, in one line, of the preflight under a version of ansible-core."""
    done = subprocess.run(
        [sys.executable, "-c", PRETEND, version, "-i", inventory, "playbooks/preflight.yml"],
        cwd=ROOT,
        env=os.environ | {"ANSIBLE_STDOUT_CALLBACK": "default", "ANSIBLE_LOG_PATH": os.devnull, "ANSIBLE_NOCOLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """Return one whose only mistake is found by the step after the one that looks at the version."""
    path = tmp_path / "hosts.yml"
    path.write_text("zookeeper: {hosts: {one.invalid: {zookeeper_id: one}}}\n")
    return path


@pytest.mark.parametrize("version", ["2.18.99", "2.22.0"])
def test_a_release_outside_the_range_is_refused_first(inventory: Path, version: str) -> None:
    status, output = preflight(version, inventory)
    assert status != 0
    assert f"ansible-core is {version}; this project supports 2.19 to 2.21." in output
    assert "'ansible-core>=2.19,<2.22'" in output
    assert "Read the inventory" not in output


@pytest.mark.parametrize("version", ["2.19.0", "2.21.99"])
def test_a_release_within_the_range_goes_on(inventory: Path, version: str) -> None:
    _, output = preflight(version, inventory)
    assert "this project supports" not in output
    assert "zookeeper_id: found 'one'" in output


def test_the_collection_names_the_same_range() -> None:
    assertion = (ROOT / "playbooks/preflight.yml").read_text()
    required = yaml_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"]
    assert re.findall(r"version\('([\d.]+)', '>='\).*?version\('([\d.]+)', '<'\)", assertion) == [("2.19", "2.22")]
    assert required == ">=2.19.0,<2.22"
    newest = max((path.stem for path in (ROOT / "tests/lab").glob("cores-*.txt")), key=LooseVersion)
    assert newest == "cores-2.21", "the newest release of the range is tried by tests/lab/cores"
