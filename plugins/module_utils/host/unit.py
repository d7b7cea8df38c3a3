# SPDX-License-Identifier: Apache-2.0
"""A systemd unit of this toolkit on its host: its state, its log, and whether it runs with the files on disk.

Every unit of the toolkit writes, before its process starts, the sha256 of the files it is about to use to
``/run/<unit>/started-with`` (see :func:`changed_since_start`).  A restart is due exactly when one of them differs now, no matter
whether this run, an interrupted run or a person changed it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.host.digest import file_digest
from ansible_collections.estate.kafka.plugins.module_utils.host.logs import condensed, culprit
from ansible_collections.estate.kafka.plugins.module_utils.host.probe import Probe
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll

# Lines shown of a journal or a log, and lines they are chosen from.
LOG_LINES = 12
READ_LINES, LINE_BYTES = 400, 500
# syslog(3): err is 3, warning 4.
ERROR_PRIORITY = 3
# A process that ended so often is not waited for any longer.
ENDS = 3
# One that ended so often, the last time within these seconds, serves nobody.
LOOP_SECONDS = 60
# Errors that end by themselves. A broker that was killed is in ZooKeeper until its session ends, after 18 s by default
# (zookeeper.session.timeout.ms), and cannot start anew before that. A broker that is stopped while it starts ends as one killed:
# "Kafka server is still starting up, cannot shut down!".
PASSING = ("NodeExistsException",)
# States in which a unit has a process, or is about to have one.
RUNS = ("active", "activating", "reloading")
STEADY = {"ActiveState": "active", "SubState": "running", "UnitFileState": "enabled", "NeedDaemonReload": "no"}
PROPERTIES = (
    "LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,Result,MainPID,NRestarts,ExecMainStatus,"
    "ExecMainStartTimestampMonotonic,InvocationID"
)


def changed_since_start(started_with: str, current: Mapping[str, str]) -> list[str]:
    """Return the watched paths whose content is not the one the process started with.

    ``started_with`` is the output of sha256sum (``<hex>  <path>`` lines), ``current`` maps a path to its sha256 now.
    """
    then = {path: digest for digest, _, path in (line.partition("  ") for line in started_with.splitlines())}
    return [path for path, digest in current.items() if then.get(path) != digest]


def with_runtime(watch: Sequence[str]) -> list[str]:
    """Return watched paths, and beside a Java the file in which that one tells its release.

    An update of the same path changes both, and neither is large.
    """
    found = list(watch)
    for path in map(Path, watch):
        release = (path.resolve().parent.parent / "release").resolve()
        if path.name == "java" and release.is_file():
            found.append(str(release))
    return found


def ends(state: Mapping[str, str]) -> int:
    """Return how often the process of a unit has ended by itself since somebody started it; see :meth:`Unit.properties`."""
    return int(state.get("NRestarts") or 0) + (state["SubState"] == "auto-restart" or state["ActiveState"] == "failed")


def serves_nobody(state: Mapping[str, str], now: float) -> bool:
    """Return whether a unit does not run, or starts and ends over and over; ``now`` is in seconds of the monotonic clock."""
    if state["ActiveState"] in ("inactive", "failed") or state["SubState"] == "auto-restart":
        return True
    age = now - int(state.get("ExecMainStartTimestampMonotonic") or 0) / 1e6
    return ends(state) >= ENDS and age < LOOP_SECONDS


def hopeless(first: int, now: int) -> bool:
    """Return whether a process that had ended so often when a wait began, and so often now, will not come up.

    What it needs may not have been there before the wait. So one of the starts that failed must lie in the wait.
    """
    return now - first >= ENDS or (now >= ENDS and now - first >= 2)


def unloaded(record: str, current: Mapping[str, str]) -> list[str]:
    """Return the files that came, changed or went since the process last read them.

    Arguments as in :func:`changed_since_start`.
    """
    then = {path: digest for digest, _, path in (line.partition("  ") for line in record.splitlines())}
    return sorted(path for path in then.keys() | current.keys() if then.get(path) != current.get(path))


def within(path: str, roots: list[str]) -> bool:
    """Whether a path is one of the files, or lies in one of the directories."""
    return any(path == root or path.startswith(f"{root.rstrip('/')}/") for root in roots)


def last_start(journal: str) -> list[str]:
    """Return what a unit's process said since its last start, or since the last one of which it said anything.

    ``journal`` is one JSON document a line, as journalctl writes them. Where the process never said anything, what systemd says.
    """
    by_start: dict[str, list[str]] = {}
    by_systemd: list[str] = []
    for line in journal.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        text = entry.get("MESSAGE")
        if isinstance(text, list):
            # Bytes, where a line is no text.
            text = bytes(text).decode(errors="replace")
        if entry.get("_TRANSPORT") not in ("stdout", "syslog"):
            # systemd on its way to the process has the program's name in parentheses; what it only warns of ended nothing.
            if not (str(entry.get("SYSLOG_IDENTIFIER")).startswith("(") and int(entry.get("PRIORITY", 3)) > ERROR_PRIORITY):
                by_systemd.append(str(text))
        else:
            by_start.setdefault(entry.get("_SYSTEMD_INVOCATION_ID", ""), []).append(str(text))
    return list(by_start.values())[-1] if by_start else by_systemd


def reload_state(metrics: str, prefix: str) -> tuple[bool, float]:
    """Return whether the last reload succeeded, and when one last did, from a process's own metrics.

    Raises ValueError when they do not say.
    """
    values = []
    for name in ("successful", "success_timestamp_seconds"):
        found = re.search(rf"^{re.escape(prefix)}_config_last_reload_{name} (\S+)$", metrics, re.MULTILINE)
        if not found:
            raise ValueError(f"no metric {prefix}_config_last_reload_{name}")
        values.append(float(found.group(1)))
    return values[0] == 1, values[1]


class Unit:
    """One systemd unit, seen through ``systemctl`` run by the given module."""

    def __init__(self, module: Any, name: str, logs: list[str]) -> None:
        self.module = module
        self.name = name
        self.logs = logs

    def systemctl(self, *words: str) -> None:
        """Run systemctl; fails the module with the service's own error when it refuses."""
        code, out, err = self.module.run_command(["systemctl", *words])
        if code:
            self.fail_ended(f"systemctl {' '.join(words)}: {(err or out).strip()}")

    def properties(self) -> dict[str, str]:
        """Return what systemd knows of the unit, by the names in PROPERTIES."""
        _, out, _ = self.module.run_command(["systemctl", "show", self.name, f"--property={PROPERTIES}"], check_rc=True)
        return dict(line.split("=", 1) for line in out.splitlines() if "=" in line)

    def serves_nobody(self, probe: Probe) -> bool:
        """Return whether it does not run, or starts and ends over and over and does not serve at this moment."""
        state = self.properties()
        return serves_nobody(state, time.monotonic()) and (state["SubState"] != "running" or bool(probe.failure()))

    def is_steady(self, watch: list[str], reload: list[str], probe: Probe) -> bool:
        """Return whether it is enabled and running, has read everything on disk, and serves; nothing is waited for."""
        _, out, _ = self.module.run_command(["systemctl", "show", self.name, f"--property={PROPERTIES}"])
        state = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
        return (
            all(state.get(name) == value for name, value in STEADY.items())
            and not self.changed_since_start(watch)
            and not self.unloaded(reload)
            and not probe.failure()
        )

    def changed_since_start(self, watch: list[str]) -> list[str]:
        """Return the watched paths that changed after the running process started."""
        record = Path(f"/run/{self.name}/started-with")
        current = {path: file_digest(Path(path)) for path in with_runtime(watch) if Path(path).is_file()}
        return changed_since_start(record.read_text() if record.is_file() else "", current)

    def digests(self, roots: list[str]) -> dict[str, str]:
        """Return the sha256 of the files under the roots."""
        found = [path for root in map(Path, roots) for path in ([root] if root.is_file() else root.rglob("*")) if path.is_file()]
        return {str(path): file_digest(path) for path in found}

    def unloaded(self, roots: list[str]) -> list[str]:
        """Return the files under the roots that are other than those the process last read."""
        current = self.digests(roots)
        return unloaded(self._loaded.read_text() if self._loaded.is_file() else "", current) if roots else []

    def loaded(self, digests: Mapping[str, str]) -> None:
        """Write down what the process has read, as the unit does where it reloads the process itself."""
        self._loaded.write_text("".join(f"{digest}  {path}\n" for path, digest in digests.items()))

    @property
    def _loaded(self) -> Path:
        return Path(f"/run/{self.name}/loaded-with")

    def reload(self, probe: Probe, prefix: str, timeout: float) -> None:
        """Reload the unit and wait until its process tells of it; fails when the process refuses the files.

        ``timeout`` is in seconds.
        """
        before = reload_state(probe.metrics(), prefix) if prefix else (True, 0.0)
        self.systemctl("reload", self.name)
        if not prefix:
            return
        last = ""

        def taken() -> bool | None:
            """Return whether the process took its files over, None where it has not said."""
            nonlocal last
            try:
                good, when = reload_state(probe.metrics(), prefix)
            except (OSError, ValueError) as error:
                last = f"; last seen: {error}"
                return None
            if good and when != before[1]:
                return True
            return False if not good and before[0] else None

        if not poll(taken, lambda verdict: verdict is not None, timeout):
            # Without the record the next run tries again.
            self._loaded.unlink(missing_ok=True)
            self.fail(f"it did not take over its new configuration and runs with the one before{last}")

    def wait(self, probe: Probe, timeout: float) -> float:
        """Poll until the probe succeeds; return the seconds waited.

        Fails with the service's own error when its time is over, and as soon as the process will not come up.
        """
        begin, watch = time.monotonic(), Watch(self)

        def lacks() -> str:
            failure = probe.failure()
            if not failure:
                return ""
            state = watch.look(f"this run waited for {probe}")
            return f"last seen: {failure}; unit is {state['ActiveState']}"

        if last := poll(lacks, lambda last: not last, timeout):
            self.fail(f"waited {timeout:.0f} s for {probe}; {last}")
        return time.monotonic() - begin

    def fail(self, message: str) -> None:
        """End the module with the message, the service's own error if it tells one, and its last lines."""
        error, shown = self._told({})
        self.module.fail_json(
            msg=f"{self.name}: {message}" + (f"\nits own error: {error}" if error else "") + shown, unit=self.name
        )

    def fail_ended(self, message: str, since: Mapping[str, int] | None = None) -> None:
        """End the module with the error of a service that ended, then the message and its last lines.

        ``since`` is the size that a log had before its last start.
        """
        error, shown = self._told(since or {})
        self.module.fail_json(msg=f"{self.name}: " + (f"{error}\n" if error else "") + message + shown, unit=self.name)

    def own_error(self, since: Mapping[str, int]) -> str:
        """Return why the service ended, in its own words; '' when it does not say. ``since`` is as in :meth:`fail_ended`."""
        return self._told(since)[0]

    def log_sizes(self) -> dict[str, int]:
        """Return the bytes of each log file that is there."""
        return {path: Path(path).stat().st_size for path in self.logs if Path(path).is_file()}

    def _told(self, since: Mapping[str, int]) -> tuple[str, str]:
        """Return the service's own error, from its logs before the journal, and the last lines of all."""
        begun = time.time() - time.monotonic() + int(self.properties().get("ExecMainStartTimestampMonotonic") or 0) / 1e6
        sources = {
            str(path): _tail(path, since.get(str(path), 0))
            for path in map(Path, self.logs)
            # A process that ended before it wrote has left the log of an earlier one.
            if path.is_file() and path.stat().st_mtime > begun - LOOP_SECONDS
        }
        sources[f"journal of {self.name}"] = last_start(self._journal())
        error = next((found for lines in sources.values() if (found := culprit(lines))), "")
        return error, "".join(
            f"\n{line}" for name, lines in sources.items() for line in (f"--- {name}", *condensed(lines, LOG_LINES))
        )

    def _journal(self) -> str:
        command = ["journalctl", "--unit", self.name, "--no-pager", "--lines", str(READ_LINES), "--output", "json"]
        return str(self.module.run_command(command)[1])


