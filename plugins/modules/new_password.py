#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the action ``estate.kafka.new_password``, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: new_password
short_description: A new password for a user of a secured cluster, kept in the inventory's vault file
version_added: 0.2.0
description:
  - Makes a password and writes it, encrypted, into the vault file as C(next_<variable>), before anybody else has it. With
    O(promote) it takes the place of the old one, in one write. What is pending already is used, so a run that was broken off
    loses none.
  - Only for users whose password the toolkit has made. The result is kept out of every log by itself.
options:
  topology:
    description: The estate topology.
    type: dict
    required: true
  cluster: {description: Cluster of the user., type: str, required: true}
  user: {description: Its name., type: str, required: true}
  promote: {description: The cluster has the new password., type: bool, default: false}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: New password of shop
  estate.kafka.new_password:
    topology: "{{ estate_topology }}"
    cluster: kafka-1
    user: shop
  run_once: true
  register: __rotate_password
"""

RETURN = r"""
variable: {description: The variable of the password., type: str, returned: success}
password: {description: The new one., type: str, returned: success}
path: {description: The file that keeps it., type: str, returned: success}
"""
