"""Ansible's own command lines, each in a process of its own that need not load Ansible first: most of a short run is that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Loads Ansible once, with plugins that runs need. Each command line is run by a fork; the first process says how it ended.
LOADED = """
import importlib, json, os, sys, warnings
from ansible import constants
from ansible.plugins import loader
mains = {name: importlib.import_module("ansible.cli." + module).main for name, module in json.loads(sys.argv[1]).items()}
loader.init_plugin_loader()
for name in constants.INVENTORY_ENABLED:
    loader.inventory_loader.get(name)
for kind in ("callback", "strategy", "connection", "action"):
    list(getattr(loader, kind + "_loader").all(class_only=True))
loader.filter_loader.get("estate.kafka.merged")
# Each command line does the first of these again.
warnings.filterwarnings("ignore", "AnsibleCollectionFinder has already been configured")
for line in sys.stdin:
    words, *files = json.loads(line)
    child = os.fork()
    if not child:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
for number, name in enumerate((os.devnull, *files)):
    os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
# Of all together, and gone when one of them ends.
os.makedirs(constants.DEFAULT_LOCAL_TMP, mode=0o700, exist_ok=True)
sys.argv = words
mains[words[0]](words)
"""
MAINS = {"ansible": "adhoc", "ansible-playbook": "playbook", "ansible-doc": "doc"}


class CommandLine:
    """Runs command lines of Ansible from one folder, with nothing of this process's environment that is Ansible's."""

    def __init__(self, folder: Path = ROOT, **environment: str | Path) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", LOADED, json.dumps(MAINS)],
            cwd=folder,
            env=inherited | {name: str(value) for name, value in environment.items()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str | Path, joined: bool = False) -> subprocess.CompletedProcess[str]:
        """Return how a command line ended and what it said; ``joined``: errors among all else, as on a screen."""
        assert self.process.stdin and self.process.stdout
        command = [str(word) for word in words]
        with tempfile.TemporaryDirectory() as folder:
            said, errors = Path(folder, "said"), Path(folder, "said" if joined else "errors")
            print(json.dumps([command, str(said), str(errors)]), file=self.process.stdin, flush=True)
            status = int(self.process.stdout.readline())
            return subprocess.CompletedProcess(command, status, said.read_text(), "" if joined else errors.read_text())

    def close(self) -> None:
        self.process.communicate()


@cache
def of_project() -> CommandLine:
    """Return the one of this clone, which writes no log, shows each task as Ansible itself does, and colours nothing."""
    return CommandLine(ANSIBLE_LOG_PATH=os.devnull, ANSIBLE_STDOUT_CALLBACK="default", ANSIBLE_NOCOLOR="1")
