#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""What a Kafka cluster says of itself."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_info
short_description: Brokers, controller and partitions of a Kafka cluster
version_added: 0.1.0
description:
  - Reads the cluster's metadata over one connection and names the partitions that are not as they should be.
  - Kafka leaves out topics and groups that the user may not describe. Where it may not describe the cluster, a warning says so.
  - Changes nothing.
extends_documentation_fragment: [estate.kafka.client, estate.kafka.attributes, ansible.builtin.action_common_attributes]
options:
  details:
    description: Read topics, replicas of each broker and consumer groups too. Costs a request for each group and broker.
    type: bool
    default: false
requirements:
  - kafka-python too; it is part of the same release
author: kafka-estate maintainers (!UNKNOWN)
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
  description:
    - Live brokers. The rack is null where C(broker.rack) is not set. The version is what the requests that a broker knows tell,
      so it has no patch level; null where it could not be asked.
  type: list
  elements: dict
  returned: success
  sample: [{id: 1, host: peter-kafka01.foo.bar, port: 9092, rack: hall-a, version: "3.9"}]
topics: {description: Number of topics., type: int, returned: success}
partitions: {description: Number of partitions., type: int, returned: success}
offline: {description: Partitions without a leader., type: list, elements: str, returned: success}
under_replicated: {description: Partitions with replicas out of sync., type: list, elements: str, returned: success}
under_min_isr:
  description: Partitions with fewer replicas in sync than C(min.insync.replicas), and enough of them in all.
  type: list
  elements: str
  returned: success
too_few_replicas:
  description: Partitions with fewer replicas in all than C(min.insync.replicas).
  type: list
  elements: str
  returned: success
details:
  description:
    - With O(details) a row for each topic, broker and consumer group. Records, bytes and C(newest), the time of the newest
      record in milliseconds, are null where they are not known; C(unknown) has the reasons. C(asked) is the time of the answer.
  type: dict
  returned: O(details)
  sample:
    topics:
      - {name: a, partitions: 1, replication: 3, under_replicated: 0, offline: 0, records: 9, bytes: 4096, newest: 1763740800000}
    brokers: [{id: 1, leaders: 20, replicas: 60, out_of_sync: 0, bytes: 1048576}]
    groups: [{group: g, state: stable, members: 1, lag: 0, topics: {a: 0}}]
    unknown: []
    asked: 1763740801000
"""

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import CLIENT_SPEC, Cluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.details import details, with_versions
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests
from ansible_collections.estate.kafka.plugins.module_utils.kafka.view import cluster_view
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def main() -> None:
    """Entry point of the module."""
    spec = {**CLIENT_SPEC, "details": {"type": "bool", "default": False}}
    module = EstateModule(argument_spec=spec, supports_check_mode=True)
    client = module.params["client"]
    try:
        cluster = Cluster(client, module.params["timeout"])
        found = cluster_view(cluster)
        with Requests(client, module.params["timeout"]) as requests:
            found["brokers"] = with_versions(found["brokers"], cluster.racks(), requests.version_of)
        if module.params["details"]:
            found["details"] = details(cluster, client)
        hidden = cluster.missing_describe_permission()
    except ClusterError as error:
        module.fail_json(msg=str(error))
    if hidden:
        module.warn(hidden)
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
