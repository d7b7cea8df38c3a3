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

from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.host.kernel import (
    PATH,
    look,
    outcome,
    proc_path,
    refusals,
    text,
    wanted,
    warnings,
)
from ansible_collections.estate.kafka.plugins.module_utils.host.paths import write_whole
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "least": {"type": "dict", "default": {}},
            "exact": {"type": "dict", "default": {}},
            "path": {"type": "path", "default": PATH},
        },
        supports_check_mode=True,
    )
    least, exact, path = (module.params[name] for name in ("least", "exact", "path"))
    found = look([*least, *exact], path)
    try:
        values = wanted(found["values"], least, exact)
    except ValueError as error:
        module.fail_json(msg=f"least: {error}; settings that are no single number go under exact")
    refused = refusals(found, values)
    if not module.check_mode:
        refused |= _write(found, values, refused, path)
    for line in warnings(found, values, refused):
        module.warn(line)
    module.exit_json(**outcome(found, values, refused, path))


def _write(found: dict[str, Any], values: dict[str, str], refused: dict[str, str], path: str) -> dict[str, str]:
    """Set what is other than wanted and write the file; return why the kernel did not take settings, by name."""
    failed = {}
    for name, value in values.items():
        if found["values"].get(name) != value and name not in refused:
            try:
                proc_path(name).write_text(f"{value}\n")
            except OSError as error:
                failed[name] = str(error.strerror)
    if found["kept"] != text(values):
        file = Path(path)
        file.parent.mkdir(exist_ok=True)
        write_whole(file, text(values).encode())
    return failed


if __name__ == "__main__":
    main()
