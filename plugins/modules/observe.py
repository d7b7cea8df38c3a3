#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""What the services of a host answer."""

from __future__ import annotations

DOCUMENTATION = r"""
module: observe
short_description: What the services of a host answer
version_added: 0.1.0
description:
  - Asks every component that the host carries, from the host itself, in one round trip. Changes nothing.
  - A component that does not answer is an observation, not a failure; M(estate.kafka.health) judges.
options:
  topology: {description: The estate topology., type: dict, required: true}
  host: {description: Name of this host in the inventory., type: str, required: true}
  only_agents:
    description: Whether to ask nothing but the JMX exporter agents, and to return C(silent_agents) alone.
    type: bool
    default: false
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Ask the services
  estate.kafka.observe:
    topology: "{{ estate_topology }}"
    host: "{{ inventory_hostname }}"
  register: __health_host
"""

RETURN = r"""
silent_agents:
  description: Components installed on this host whose agent does not answer, each with the reason.
  type: dict
  returned: with C(only_agents)
  sample: {kafka_broker: timed out}
observations:
  description: One for each component of the host; C(error) is empty when it answered.
  type: list
  elements: dict
  returned: without C(only_agents)
  sample: [{component: zookeeper, host: peter-zk01.foo.bar, error: "", mode: leader}]
versions:
  description: Version in use of each component that the toolkit installed on this host.
  type: dict
  returned: without C(only_agents)
  sample: {kafka: 3.9.2, zookeeper: 3.9.2}
system: {description: Operating system as it calls itself., type: str, returned: without C(only_agents)}
"""

from ansible_collections.estate.kafka.plugins.module_utils.health.observe import observe, silent_agents
from ansible_collections.estate.kafka.plugins.module_utils.host.releases import installed, operating_system
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "topology": {"type": "dict", "required": True},
            "host": {"type": "str", "required": True},
            "only_agents": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    topology, host = module.params["topology"], module.params["host"]
    if module.params["only_agents"]:
        module.exit_json(changed=False, silent_agents=silent_agents(topology, host))
    observations = observe(topology, host)
    module.exit_json(changed=False, observations=observations, versions=installed(), system=operating_system())


if __name__ == "__main__":
    main()
