"""Run the ten steps of README's first real deployment on the scenario's hosts.

The commands run in a clean clone of the last commit, at a terminal that answers the prompt for the sudo password, and with
Ansible's own strategy. They run without root on the controller if a user without rights can read the repository and start its
Python. The key of the login is taken from MOLECULE_EPHEMERAL_DIRECTORY. The screen is kept in .cache/ten-steps.log; the output is
how many seconds each command took.
"""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from readme import ROOT, steps

LOG = ROOT / ".cache/ten-steps.log"
NETWORK = "kafka-estate-hosts"
LOGIN = ["-u", "operator", "--ask-become-pass"]
PASSWORD = "operator-in-the-lab"
PROMPT = b"BECOME password: "
# Debian's user "nobody".
NOBODY = 65534
# What the operator writes in step 4: the hosts, and the one cluster there is instead of the sample's second.
EDITED = "inventories/mine/group_vars/kafka_connect/main.yml"
WRITING = [
    "cp molecule/hosts/inventory/estate.yml inventories/mine/hosts.yml",
    f"sed -i 's/^kafka_connect_cluster: downstream$/kafka_connect_cluster: upstream/' {EDITED}",
]


def without_root() -> list[str]:
    """Return the command prefix that drops root; empty if this is not root, or if the repository needs root."""
    if os.geteuid():
        return []
    prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
    # Through a shell, like the steps: setpriv itself still has root's rights when it starts a program.
    trial = [*prefix, "sh", "-c", '"$0/.venv/bin/python" -c "" && cat "$0/requirements.lock" >/dev/null', str(ROOT)]
    return [] if subprocess.run(trial, stderr=subprocess.DEVNULL).returncode else prefix


def addresses() -> dict[str, str]:
    """Return the addresses of the scenario's containers by name."""
    run = subprocess.run(["docker", "network", "inspect", NETWORK], capture_output=True, text=True, check=True)
    return {one["Name"]: one["IPv4Address"].split("/")[0] for one in json.loads(run.stdout)[0]["Containers"].values()}


def home(folder: Path) -> None:
    """Fill the operator's home: key, known hosts, configuration of ssh and git."""
    source = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
    for name in ("id_ed25519", "known_hosts"):
        shutil.copy(source / name, folder / name)
    hosts = [f"Host {name}\n  HostName {address}\n  HostKeyAlias {name}" for name, address in addresses().items()]
    files = f"Host *\n  IdentityFile {folder}/id_ed25519\n  UserKnownHostsFile {folder}/known_hosts"
    (folder / "ssh_config").write_text("\n".join([*hosts, files, ""]))
    (folder / ".gitconfig").write_text("[safe]\n  directory = *\n")


def commands() -> list[str]:
    """Return the commands of the ten steps, with those that the operator adds in between."""
    typed = []
    for number, step in enumerate(steps("README.md"), 1):
        for command in step:
            if number == 1:
                command = command.replace("<this repository>", f"file://{ROOT}")
            if number >= 6:
                command = shlex.join([*shlex.split(command), *LOGIN])
            typed.append(command)
        if number == 1:
            # Saves minutes: step 2 would build this environment from the same lock, and step 7 would download this store.
            venv, store = (shlex.quote(str(ROOT / path)) for path in (".venv", ".cache/store"))
            typed.append(f"ln -s {venv} .venv && mkdir .cache")
            typed.append(f"if [ -d {store} ]; then cp --recursive --preserve=timestamps {store}/. .cache/store; fi")
        if number == 4:
            typed += WRITING
    return typed


def script(typed: Sequence[str]) -> str:
    """Return a shell script that prints each command, runs it and prints its seconds; it stops at the first failure."""
    lines = []
    for command in typed:
        lines += [f"printf '\\n$ %s\\n' {shlex.quote(command)}", "SECONDS=0", f"{command} || exit", 'echo "=> $SECONDS s"']
    return "\n".join(lines)


def type_at_terminal(command: Sequence[str], folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Run a command at a terminal and answer each password prompt; return its exit status and the screen's text."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe(command[0], list(command), environment)
    shown = b""
    with LOG.open("wb") as log:
        while True:
            try:
                more = os.read(terminal, 65536)
            except OSError:
                # After its last process has ended, a terminal gives an error instead of an end of file.
                break
            log.write(more)
            log.flush()
            shown += more
            if shown.endswith(PROMPT):
                os.write(terminal, f"{PASSWORD}\n".encode())
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), shown.decode(errors="replace")


def faults(shown: str, log: str) -> list[str]:
    """Return what is wrong although every command succeeded."""
    found = []
    if PASSWORD in shown or PASSWORD in log:
        found.append("the password of the login was printed or logged")
    asked = shown.count(PROMPT.decode())
    if asked != 5:
        found.append(f"the password was asked for {asked} times in the five runs of ansible-playbook")
    if "All is well." not in shown:
        found.append("health does not say that all is well")
    return found


def main() -> int:
    """Run the ten steps; return the exit status."""
    LOG.parent.mkdir(exist_ok=True)
    prefix = without_root()
    with tempfile.TemporaryDirectory(prefix="ten-steps-") as name:
        folder = Path(name)
        home(folder)
        if prefix:
            for path in (folder, *folder.iterdir()):
                os.chown(path, NOBODY, NOBODY)
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "MOLECULE_"))}
        environment |= {
            "HOME": name,
            "PATH": ":".join(one for one in os.environ["PATH"].split(":") if not one.startswith(str(ROOT))),
            # An operator has this in ~/.ssh/config, which ssh finds by /etc/passwd and not by HOME.
            "ANSIBLE_SSH_COMMON_ARGS": f"-F {name}/ssh_config",
        }
        environment.pop("PYTHONPATH", None)
        status, shown = type_at_terminal([*prefix, "bash", "-c", script(commands())], folder, environment)
        written = folder / "kafka-estate/.cache/ansible.log"
        found = faults(shown, written.read_text() if written.is_file() else "") if status == 0 else []
    # Keep what a terminal shows in the end: of a line that was overwritten, the last version.
    shown = re.sub(r"[^\n]*\r(?=[^\n])", "", shown.replace("\r\n", "\n"))
    LOG.write_text(shown)
    lines = shown.splitlines()
    if status or found:
        print("\n".join([*lines[-60:], *found]), file=sys.stderr)
        return 1
    print("without root on the controller" if prefix or os.geteuid() else "as root on the controller")
    print("\n".join(line for line in lines if re.match(r"(\$|=>) ", line)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
