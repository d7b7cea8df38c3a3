#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the action ``estate.kafka.topology``, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: topology
short_description: The estate topology, computed from the inventory alone
version_added: 0.1.0
description:
  - Reads groups and variables of every host of the inventory, also of those outside C(--limit), on the controller.
  - Collects every mistake of the inventory and fails once with all of them; each line names the host or group, the
    variable, the value found with its file and line, and the remedy.
  - Resolves templates inside values, with what the roles set themselves, and names every one that cannot be resolved;
    what refers to facts of a host is left for the run.
  - A value that says the same in another type, such as C("40") where a number is wanted, is converted; one that would lose
    something, such as C("40.5") or C("maybe"), is a mistake. What was converted is returned, for the playbook to set.
  - Refuses variable files that Ansible does not read, such as C(group_vars/all.yml) beside a folder C(group_vars/all).
  - Checks ids, chroots, ensembles, replication, ports, groups, and all variables against the roles' argument specs.
  - Shows the options of every component as its file will have them, all levels merged, and where each comes from.
options:
  options:
    description:
      - Which options are shown.
      - V(written), those that the inventory sets; V(all), also those that the toolkit sets; V(none), none.
    type: str
    choices: [written, all, none]
    default: written
    version_added: 0.2.0
  components:
    description: Components whose options are shown, by the names of their groups. Without any, all.
    type: list
    elements: str
    default: []
    version_added: 0.2.0
  hosts:
    description: Hosts whose options are shown. Without any, all.
    type: list
    elements: str
    default: []
    version_added: 0.2.0
  table:
    description: Whether the options are returned as a table for people, O(table=true), or as data.
    type: bool
    default: false
    version_added: 0.2.0
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Read the inventory
  estate.kafka.topology:
  run_once: true
  register: __preflight_topology

- name: Show the options of two brokers, as their files will have them
  estate.kafka.topology:
    options: all
    components: [kafka_broker]
    hosts: [peter-kafka01.foo.bar, peter-kafka02.foo.bar]
    table: true
  run_once: true
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
converted:
  description:
    - Variables whose values were converted, one row for each host, with C(host), C(variable) and C(value).
    - Without those of the command line, over which nothing has the last word; the roles convert these themselves.
  type: list
  elements: dict
  returned: success
warned:
  description: Warnings that do not stop the run.
  type: list
  elements: str
  returned: success
options:
  description:
    - By component and option, each different value, with the variable that it comes from and the hosts that have it.
    - Names are dotted, also where the file has mappings within mappings. C(null) removes the option.
    - The variable is C(the toolkit) where no single variable decides. C(written_at) is file and line, or C(the role's default).
    - A value of which the rest is C((known only during the run)) needs facts of the host. Secrets are C((secret)).
  type: dict
  returned: success, unless O(options=none) or O(table=true)
  sample:
    kafka_broker:
      num.io.threads:
        - value: 16
          variable: kafka_broker_host_config
          written_at: inventories/mine/host_vars/broker3.example.com/main.yml:1
          hosts: [broker3.example.com]
estate_report:
  description: The same as a table.
  type: str
  returned: with O(table=true)
problems:
  description: Every mistake found.
  type: list
  elements: str
  returned: failure
"""