class Watch:
    """Sees a process that ends again and again while somebody waits for it."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.first = self.last = ends(unit.properties())
        self.since = self.before = unit.log_sizes()
        self.excused = -1

    def look(self, occasion: str) -> dict[str, str]:
        """Return the unit's properties; fails the module when the process will not come up."""
        state = self.unit.properties()
        now = ends(state)
        # Somebody else may have started it anew.
        self.first = min(self.first, now)
        if now != self.last:
            self.last, self.before, self.since = now, self.since, self.unit.log_sizes()
        if state["ActiveState"] == "failed":
            self.unit.fail_ended(f"the service stopped ({state['Result']}) while {occasion}", self.before)
        if hopeless(self.first, now) and not self._passes(now):
            self.unit.fail_ended(f"the service ended {now - self.first} times while {occasion}, {now} times in all", self.before)
        return state

    def _passes(self, now: int) -> bool:
        """Return whether the end that is the ``now``-th had a reason that ends by itself."""
        if now != self.excused and any(error in self.unit.own_error(self.before) for error in PASSING):
            self.excused = now
        return now == self.excused


def _tail(path: Path, begin: int) -> list[str]:
    """Return the last lines of a file that may be large, but none before ``begin``, if it still is as long as that."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(begin if begin < size else 0, size - READ_LINES * LINE_BYTES))
        return file.read().decode(errors="replace").splitlines()[-READ_LINES:]
