"""The ten steps of the first real deployment: each command can be typed as it stands.

The scenario ``hosts`` executes them on hosts. Here files and inventories must exist, playbooks must pass Ansible's syntax check
with the sample inventory, and what contacts no host is run.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine
from readme import READMES, ROOT, steps


def test_both_languages_have_the_same_ten_steps() -> None:
    english, korean = (steps(readme) for readme in READMES)
    plain = [[re.sub(r"<.*?>", "<>", one) for one in step] for step in korean]
    assert plain == [[re.sub(r"<.*?>", "<>", one) for one in step] for step in english]
    # Preparing the hosts is the only step without a command.
    assert [number for number, step in enumerate(english, 1) if not step] == [3]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project's files in which the sample is copied as step 4 says."""
    folder = tmp_path_factory.mktemp("clone")
    for path in ROOT.iterdir():
        if path.name not in ("inventories", ".cache", ".git"):
            (folder / path.name).symlink_to(path)
    shutil.copytree(ROOT / "inventories", folder / "inventories")
    subprocess.run(shlex.split(steps("README.md")[3][0]), cwd=folder, check=True)
    return folder


COMMANDS = [one for step in steps("README.md")[1:] for one in step if not one.startswith("cp")]


@pytest.fixture(scope="module")
def command_line(clone: Path) -> Iterator[CommandLine]:
    line = CommandLine(clone, ANSIBLE_LOG_PATH=clone / "log")
    yield line
    line.close()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_of_a_step_can_be_typed_as_it_stands(clone: Path, command_line: CommandLine, command: str) -> None:
    words = shlex.split(command)
    if words[0].startswith("tests/"):
        assert os.access(clone / words[0], os.X_OK)
        assert words[1:] == ["--no-engine", "&&", ".", ".venv/bin/activate"]
        return
    done = command_line.run(*words, *(["--syntax-check"] if words[0] == "ansible-playbook" else []))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr


def test_a_controller_without_apt_has_the_files_that_its_commands_name() -> None:
    for page in ("docs/faq.md", "docs/ko/first-deployment.md"):
        text = (ROOT / page).read_text()
        assert "pip install --require-hashes -r requirements.lock" in text
    assert "--hash=sha256:" in (ROOT / "requirements.lock").read_text()
