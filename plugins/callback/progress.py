# SPDX-License-Identifier: Apache-2.0
"""One line per step on the screen, everything in the log."""

from __future__ import annotations

DOCUMENTATION = r"""
name: progress
type: stdout
short_description: one line per step, everything else in the log
version_added: 0.1.0
author: kafka-estate maintainers (!UNKNOWN)
description:
  - Prints one line for each play that did something, with its number among all plays of the run, hosts, tasks,
    changes and seconds.
  - Prints at once what a person must see, which is failures, unreachable hosts, warnings, diffs, messages of C(debug) and any
    string a module returns as C(estate_report).
  - Shows with a failure the task's file and line and, where Ansible knows it, the origin of the value that failed, which is a
    file, a line and a column. A line that may hold a secret, and any of a task with C(no_log), is not shown.
  - Says what a run waits for after fifteen silent seconds.
  - Writes every result of every task and host to the log only (C(log_path) in ansible.cfg). A terminal run with C(-v) shows
    them on the screen too, one with C(-vv) also the path of each task.
  - In check mode lists, under each step, the tasks that would change something.
  - With E(ESTATE_STATS) set to a path, writes there as JSON how many tasks ran for each role and host, and the time taken.
requirements:
  - set as stdout_callback in ansible.cfg
"""

import collections
import json
import os
import resource
import shutil
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible import context
from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import filter_loader, test_loader
from ansible_collections.estate.kafka.plugins.plugin_utils.progress import (
    Step,
    count,
    duration,
    message,
    names,
    shortest,
    where,
)

SILENCE = 15.0
"""Seconds without a line after which the run says what it waits for; doubled each time it has said so."""

MAX_HOSTS_NAMED = 5
"""At most this many tasks that changed something are named at the end of a run."""


