"""What a deployment on the scenario's fresh hosts holds under: kills of the controller, and a read-only store.

`make hosts-faults` runs it. KILLS says how often the fresh run is killed (5), LATEST how many seconds after its start at most
(90), SEED makes the moments of an earlier run again. Each line of the output is one thing that was seen; the first that is not
as it must be ends the program.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = f"--inventory={ROOT}/molecule/hosts/inventory"
LOG = ROOT / ".cache/hosts-faults.log"
# The longest that a fresh run is waited for, and within which it is killed unless it ends before.
LONGEST, LATEST = 3600, float(os.environ.get("LATEST", "90"))
# Molecule wants colours, in which the results could not be read.
PLAIN = {**os.environ, "ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_NOCOLOR": "1"}


def see(words: str) -> None:
    """Say what was seen."""
    print(words, flush=True)


def must(right: bool, words: str, output: str = "") -> None:
    """Say what was seen, or end with it and the end of the run's output."""
    if not right:
        sys.exit(f"NOT so: {words}\n{output[-4000:]}")
    see(words)


def command(*arguments: str) -> list[str]:
    """Return the command of one run on the scenario's hosts."""
    return [str(Path(sys.executable).with_name("ansible-playbook")), INVENTORY, *arguments]


def run(*arguments: str, before: Sequence[str] = ()) -> tuple[int, str]:
    """Run playbooks; return exit status and output."""
    done = subprocess.run(
        [*before, *command(*arguments)], cwd=ROOT, env=PLAIN, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    output = done.stdout + done.stderr
    with LOG.open("a") as log:
        log.write(f"$ {' '.join(arguments)}\n{output}\n=> {done.returncode}\n")
    return done.returncode, output


def killed(moment: float) -> str:
    """Start a run of site.yml and kill its controller, with all its processes; return where it was, '' if it had ended."""
    with LOG.open("a+") as log:
        log.seek(0, os.SEEK_END)
        start = log.tell()
        process = subprocess.Popen(command("site.yml"), cwd=ROOT, env=PLAIN, stdout=log, stderr=log, start_new_session=True)
        try:
            process.wait(timeout=moment)
            return ""
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.seek(start)
        lines = [line.strip() for line in log.read().splitlines() if line.strip()]
    return lines[-1] if lines else "the start"


def kills() -> None:
    """Kill the controller of a fresh run at random moments; the next run goes on, and what it makes is whole."""
    seed = os.environ.get("SEED") or str(random.randrange(10**6))
    moments = random.Random(seed)
    see(f"SEED={seed}")
    for number in range(int(os.environ.get("KILLS", "5"))):
        moment = moments.uniform(3, LATEST)
        where = killed(moment)
        if not where:
            see(f"run {number + 1} ended before {moment:.0f} s")
            break
        see(f"run {number + 1} was killed after {moment:.0f} s: {where}")
    status, output = run("site.yml")
    must(status == 0, "the next run ends well", output)
    started = time.monotonic()
    status, output = run("site.yml")
    must(status == 0 and "nothing changed on 3 hosts" in output, "one more changes nothing", output)
    see(f"and took {time.monotonic() - started:.0f} s")
    status, output = run("playbooks/health.yml")
    must(status == 0 and "All is well." in output, "health says that all is well", output)


def read_only(store: Path) -> list[str]:
    """Return the command prefix for which a folder may only be read."""
    bound = f"mount --bind {store} {store} && mount -o remount,bind,ro {store} && exec"
    return ["unshare", "--mount", "sh", "-c", f'{bound} "$@"', "sh"]


def read_only_store() -> None:
    """A store that cannot be written serves what it has, and what it lacks is named."""
    status, output = run("site.yml", before=read_only((ROOT / ".cache/store").resolve()))
    must(status == 0, "a complete store may be read-only", output)
    empty = ROOT / ".cache/hosts-faults-store"
    empty.mkdir(exist_ok=True)
    status, output = run("playbooks/artifacts.yml", "-e", f"estate_store={empty}", before=read_only(empty))
    said = " ".join(output.split())
    must(status != 0 and "Traceback" not in said and str(empty) in said, "one that lacks something is named", output)


def main() -> None:
    """Try one thing after the other."""
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_text("")
    kills()
    read_only_store()


if __name__ == "__main__":
    main()
