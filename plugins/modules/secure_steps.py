#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the action ``estate.kafka.secure_steps``, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secure_steps
short_description: Steps that are left of the move of a live estate from open to secured
version_added: 0.2.0
description:
  - Returns the steps from the stages in which M(estate.kafka.preflight_host) found the members. Changes nothing.
  - Fails with every reason when there is no way, and when a host of the inventory is missing.
  - Runs on the controller.
options:
  topology: {description: The estate topology., type: dict, required: true}
  register:
    description: Name of the variable under which M(estate.kafka.preflight_host) was registered.
    type: str
    required: true
  back: {description: Go back., type: bool, default: false}
  confirmed: {description: Names of the clusters whose open port may be closed., type: list, elements: str, default: []}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: What is left
  estate.kafka.secure_steps:
    topology: "{{ estate_topology }}"
    register: __preflight_host
  run_once: true
  register: __secure
"""

RETURN = r"""
stands: {description: The lowest stage of the members by component., type: dict, returned: success}
steps: {description: Names of the steps that are left., type: list, elements: str, returned: success}
waits: {description: The last steps wait for a confirmation., type: bool, returned: success}
lines: {description: "The steps that are left, each with its way back.", type: list, elements: str, returned: success}
"""
