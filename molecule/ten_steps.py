"""Type README's ten steps of the first real deployment, on the scenario's hosts.

From a clean clone of what is committed, in a folder of its own; without root on the controller where it can be had so; as a login
that gives its password for sudo at a terminal; with Ansible's own strategy. Needs MOLECULE_EPHEMERAL_DIRECTORY, which holds the
login's key. Writes everything a person would see to .cache/ten-steps.log, and prints the seconds of each command.
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
# Debian's user for what must own nothing.
NOBODY = 65534
# What the operator writes at step 4: the hosts, and where the sample's second cluster is meant but there is one.
EDITED = "inventories/mine/group_vars/kafka_connect/main.yml"
WRITING = [
    "cp molecule/hosts/inventory/estate.yml inventories/mine/hosts.yml",
    f"sed -i 's/^kafka_connect_cluster: downstream$/kafka_connect_cluster: upstream/' {EDITED}",
]


def without_root() -> list[str]:
    """Return what starts a command without root, if this is root and the repository and its Python work then; else nothing."""
    if os.geteuid():
        return []
    prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
    # By a shell, as the steps: setpriv itself still has rights of root while it starts a program.
    trial = [*prefix, "sh", "-c", '"$0/.venv/bin/python" -c "" && cat "$0/requirements.lock" >/dev/null', str(ROOT)]
    return [] if subprocess.run(trial, stderr=subprocess.DEVNULL).returncode else prefix


def addresses() -> dict[str, str]:
    """Return the addresses of the scenario's containers by name."""
    run = subprocess.run(["docker", "network", "inspect", NETWORK], capture_output=True, text=True, check=True)
    return {one["Name"]: one["IPv4Address"].split("/")[0] for one in json.loads(run.stdout)[0]["Containers"].values()}


def home(folder: Path) -> None:
    """Make the home of the person: a key, known hosts, and what ssh and git are told."""
    source = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
    for name in ("id_ed25519", "known_hosts"):
        shutil.copy(source / name, folder / name)
    hosts = [f"Host {name}\n  HostName {address}\n  HostKeyAlias {name}" for name, address in addresses().items()]
    files = f"Host *\n  IdentityFile {folder}/id_ed25519\n  UserKnownHostsFile {folder}/known_hosts"
    (folder / "ssh_config").write_text("\n".join([*hosts, files, ""]))
    (folder / ".gitconfig").write_text("[safe]\n  directory = *\n")


def commands() -> list[str]:
    """Return the commands of the ten steps as they are typed, and what the operator does beside them."""
    typed = []
    for number, step in enumerate(steps("README.md"), 1):
        for command in step:
            if number == 1:
                command = command.replace("<this repository>", f"file://{ROOT}")
            if number >= 6:
                command = shlex.join([*shlex.split(command), *LOGIN])
            typed.append(command)
        if number == 1:
            # The environment that step 2 would make, from the same lock, and what step 7 would fetch: minutes for each.
            venv, store = (shlex.quote(str(ROOT / path)) for path in (".venv", ".cache/store"))
            typed.append(f"ln -s {venv} .venv && mkdir .cache")
            typed.append(f"if [ -d {store} ]; then cp --recursive --preserve=timestamps {store}/. .cache/store; fi")
        if number == 4:
            typed += WRITING
    return typed


def script(typed: Sequence[str]) -> str:
    """Return the shell script that shows each command, runs it and says how long it took; the first that fails ends it."""
    lines = []
    for command in typed:
        lines += [f"printf '\\n$ %s\\n' {shlex.quote(command)}", "SECONDS=0", f"{command} || exit", 'echo "=> $SECONDS s"']
    return "\n".join(lines)


def type_at_terminal(command: Sequence[str], folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Run a command at a terminal, giving the password whenever it is asked for; return its exit status and what it showed."""
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
                # A terminal whose last process has ended gives an error, not an end of file.
                break
            log.write(more)
            log.flush()
            shown += more
            if shown.endswith(PROMPT):
                os.write(terminal, f"{PASSWORD}\n".encode())
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), shown.decode(errors="replace")


def faults(shown: str, log: str) -> list[str]:
    """Return what is wrong with ten steps that ended well."""
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
    """Type the ten steps; return the exit status."""
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
            # In a person's ~/.ssh/config; this one has no home in /etc/passwd, where ssh looks for it.
            "ANSIBLE_SSH_COMMON_ARGS": f"-F {name}/ssh_config",
        }
        environment.pop("PYTHONPATH", None)
        status, shown = type_at_terminal([*prefix, "bash", "-c", script(commands())], folder, environment)
        written = folder / "kafka-estate/.cache/ansible.log"
        found = faults(shown, written.read_text() if written.is_file() else "") if status == 0 else []
    # What a terminal shows in the end: of a line that was written over, the last.
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
