#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Lets one run at a time change the estate."""

from __future__ import annotations

DOCUMENTATION = r"""
module: hold
short_description: Let one run at a time change the estate
version_added: 0.2.0
description:
  - Marks on one host of the estate that a run changes it; C(/run/kafka-estate/run.json) says who, since when, and with which
    playbook, inventory and limit. Fails where another run has done so.
  - The controller fills in what the mark says. The callback C(estate.kafka.release_hold) removes it at the run's end.
  - A mark that a dead run has left is replaced without a word where the run was of the same machine. Otherwise it is replaced
    when the host has not heard of its run for O(idle_max) seconds, or when O(take_over) names it.
  - A login that may not write the mark is refused like any other where another run holds the estate; it does not hold it.
options:
  state: {description: Hold the estate or let it go., type: str, choices: [held, released], default: held}
  take_over: {description: Id of the run whose mark is replaced; the refusal says it., type: str, default: ""}
  idle_max:
    description: Seconds without a sign of a run of another machine after which it counts as ended.
    type: float
    default: 14400
  run: {description: What the mark says. The controller fills it in., type: dict, default: {}}
extends_documentation_fragment: [ansible.builtin.action_common_attributes]
attributes:
  check_mode:
    description: Changes nothing, so it is not refused, and holds nothing.
    support: full
  diff_mode: {support: none}
  platform: {support: full, platforms: posix}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Hold the estate
  estate.kafka.hold:
    take_over: "{{ estate_take_over | default(omit) }}"
  become: true
"""

RETURN = r"""
held: {description: Whether this run has its mark on the host., type: bool, returned: always}
mark: {description: The mark of the run that holds the estate instead; empty if none does., type: dict, returned: always}
keeper: {description: The host that was asked., type: str, returned: success}
answered: {description: Whether that host could be reached., type: bool, returned: success}
"""

from ansible_collections.estate.kafka.plugins.module_utils.host.mark import MarkFile
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "state": {"type": "str", "choices": ["held", "released"], "default": "held"},
            "take_over": {"type": "str", "default": ""},
            "idle_max": {"type": "float", "default": 14400},
            "run": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    run = module.params["run"]
    file = MarkFile()
    try:
        if module.params["state"] == "released":
            file.release(run["id"])
            held, mark = False, None
        else:
            mark = file.take(run, module.params["take_over"])
            held = mark is None
    except PermissionError:
        held, mark = False, file.read()
    module.exit_json(changed=False, held=held, mark=mark or {})


if __name__ == "__main__":
    main()
