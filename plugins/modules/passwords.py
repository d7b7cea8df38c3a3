#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the action ``estate.kafka.passwords``, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: passwords
short_description: Passwords of a secured estate that nobody has written
version_added: 0.2.0
description:
  - For each user of C(kafka_users) without a password, and for Connect's workers and schema registries, it reads the variable
    C(kafka_password_<cluster>_<user>); where that is missing it makes one, once, and writes it encrypted into the vault file of
    the inventory. The same for the logins at the schema registry.
  - So it does for users of Elasticsearch, the toolkit's own and those of C(elasticsearch_users), with
    C(estate_password_elasticsearch_<user>), and for the keys with which Kibana encrypts, with C(estate_secret_kibana_<purpose>).
  - Fails, with the commands that make them, where the run has no vault password. The result is kept out of every log by itself.
options:
  topology:
    description: The estate topology.
    type: dict
    required: true
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Passwords
  estate.kafka.passwords:
    topology: "{{ estate_topology }}"
  run_once: true
  register: __objects_passwords
"""

RETURN = r"""
passwords:
  description: The passwords by variable.
  type: dict
  returned: success
made:
  description: Variables that were, or in check mode would be, made.
  type: list
  elements: str
  returned: success
"""
