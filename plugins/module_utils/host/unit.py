"""A systemd unit of this toolkit on its host: its state, its log, and whether it runs with the files on disk.

Every unit of the toolkit writes, before its process starts, the sha256 of the files it is about to use to
``/run/<unit>/started-with`` (see :func:`stale`).  A restart is due exactly when one of them differs now, no matter
whether this run, an interrupted run or a person changed it.
"""

from __future__ import annotations

import hashlib
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

POLL_SECONDS = 0.2
LOG_LINES = 25


@dataclass(frozen=True)
class Probe:
    """How to see that a service serves: ``tcp``, ``http`` (any of the given status codes), ``zookeeper`` or ``none``."""

    kind: str = "none"
    host: str = "127.0.0.1"
    port: int = 0
    path: str = "/"
    status: tuple[int, ...] = (200,)

    @classmethod
    def of(cls, params: dict[str, Any] | None) -> Probe:
        """Build the probe from module parameters (see :data:`PROBE_SPEC`)."""
        if not params:
            return cls()
        return cls(params["kind"], params["host"], params["port"] or 0, params["path"], tuple(params["status"]))

    def __str__(self) -> str:
        if self.kind == "http":
            return f"http://{self.host}:{self.port}{self.path} to answer {'/'.join(map(str, self.status))}"
        return f"{self.kind} {self.host}:{self.port}"

    def failure(self) -> str:
        """Return '' when the service serves, otherwise what was seen instead."""
        try:
            return str(getattr(self, f"_{self.kind}")())
        except OSError as error:
            return f"{type(error).__name__}: {error}"

    def _none(self) -> str:
        return ""

    def _tcp(self) -> str:
        with socket.create_connection((self.host, self.port), timeout=3):
            return ""

    def _http(self) -> str:
        try:
            with urllib.request.urlopen(f"http://{self.host}:{self.port}{self.path}", timeout=5) as answer:
                found = answer.status
        except urllib.error.HTTPError as error:
            found = error.code
        return "" if found in self.status else f"HTTP status {found}"

    def _zookeeper(self) -> str:
        answer = four_letter_word(self.host, self.port, "srvr")
        return "" if "\nMode: " in answer else (answer.strip() or "no answer to srvr")


PROBE_SPEC: dict[str, Any] = {
    "type": "dict",
    "options": {
        "kind": {"type": "str", "choices": ["tcp", "http", "zookeeper", "none"], "default": "none"},
        "host": {"type": "str", "default": "127.0.0.1"},
        "port": {"type": "int"},
        "path": {"type": "str", "default": "/"},
        "status": {"type": "list", "elements": "int", "default": [200]},
    },
}


def four_letter_word(host: str, port: int, word: str) -> str:
    """Send a ZooKeeper four-letter word and return the whole answer; raises OSError when the server cannot be reached."""
    with socket.create_connection((host, port), timeout=3) as connection:
        connection.sendall(word.encode())
        chunks = []
        while chunk := connection.recv(65536):
            chunks.append(chunk)
    return b"".join(chunks).decode(errors="replace")


def stale(started_with: str, current: dict[str, str]) -> list[str]:
    """Return the watched paths whose content is not the one the process started with.

    ``started_with`` is the output of sha256sum (``<hex>  <path>`` lines), ``current`` maps a path to its sha256 now.
    """
    then = {}
    for line in started_with.splitlines():
        digest, _, path = line.partition("  ")
        then[path] = digest
    return [path for path, digest in current.items() if then.get(path) != digest]


def unloaded(record: str, current: Mapping[str, str]) -> list[str]:
    """Return the files that came, changed or went since the process last read them; arguments as in :func:`stale`."""
    then = {path: digest for digest, _, path in (line.partition("  ") for line in record.splitlines())}
    return sorted(path for path in then.keys() | current.keys() if then.get(path) != current.get(path))


