#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Kernel settings of a host, set where it allows that and reported where it does not."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kernel
short_description: Kernel settings, set where the host allows that and reported where it does not
version_added: 0.1.0
description:
  - Writes the settings into a file of C(/etc/sysctl.d) and into the running kernel, in one round trip.
  - A setting the host refuses, as containers do, is a warning and no failure.
options:
  least:
    description: Settings that must be at least this; a higher value is left as it is.
    type: dict
    default: {}
  exact: {description: Settings that must be exactly this., type: dict, default: {}}
  path: {description: File that keeps them over a reboot., type: path, default: /etc/sysctl.d/60-kafka-estate.conf}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Kernel settings
  estate.kafka.kernel:
    least: {vm.max_map_count: 262144}
    exact: {vm.swappiness: 1}
"""

RETURN = r"""
refused:
  description: Settings the host did not take, each with the reason.
  type: dict
  returned: always
ansible_facts:
  description: C(estate_kernel) holds the value of each setting in the running kernel.
  type: dict
  returned: always
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.formats.scalar import HEADER
from ansible_collections.estate.kafka.plugins.module_utils.host.paths import write_whole
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def wanted(current: Mapping[str, str], least: Mapping[str, int], exact: Mapping[str, Any]) -> dict[str, str]:
    """Return the value each setting is to have, given those of the running kernel."""
    raised = {name: str(max(int(value), int(current.get(name, value)))) for name, value in least.items()}
    return {**raised, **{name: " ".join(str(value).split()) for name, value in exact.items()}}


def text(values: Mapping[str, str]) -> str:
    """Return the file that keeps the settings."""
    return HEADER + "".join(f"{name} = {value}\n" for name, value in sorted(values.items()))


def place(name: str) -> Path:
    """Return where the running kernel keeps a setting."""
    return Path("/proc/sys") / name.replace(".", "/")


def running(names: list[str]) -> dict[str, str]:
    """Return the settings of the running kernel, without those it does not know."""
    return {name: " ".join(place(name).read_text().split()) for name in names if place(name).is_file()}


def write_running(name: str, value: str, check_mode: bool) -> str:
    """Set one value in the running kernel; return '' or why that cannot be done."""
    target = place(name)
    if not target.is_file():
        return "this kernel has no such setting"
    if not os.access(target, os.W_OK):
        return "the host does not let it be changed; in a container, set it on the machine that runs it"
    if not check_mode:
        try:
            target.write_text(f"{value}\n")
        except OSError as error:
            return str(error.strerror)
    return ""


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "least": {"type": "dict", "default": {}},
            "exact": {"type": "dict", "default": {}},
            "path": {"type": "path", "default": "/etc/sysctl.d/60-kafka-estate.conf"},
        },
        supports_check_mode=True,
    )
    least, exact = module.params["least"], module.params["exact"]
    before = running([*least, *exact])
    try:
        values = wanted(before, least, exact)
    except ValueError as error:
        module.fail_json(msg=f"least: {error}; settings that are no single number go under exact")
    refused = {}
    set_now = {}
    for name, value in values.items():
        if before.get(name) == value:
            continue
        reason = write_running(name, value, module.check_mode)
        if reason:
            refused[name] = reason
            module.warn(f"{name} is {before.get(name, 'not there')} instead of {value}: {reason}")
        else:
            set_now[name] = value

    path = Path(module.params["path"])
    kept = path.read_text() if path.is_file() else ""
    if kept != text(values) and not module.check_mode:
        path.parent.mkdir(exist_ok=True)
        write_whole(path, text(values).encode())
    changes = {name: before[name] for name in set_now}
    module.exit_json(
        changed=bool(set_now) or kept != text(values),
        refused=refused,
        ansible_facts={"estate_kernel": {**before, **set_now}},
        diff=[
            {"before_header": str(path), "after_header": str(path), "before": kept, "after": text(values)},
            {
                "before_header": "running kernel",
                "after_header": "running kernel",
                "before": text(changes) if changes else "",
                "after": text(set_now) if set_now else "",
            },
        ],
    )


if __name__ == "__main__":
    main()