def load_jinja_plugins() -> None:
    """Load Ansible's filters and tests once, before the workers fork; otherwise each task of each host loads them anew.

    Measured on sixty brokers: 0.8 of the controller's CPU time.
    """
    for name in ("ansible.builtin.default", "estate.kafka.merged"):
        filter_loader.get(name)
    test_loader.get("ansible.builtin.defined")


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "estate.kafka.progress"

    def __init__(self) -> None:
        super().__init__()
        self._started = time.monotonic()
        self._playbooks = 0
        self._steps: list[str] = []
        self._step: Step | None = None
        self._task = ""
        self._waiting: dict[str, float] = {}
        self._failures: dict[str, list[str]] = {}
        self._failed_items: dict[tuple[str, str], list[tuple[dict[str, Any], Any]]] = {}
        """Errors of a loop's failed items, by host and task: its result has them as text only."""
        self._changed: dict[str, list[str]] = {}
        self._counts: dict[str, dict[str, collections.Counter[str]]] = {}
        self._tty = sys.stdout.isatty()
        self._transient = False
        self._last_line = time.monotonic()
        self._silence = SILENCE
        self._done = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def _check(self) -> bool:
        return bool(context.CLIARGS.get("check"))

    def _place(self, name: str) -> str:
        """Which step of how many. A playbook that is imported twice is one step."""
        if name not in self._steps:
            self._steps.append(name)
        steps = str(len(self._steps))
        return f"[{self._steps.index(name) + 1:>{len(steps)}}/{steps}]"

    # -- the screen ---------------------------------------------------------------------------------------------

    def _show(self, text: str, color: str | None = None) -> None:
        """A line for screen and log."""
        self._clear()
        self._display.display(text, color=color)
        with self._display._lock:
            sys.stdout.flush()
        self._last_line = time.monotonic()
        self._silence = SILENCE

    def _log(self, text: str) -> None:
        """A line for the log; with -v for the screen too."""
        if self._display.verbosity:
            self._show(text)
        else:
            self._display.display(text, log_only=True)

    def _clear(self) -> None:
        if self._transient:
            with self._display._lock:
                sys.stdout.write("\r\x1b[K")
            self._transient = False

    def _show_current(self) -> None:
        """On a terminal, the running task on a line that the next one replaces."""
        if not self._tty or self._display.verbosity or self._step is None:
            return
        text = f"{self._place(self._step.name)} {self._step.name} … {self._task}"
        with self._display._lock:
            sys.stdout.write("\r\x1b[K" + text[: shutil.get_terminal_size().columns - 1])
            sys.stdout.flush()
        self._transient = True

    def _watch(self) -> None:
        """A thread's work: after a silence, say what the run waits for."""
        while not self._done.wait(1.0):
            silent = time.monotonic() - self._last_line
            waiting = dict(self._waiting)
            if silent < self._silence or not waiting or self._step is None:
                continue
            since = time.monotonic() - min(waiting.values())
            text = f"        … {self._step.name}: {self._task}, waiting for {names(sorted(waiting))} ({round(since)} s)"
            # The display's lock is also held around every fork, so no worker is born while this thread prints.
            with self._display._lock:
                sys.stdout.write(("\r\x1b[K" if self._transient else "") + text + "\n")
                sys.stdout.flush()
                self._transient = False
            self._silence = silent * 2

    # -- the run ------------------------------------------------------------------------------------------------

    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._playbooks += 1
        load_jinja_plugins()
        for play in playbook.get_plays():
            name = play.get_name()
            if name not in self._steps and self._has_hosts(play):
                self._steps.append(name)
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, daemon=True)
            self._watcher.start()

    @staticmethod
    def _has_hosts(play: Any) -> bool:
        try:
            return bool(play.get_variable_manager()._inventory.get_hosts(play.hosts))
        except Exception:
            # A pattern with a template in it is known only when the play starts.
            return True

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._end_step()
        self._step = Step(play.get_name())
        self._display.display(f"PLAY {play.get_name()}", log_only=True)

    def _end_step(self) -> None:
        self._waiting.clear()
        step, self._step = self._step, None
        self._clear()
        if step is None or not step.tasks:
            return
        color = C.COLOR_ERROR if step.failed else C.COLOR_CHANGED if step.changed else C.COLOR_OK
        self._show(step.line(self._place(step.name), self._check), color)
        for task, hosts in step.changed.items():
            if self._check:
                self._show(f"        would change: {task}: {names(sorted(hosts))}")
            self._changed.setdefault(f"{step.name}: {task}", []).extend(hosts)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._task = self._task_name(task)
        self._waiting.clear()
        text = f"TASK {self._task} · {self._task_path(task)}"
        if self._display.verbosity > 1:
            self._show(text)
        else:
            self._display.display(text, log_only=True)
        self._show_current()

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        self.v2_playbook_on_task_start(task, False)

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self._waiting[host.get_name()] = time.monotonic()

    @staticmethod
    def _task_name(task: Any) -> str:
        """The role first, without its collection: the one that the play names, not one that it imports in turn."""
        role, node = None, task
        while node is not None:
            role, node = node._role or role, node._parent
        name = str(task.name or task.action)
        return f"{role.get_name(include_role_fqcn=False)} : {name}" if role else name

    @staticmethod
    def _task_path(task: Any) -> str:
        path = task.get_path()
        return shortest(path) if path else ""

    def _label(self, result: Any) -> str:
        """The host, and the one that did the task instead; not where a loop has several of these."""
        label = str(self.host_label(result))
        return label if "{{" not in label else str(result.host.get_name())

    # -- results ------------------------------------------------------------------------------------------------

    def _record(self, result: Any, status: str) -> None:
        """Count one result of one host and write it to the log."""
        host, task = result.host.get_name(), result.task
        self._waiting.pop(host, None)
        if isinstance(task, TaskInclude):
            return
        role = task._role.get_name() if task._role else f"play {self._step.name}" if self._step else "play"
        counts = self._counts.setdefault(role, {}).setdefault(host, collections.Counter())
        counts["skipped" if status == "skipped" else "executed"] += 1
        if self._step is not None and status != "skipped":
            self._step.hosts.add(host)
            self._step.tasks.add(task._uuid)
            if status == "changed":
                self._step.changed.setdefault(self._task_name(task), []).append(host)
            elif status in ("failed", "unreachable"):
                self._step.failed += 1
        text = f"{status:11} {self._label(result)} · {self._task_name(task)}"
        if status in ("failed", "unreachable") or self._display.verbosity:
            text += f" => {self._dump_results(result.result)}"
        elif status == "ignored":
            text += f"\n{textwrap.indent(self._explain(result), ' ' * 8)}"
        self._log(text)

    def _report(self, result: Any, failed: bool = False) -> None:
        """What a result has for a person's eyes."""
        self._clear()
        self._handle_warnings(result.result)
        for one in self._each(result):
            report = one.get("estate_report")
            if isinstance(report, str) and report:
                self._show(report.rstrip("\n"))
            elif result.task.action in C._ACTION_DEBUG and "skip_reason" not in one and not failed:
                shown = {key: value for key, value in one.items() if key not in ("changed", "failed", "_ansible_verbose_always")}
                text = shown.get("msg", self._dump_results(shown))
                if isinstance(text, list):
                    text = "\n".join(str(line) for line in text)
                self._show(textwrap.indent(f"{result.host.get_name()}: {text}", " " * 8))

    @staticmethod
    def _each(result: Any) -> list[dict[str, Any]]:
        """A loop's results, or the one result."""
        if result.task.loop and isinstance(result.result.get("results"), list):
            return [one for one in result.result["results"] if isinstance(one, dict)]
        return [result.result]

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record(result, "changed" if result.is_changed() else "ok")
        self._report(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._record(result, "skipped")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record(result, "ignored" if ignore_errors else "failed")
        self._report(result, failed=True)
        if not ignore_errors:
            self._show_failure(result, "FAILED", self._explain(result))

    def _explain(self, result: Any) -> str:
        """What failed and where, as lines for a person."""
        whole = [(result.result, result.exception)]
        failed = self._failed_items.pop((result.host.get_name(), result.task._uuid), whole)
        path = self._task_path(result.task)
        return "\n".join(f"{message(one)}\n{where(error, path, excerpts='censored' not in one)}" for one, error in failed)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        # Noted one by one: from ansible-core 2.21 on, a result does not say itself that it failed.
        key = (result.host.get_name(), result.task._uuid)
        self._failed_items.setdefault(key, []).append((result.result, result.exception))

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record(result, "unreachable")
        self._report(result)
        self._show_failure(result, "UNREACHABLE", message(result.result))

    def _show_failure(self, result: Any, what: str, text: str) -> None:
        host, task = result.host.get_name(), self._task_name(result.task)
        same = self._failures.setdefault(f"{task}\n{text}", [])
        same.append(host)
        head = f"{what}  {self._label(result)} · {task}"
        if len(same) > 1:
            self._show(f"{head} (the same as {same[0]})", C.COLOR_ERROR)
        else:
            self._show(f"{head}\n{textwrap.indent(text, ' ' * 8)}", C.COLOR_ERROR)

    def v2_runner_retry(self, result: Any) -> None:
        attempt = result.result.get("attempts")
        self._log(f"{'retry':11} {self._label(result)} · {self._task_name(result.task)} (attempt {attempt})")

    def v2_on_file_diff(self, result: Any) -> None:
        for one in self._each(result):
            if one.get("diff") and one.get("changed"):
                diff = self._get_diff(one["diff"])
                if diff.strip():
                    self._show(f"        {self._label(result)} · {self._task_name(result.task)}", C.COLOR_CHANGED)
                    self._show(diff.rstrip("\n") + "\n")

    def v2_playbook_on_no_hosts_remaining(self) -> None:
        self._show("No host is left to go on with.", C.COLOR_ERROR)

    # -- the end ------------------------------------------------------------------------------------------------

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._end_step()
        failed = any(stats.failures.values()) or any(stats.dark.values())
        if self._playbooks < len(context.CLIARGS["args"]) and not failed:
            return  # more playbooks follow on the same command line
        self._done.set()
        quiet: list[str] = []
        for host in sorted(stats.processed):
            numbers = stats.summarize(host)
            if numbers["changed"] or numbers["failures"] or numbers["unreachable"]:
                self._show(
                    f"{host}  ok={numbers['ok']} changed={numbers['changed']} failed={numbers['failures']}"
                    f" unreachable={numbers['unreachable']} skipped={numbers['skipped']}",
                    C.COLOR_ERROR if numbers["failures"] or numbers["unreachable"] else C.COLOR_CHANGED,
                )
            elif host != "localhost":
                quiet.append(host)
        if quiet:
            self._show(f"nothing changed on {count(len(quiet), 'host')}", C.COLOR_OK)
        if 0 < len(self._changed) <= MAX_HOSTS_NAMED and not self._check:
            for task, hosts in self._changed.items():
                self._show(f"  changed by {task}: {names(sorted(hosts))}")
        took = time.monotonic() - self._started
        log = C.DEFAULT_LOG_PATH
        self._show(duration(took) + (f" · full log: {shortest(log)}" if log else ""))
        if path := os.environ.get("ESTATE_STATS"):
            self._write_stats(Path(path), took, stats)

    def _write_stats(self, path: Path, took: float, stats: Any) -> None:
        # Processes still alive, such as an accelerator's, are not in these CPU seconds: who needs them all measures from outside.
        usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        data = {
            "seconds": round(took, 3),
            "cpu_seconds": round(sum(one.ru_utime + one.ru_stime for one in usage), 3),
            "tasks": self._counts,
            "recap": {host: stats.summarize(host) for host in sorted(stats.processed)},
        }
        path.write_text(json.dumps(data, indent=2, sort_keys=True) + "\n")
