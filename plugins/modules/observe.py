#!/usr/bin/python
"""What the services of a host answer."""

from __future__ import annotations

DOCUMENTATION = r"""
module: observe
short_description: What the services of a host answer
description:
  - Asks every component that the host carries, from the host itself, in one round trip. Changes nothing.
  - A component that does not answer is an observation, not a failure; M(estate.kafka.health) judges.
options:
  topology: {description: The picture of the estate., type: dict, required: true}
  host: {description: Name of this host in the inventory., type: str, required: true}
attributes:
  check_mode: {support: full}
  diff_mode: {support: none}
author: kafka-estate maintainers
"""

EXAMPLES = r"""
- name: Ask the services
  estate.kafka.observe:
    topology: "{{ estate_topology }}"
    host: "{{ inventory_hostname }}"
  register: __health_host
"""

RETURN = r"""
observations:
  description: One for each component of the host; C(error) is empty when it answered.
  type: list
  elements: dict
  returned: always
  sample: [{component: zookeeper, host: peter-zk01.foo.bar, error: "", mode: leader}]
versions:
  description: Version in use of each component that the toolkit installed on this host.
  type: dict
  returned: always
  sample: {kafka: 3.9.2, zookeeper: 3.9.2}
system: {description: Operating system as it calls itself., type: str, returned: always}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.estate.kafka.plugins.module_utils.observations import observe
from ansible_collections.estate.kafka.plugins.module_utils.versions import installed, operating_system


def main() -> None:
    """Entry point of the module."""
    module = AnsibleModule(
        argument_spec={"topology": {"type": "dict", "required": True}, "host": {"type": "str", "required": True}},
        supports_check_mode=True,
    )
    observations = observe(module.params["topology"], module.params["host"])
    module.exit_json(changed=False, observations=observations, versions=installed(), system=operating_system())


if __name__ == "__main__":
    main()