def within(path: str, roots: list[str]) -> bool:
    """Whether a path is one of the files, or lies in one of the directories."""
    return any(path == root or path.startswith(f"{root.rstrip('/')}/") for root in roots)


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
        """Run systemctl; fails the module with the unit's last log lines when it refuses."""
        code, out, err = self.module.run_command(["systemctl", *words])
        if code:
            self.fail(f"systemctl {' '.join(words)}: {(err or out).strip()}")

    def properties(self) -> dict[str, str]:
        """Return LoadState, ActiveState, SubState, UnitFileState, NeedDaemonReload, Result and MainPID."""
        names = "LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,Result,MainPID"
        _, out, _ = self.module.run_command(["systemctl", "show", self.name, f"--property={names}"], check_rc=True)
        return dict(line.split("=", 1) for line in out.splitlines() if "=" in line)

    def stale(self, watch: list[str]) -> list[str]:
        """Return the watched paths that changed after the running process started."""
        record = Path(f"/run/{self.name}/started-with")
        current = {path: hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in watch if Path(path).is_file()}
        return stale(record.read_text() if record.is_file() else "", current)

    def unloaded(self, roots: list[str]) -> list[str]:
        """Return the files under the roots that are other than those the process last read."""
        found = [path for root in map(Path, roots) for path in ([root] if root.is_file() else root.rglob("*")) if path.is_file()]
        current = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}
        return unloaded(self._loaded.read_text() if self._loaded.is_file() else "", current) if roots else []

    @property
    def _loaded(self) -> Path:
        return Path(f"/run/{self.name}/loaded-with")

    def reload(self, probe: Probe, prefix: str, timeout: float) -> None:
        """Reload the unit and wait until its process tells of it; fails when the process refuses the files."""
        begin, before, last = time.monotonic(), self._reload_state(probe, prefix), ""
        self.systemctl("reload", self.name)
        while prefix and time.monotonic() - begin < timeout:
            try:
                good, when = self._reload_state(probe, prefix)
            except (OSError, ValueError) as error:
                last = f"; last seen: {error}"
            else:
                if good and when != before[1]:
                    return
                if not good and before[0]:
                    break
            time.sleep(POLL_SECONDS)
        if prefix:
            # Without the record the next run tries again.
            self._loaded.unlink()
            self.fail(f"it did not take over its new configuration and runs with the one before{last}")

    def _reload_state(self, probe: Probe, prefix: str) -> tuple[bool, float]:
        if not prefix:
            return True, 0.0
        with urllib.request.urlopen(f"http://{probe.host}:{probe.port}/metrics", timeout=5) as answer:
            return reload_state(answer.read().decode(), prefix)

    def wait(self, probe: Probe, timeout: float) -> float:
        """Poll until the probe succeeds; return the seconds waited, or fail with the service's last log lines."""
        begin = time.monotonic()
        while failure := probe.failure():
            waited = time.monotonic() - begin
            state = self.properties()
            if state["ActiveState"] == "failed":
                self.fail(f"the service stopped ({state['Result']}) while this run waited for {probe}")
            if waited > timeout:
                self.fail(f"waited {timeout:.0f} s for {probe}; last seen: {failure}; unit is {state['ActiveState']}")
            time.sleep(POLL_SECONDS)
        return time.monotonic() - begin

    def fail(self, message: str) -> None:
        """End the module with the message and the last lines of the journal and of the log files."""
        self.module.fail_json(msg=f"{self.name}: {message}\n{self.last_lines()}", unit=self.name)

    def last_lines(self) -> str:
        """Return the last lines of the unit's journal and of its own log files."""
        _, journal, _ = self.module.run_command(
            ["journalctl", "--unit", self.name, "--no-pager", "--lines", str(LOG_LINES), "--output", "cat"]
        )
        parts = [f"--- journal of {self.name}\n{journal.rstrip()}"]
        for path in self.logs:
            if Path(path).is_file():
                lines = Path(path).read_text(errors="replace").splitlines()[-LOG_LINES:]
                parts.append(f"--- {path}\n" + "\n".join(lines))
        return "\n".join(parts)
