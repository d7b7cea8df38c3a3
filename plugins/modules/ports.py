# SPDX-License-Identifier: Apache-2.0
"""Documentation of an action that runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ports
short_description: Show who must reach whom, as a table and as rules of a firewall
version_added: 0.2.0
author: kafka-estate maintainers (!UNKNOWN)
description:
  - Lists every TCP connection that the estate needs, from the topology alone. Contacts no host.
  - Writes a ruleset of nftables for each host on request. Loads none of them.
options:
  topology:
    description: The estate topology, C(estate_topology).
    type: dict
    required: true
  rules_dir:
    description: Directory on the controller for one file C(<host>.nft) each. Without it, nothing is written.
    type: path
  clients:
    description: Addresses or networks of producers and consumers.
    type: list
    elements: str
    default: []
  operators:
    description: Addresses or networks of people who open the consoles.
    type: list
    elements: str
    default: []
  controller:
    description: Addresses of the hosts that run Ansible. Required for rules, which would lock it out otherwise.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: Says which files would be written.
    support: full
  diff_mode:
    description: Has no diff.
    support: none
notes:
  - The address of a host is its C(ansible_host), if that is an address. A rule whose source has no known address is a comment.
"""

EXAMPLES = r"""
- name: Who must reach whom
  estate.kafka.ports:
    topology: "{{ estate_topology }}"
    rules_dir: firewall
    clients: [10.20.0.0/16]
  run_once: true
"""

RETURN = r"""
connections:
  description: Every connection, with target, port, purpose and source.
  type: list
  elements: dict
  returned: always
  sample: [{target: peter-zk01.foo.bar, port: 2181, purpose: ZooKeeper clients, source: peter-kafka01.foo.bar}]
written:
  description: Files that were written, or would be in check mode.
  type: list
  elements: str
  returned: always
estate_report:
  description: The table.
  type: str
  returned: always
"""
