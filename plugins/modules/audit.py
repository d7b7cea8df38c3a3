# SPDX-License-Identifier: Apache-2.0
"""Documentation of an action that runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: audit
short_description: Judge the security of an estate by what its hosts and ports said
version_added: 0.2.0
description:
  - Judges each of the twelve statements of Kafka's Security Model, and every port, as pass, fail or not known, with what was
    seen and what to do. What is not known of any host never counts as pass.
  - Takes what M(estate.kafka.audit_host) and M(estate.kafka.audit_probe) registered on every host of the play. Contacts no host.
  - Fails unless every statement passes and no port answers strangers.
options:
  topology:
    description: The estate topology, for what each port is for; empty for an estate that this toolkit did not build.
    type: dict
    default: {}
  register:
    description: Names under which the modules were registered, as C(hosts) and C(probes).
    type: dict
    required: true
  path: {description: File on the controller that gets everything as JSON; not in check mode., type: path}
  machines:
    description: Super users that are known to be no people, such as C(User:backup); C(*) stands for any text.
    type: list
    elements: str
    default: []
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Judge
  estate.kafka.audit:
    topology: "{{ estate_topology }}"
    register: {hosts: __audit_host, probes: __audit_probe}
    path: .cache/audit.json
  run_once: true
"""

RETURN = r"""
estate_report: {description: The tables for people., type: str, returned: always}
audit:
  description: Everything as data, as it stands in the file. Evidence and remedies have a code and values besides their sentence.
  type: dict
  returned: always
  sample: {good: false, verdict: "3 of 12 statements pass, 8 fail, 1 not known, ports closed to strangers: 14 of 22"}
"""
