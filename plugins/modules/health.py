# SPDX-License-Identifier: Apache-2.0
"""Documentation of an action that runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: health
short_description: Judge the whole estate by what its hosts observed
version_added: 0.1.0
description:
  - Takes what M(estate.kafka.observe) registered on every host of the play, makes one table of it, and fails when
    anything is not as the inventory says. Contacts no host.
options:
  topology: {description: The estate topology., type: dict, required: true}
  register: {description: Name under which M(estate.kafka.observe) was registered., type: str, required: true}
  may_lack:
    description: Whether a component that can be left out, and is installed on none of its hosts, is no problem.
    type: bool
    default: false
  left_out: {description: "Components that were not available, each with the reason.", type: dict, default: {}}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Judge
  estate.kafka.health:
    topology: "{{ estate_topology }}"
    register: __health_host
  run_once: true
"""

RETURN = r"""
estate_report: {description: The table for people., type: str, returned: always}
problems: {description: Everything that is wrong., type: list, elements: str, returned: always}
"""
