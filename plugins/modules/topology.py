#!/usr/bin/python
"""Documentation of the action ``estate.kafka.topology``, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: topology
short_description: The picture of the estate, computed from the inventory alone
description:
  - Reads groups and variables of every host of the inventory, also of those outside C(--limit), on the controller.
  - Collects every mistake of the inventory and fails once with all of them; each line names the host or group, the
    variable, the value found with its file and line, and the remedy.
  - Checks ids, chroots, ensembles, replication, ports, groups, and all variables against the roles' argument specs.
attributes:
  check_mode: {support: full}
  diff_mode: {support: none}
author: kafka-estate maintainers
"""

EXAMPLES = r"""
- name: Read the inventory
  estate.kafka.topology:
  run_once: true
  register: __preflight_topology
"""

RETURN = r"""
topology:
  description: Ensembles, clusters, registries, Connect clusters, Elasticsearch, and the table of all components.
  type: dict
  returned: success
placement:
  description: What each host carries (ports, data directories, heaps, ids) and its preflight limits.
  type: dict
  returned: success
names:
  description: Hosts that carry a component, which every host must be able to resolve.
  type: list
  elements: str
  returned: success
warned:
  description: Warnings that do not stop the run.
  type: list
  elements: str
  returned: success
problems:
  description: Every mistake found.
  type: list
  elements: str
  returned: failure
"""
