"""Judges what ``preflight_host`` observed on all hosts, and fails once with everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.estate.kafka.plugins.module_utils.estate.preflight import evaluate
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render


class ActionModule(ActionBase):  # type: ignore[misc]
    """``estate.kafka.preflight``: runs on the controller alone; see the module of that name for its documentation."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Fail with every problem of every host, or return the warnings."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        assert task_vars is not None
        every = task_vars["hostvars"]
        topology = self._task.args["topology"]
        seen = {host: _observed(every[host], self._task.args["register"]) for host in task_vars["ansible_play_hosts_all"]}
        problems, warnings = evaluate(topology["placement"], topology["topology"]["clusters"], seen)
        for line in render(warnings):
            Display().warning(line)
        lines = render(problems)
        if lines:
            result.update(
                failed=True,
                problems=lines,
                msg=f"{len(lines)} problem(s) on the hosts; none was changed:\n" + "\n".join(f"  - {line}" for line in lines),
            )
        result.update(
            changed=False,
            warned=render(warnings),
            unreachable_hosts=[host for host, what in seen.items() if what is None],
        )
        return result


def _observed(variables: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    result = variables.get(name, {})
    return result if "observed" in result or "error" in result else None
