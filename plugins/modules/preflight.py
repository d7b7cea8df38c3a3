#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the action ``estate.kafka.preflight``, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Judge what was observed on all hosts before anything is changed
version_added: 0.1.0
description:
  - Fails once with everything that is wrong; each line names the host, the variable, what was found and the remedy.
  - Checks memory and disk against all that is placed on a host, ports held by foreign processes, names that do not resolve
    between hosts, clocks apart, system and Java, root, and ids that differ from live data directories.
  - A host that could not be reached is a warning here; the run goes on with the others and ends as failed.
  - Its limits are variables of the inventory, with these defaults.
options:
  topology:
    description: Result of M(estate.kafka.topology).
    type: dict
    required: true
  register:
    description: Name of the variable under which M(estate.kafka.preflight_host) was registered.
    type: str
    required: true
  components:
    description:
      - Components that the run installs. Passwords are asked for these alone; everything else is judged for all that is placed
        on the hosts. Without it, passwords of all.
    type: list
    elements: str
  migrates:
    description:
      - The run is the migration of a cluster, so brokers and controllers may be found in the middle of a step. Any other run
        refuses them.
    type: bool
    default: false
  moves:
    description: The run moves the estate from one profile to the other, and so may find it between the two.
    type: bool
    default: false
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
notes:
  - C(preflight_memory_reserve) (int, default 512) - MiB of a host kept free of heaps and their overhead, for the system
    and the page cache.
  - C(preflight_disk_zookeeper) (float, default 1) - GiB that must be free for the data directory of a new ZooKeeper server.
  - C(preflight_disk_kafka_controller) (float, default 1) - GiB that must be free for the data directory of a new controller.
  - C(preflight_disk_kafka_broker) (float, default 10) - GiB that must be free for each log directory of a new broker.
  - C(preflight_disk_elasticsearch) (float, default 5) - GiB that must be free for the data directory of a new
    Elasticsearch node.
  - C(preflight_disk_prometheus) (float, default 10) - GiB that must be free for the data directory of a new Prometheus.
  - C(preflight_disk_install) (float, default 2) - GiB that must be free in /opt of a host with nothing of the estate
    installed.
  - C(preflight_clock_skew_max) (float, default 2) - Seconds the clocks of two hosts may be apart.
  - C(preflight_resolve_timeout) (float, default 10) - Seconds a host has to resolve the names of all the others.
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Judge all hosts
  estate.kafka.preflight:
    topology: "{{ __preflight_topology }}"
    register: __preflight_host
  run_once: true
  any_errors_fatal: true
"""

RETURN = r"""
problems:
  description: Every problem found.
  type: list
  elements: str
  returned: failure
warned:
  description: What does not stop the run.
  type: list
  elements: str
  returned: always
formations:
  description: For each cluster with controllers its id, the voters that its first controllers are formatted with, and the id of
    each controller's directory by its host.
  type: dict
  returned: always
upgrades:
  description: Of each cluster without ZooKeeper whose members have another version of Kafka, the one that they are to run.
  type: dict
  returned: always
stages:
  description: For each host the stage between open and secured of its ZooKeeper server and its broker, as its files tell.
  type: dict
  returned: always
java_majors:
  description: For each host the major versions of Java that everything on it runs on.
  type: dict
  returned: always
unreachable_hosts:
  description: Hosts this run goes on without.
  type: list
  elements: str
  returned: always
"""
