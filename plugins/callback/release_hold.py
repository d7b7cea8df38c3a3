# SPDX-License-Identifier: Apache-2.0
"""Lets the estate go when the run ends, well or not."""

from __future__ import annotations

DOCUMENTATION = r"""
name: release_hold
type: aggregate
short_description: lets the estate go when the run ends
version_added: 0.1.0
author: kafka-estate maintainers (!UNKNOWN)
description:
  - Removes the mark that M(estate.kafka.hold) has left on a host, after the last playbook of a command or the first that fails.
  - A task at the end of a playbook would not do, for Ansible stops before it when all hosts of a play have failed.
  - A run that is killed leaves its mark; M(estate.kafka.hold) says when that is replaced.
requirements:
  - set in C(callbacks_enabled) of ansible.cfg
"""

from typing import Any

from ansible import context
from ansible.executor.task_queue_manager import TaskQueueManager
from ansible.playbook.play import Play
from ansible.plugins.callback import CallbackBase
from ansible.utils.display import Display

HOLD = "estate.kafka.hold"


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "estate.kafka.release_hold"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._playbooks = 0
        self._play: Any = None
        self._context: Any = None
        self._held: tuple[str, str, bool] | None = None
        """The host whose task it was, the one that has the mark, and whether the task became root there."""

    def set_play_context(self, play_context: Any) -> None:
        self._context = play_context

    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._playbooks += 1

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._play = play

    def v2_runner_on_ok(self, result: Any) -> None:
        if result.task.action != HOLD:
            return
        for one in result.result.get("results", [result.result]):
            if one.get("held"):
                self._held = (result.host.get_name(), one["keeper"], bool(result.task.become))

    def v2_playbook_on_stats(self, stats: Any) -> None:
        failed = any(stats.failures.values()) or any(stats.dark.values())
        if self._held is None or (self._playbooks < len(context.CLIARGS["args"]) and not failed):
            return
        self._release(*self._held)
        self._held = None

    def _release(self, host: str, keeper: str, become: bool) -> None:
        """Run one task on the host that has the mark, with the connection and passwords of this run."""
        manager = self._play.get_variable_manager()
        inventory, loader = manager._inventory, self._play.get_loader()
        inventory.remove_restriction()
        task = {HOLD: {"state": "released"}, "delegate_to": keeper, "become": become, "tags": ["always"]}
        play = Play().load(
            {"name": "Let the estate go", "hosts": host, "gather_facts": False, "tasks": [task]},
            variable_manager=manager,
            loader=loader,
        )
        queue = TaskQueueManager(
            inventory=inventory,
            variable_manager=manager,
            loader=loader,
            passwords={"conn_pass": self._context.password, "become_pass": self._context.become_pass},
            stdout_callback_name="estate.kafka.silent",
            run_additional_callbacks=False,
            forks=1,
        )
        try:
            failed = queue.run(play) != queue.RUN_OK
        finally:
            queue.cleanup()
        if failed:
            Display().warning(f"{keeper} keeps the mark of this run in /run/kafka-estate/run.json: it could not be removed")
