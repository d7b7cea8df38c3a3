# SPDX-License-Identifier: Apache-2.0
"""What the actions share that run on the controller alone: their frame, what hosts registered, files and lists of problems."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ControllerAction(ActionBase):  # type: ignore[misc]
    """An action that needs no connection and runs in check mode too. A subclass returns its result from ``answer``."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the task's result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        return result | self.answer(task_vars or {})

    @abstractmethod
    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Return the result, given the variables of the task."""

    def options(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of the task by name, with defaults. Raises AnsibleActionFail for those that ``spec`` refuses."""
        _, options = self.validate_argument_spec(argument_spec=spec)
        return dict(options)

    def write(self, path: Path, text: str, option: str) -> dict[str, Any]:
        """Write a file, except in check mode; return the failure, which names the ``option`` that chose the path, or {}."""
        if self._task.check_mode:
            return {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            return {"failed": True, "msg": f"{path}: {error.strerror}; give another {option}"}
        return {}


def registered(task_vars: Mapping[str, Any], name: str, hosts: str = "ansible_play_hosts_all") -> dict[str, Mapping[str, Any]]:
    """Return by host of the play what a task registered under a name; {} for a host on which it did not run.

    ``hosts`` is the variable that lists the hosts; ``ansible_play_hosts`` leaves out those that have failed.
    """
    return {str(host): task_vars["hostvars"][host].get(name, {}) for host in task_vars[hosts]}


def with_any(results: Mapping[str, Mapping[str, Any]], keys: Collection[str]) -> dict[str, Mapping[str, Any] | None]:
    """Return results by host; None for one that has none of the keys, as of a host that did not answer."""
    return {host: result if any(key in result for key in keys) else None for host, result in results.items()}


def refusal(heading: str, problems: Iterable[str]) -> dict[str, Any]:
    """Return a failure that lists problems, each on a line of its own, below their count and a heading."""
    lines = list(problems)
    return {"failed": True, "msg": f"{len(lines)} {heading}:\n" + "\n".join(f"  - {line}" for line in lines)}
