#!/usr/bin/python
"""What a Kafka cluster says of itself."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_info
short_description: Brokers, controller and partitions of a Kafka cluster
description:
  - Reads the cluster's metadata over one connection and names the partitions that are not as they should be.
  - Changes nothing.
extends_documentation_fragment: [estate.kafka.client]
attributes:
  check_mode: {support: full}
  diff_mode: {support: none}
author: kafka-estate maintainers
"""

EXAMPLES = r"""
- name: State of kafka-1
  estate.kafka.cluster_info:
    client: {bootstrap.servers: "{{ estate_topology.clusters['kafka-1'].bootstrap }}"}
  register: __kafka_1
  failed_when: __kafka_1.offline | length > 0
"""

RETURN = r"""
cluster_id: {description: Id of the cluster., type: str, returned: success}
controller: {description: Id of the controller., type: int, returned: success}
brokers:
  description: Live brokers.
  type: list
  elements: dict
  returned: success
  sample: [{id: 1, host: peter-kafka01.foo.bar, port: 9092}]
topics: {description: Number of topics., type: int, returned: success}
partitions: {description: Number of partitions., type: int, returned: success}
offline: {description: Partitions without a leader., type: list, elements: str, returned: success}
under_replicated: {description: Partitions with replicas out of sync., type: list, elements: str, returned: success}
under_min_isr:
  description: Partitions with fewer replicas in sync than C(min.insync.replicas).
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.estate.kafka.plugins.module_utils.kafka_client import (
    CLIENT_SPEC,
    Cluster,
    ClusterError,
    hide_secrets,
)
from ansible_collections.estate.kafka.plugins.module_utils.observations import cluster_view


def main() -> None:
    """Entry point of the module."""
    module = AnsibleModule(argument_spec=CLIENT_SPEC, supports_check_mode=True)
    hide_secrets(module)
    try:
        module.exit_json(changed=False, **cluster_view(Cluster(module.params["client"], module.params["timeout"])))
    except ClusterError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
