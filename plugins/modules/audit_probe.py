#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Ports of other hosts, asked from this one."""

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_probe
short_description: Whether ports of other hosts answer without a login, and which TLS they speak
version_added: 0.2.0
description:
  - Asks each port from this host, as somebody without login or certificate. A probe is one handshake or one harmless request.
  - Changes nothing and logs in nowhere.
options:
  targets:
    description: What to ask; the filter P(estate.kafka.audit_targets#filter) makes it.
    type: list
    elements: dict
    required: true
    suboptions:
      host: {description: Name of the host., type: str, required: true}
      address: {description: Address of the host., type: str, required: true}
      port: {description: The port., type: int, required: true}
      speaks: {description: "C(kafka), C(zookeeper), C(quorum), C(http), or empty where it is not known.", type: str, default: ""}
      plain: {description: Whether the service says that it speaks no TLS there., type: bool, default: false}
  timeout: {description: Seconds for one connection., type: float, default: 3}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Ask a broker's port
  estate.kafka.audit_probe:
    targets:
      - {host: one.example.com, address: 10.0.0.7, port: 9092, speaks: kafka}
"""

RETURN = r"""
probes:
  description: What each target answered. C(answer) is open, login, certificate, closed or unknown.
  type: list
  elements: dict
  returned: always
  sample: [{host: one.example.com, address: 10.0.0.7, port: 9092, tls: null, answer: open, how: "Kafka, asks for no login"}]
"""

from ansible_collections.estate.kafka.plugins.module_utils.audit.probe import probe_all
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "targets": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "host": {"type": "str", "required": True},
                    "address": {"type": "str", "required": True},
                    "port": {"type": "int", "required": True},
                    "speaks": {"type": "str", "default": ""},
                    "plain": {"type": "bool", "default": False},
                },
            },
            "timeout": {"type": "float", "default": 3},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, probes=probe_all(module.params["targets"], module.params["timeout"]))


if __name__ == "__main__":
    main()
