"""The ten steps of the first real deployment: each command can be typed as it stands.

The scenario ``hosts`` executes them on hosts. Here files and inventories must exist, playbooks must pass Ansible's syntax check
with the sample inventory, and what contacts no host is run.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from readme import READMES, ROOT, steps

BIN = Path(sys.executable).parent


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


# The command lines of ansible-playbook, each in a process of its own that need not load Ansible first.
SYNTAX_CHECKS = """
import contextlib, io, json, sys
from multiprocessing import get_context
from ansible.cli.playbook import PlaybookCLI
def check(words):
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
        try:
            status = PlaybookCLI([*words, "--syntax-check"]).run()
        except BaseException as error:
            status = repr(error)
    return [status, said.getvalue()]
with get_context("fork").Pool(1, maxtasksperchild=1) as pool:
    print(json.dumps(pool.map(check, json.loads(sys.argv[1]), chunksize=1)))
"""
COMMANDS = [one for step in steps("README.md")[1:] for one in step if not one.startswith("cp")]
PLAYBOOKS = [one for one in COMMANDS if one.startswith("ansible-playbook ")]


def run(clone: Path, *words: str) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    env |= {"PATH": f"{BIN}:{os.environ['PATH']}", "ANSIBLE_LOG_PATH": str(clone / "log")}
    done = subprocess.run(words, cwd=clone, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("command", [one for one in COMMANDS if one not in PLAYBOOKS])
def test_the_command_of_a_step_can_be_typed_as_it_stands(clone: Path, command: str) -> None:
    words = shlex.split(command)
    if words[0].startswith("tests/"):
        assert os.access(clone / words[0], os.X_OK)
        assert words[1:] == ["--no-engine", "&&", ".", ".venv/bin/activate"]
        return
    run(clone, *words)


@pytest.fixture(scope="module")
def syntax_checks(clone: Path) -> dict[str, Any]:
    told = run(clone, sys.executable, "-c", SYNTAX_CHECKS, json.dumps([shlex.split(one) for one in PLAYBOOKS]))
    return dict(zip(PLAYBOOKS, json.loads(told), strict=True))


@pytest.mark.parametrize("command", PLAYBOOKS)
def test_the_playbook_of_a_step_passes_the_syntax_check(syntax_checks: dict[str, Any], command: str) -> None:
    status, said = syntax_checks[command]
    assert status == 0 and "WARNING" not in said, said


def test_a_controller_without_apt_has_the_files_that_its_commands_name() -> None:
    for readme in READMES:
        text = (ROOT / readme).read_text()
        assert "pip install --require-hashes -r requirements.lock" in text
    assert "--hash=sha256:" in (ROOT / "requirements.lock").read_text()
