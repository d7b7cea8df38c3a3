#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the action ``estate.kafka.system_user``, which runs Ansible's own modules ``group`` and ``user``."""

from __future__ import annotations

DOCUMENTATION = r"""
module: system_user
short_description: The system user of a component and its group
version_added: 0.2.0
description:
  - Makes the user, without a home directory and without a login, by M(ansible.builtin.user).
  - A group of another name or with an id of its own is made before by M(ansible.builtin.group).
options:
  name: {description: Name of the user., type: str, required: true}
  home: {description: Home directory; it is not made., type: path, required: true}
  uid: {description: Id of the user., type: int}
  group: {description: Name of its primary group; the user's own name by default., type: str}
  gid: {description: Id of that group., type: int}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: User of the brokers
  estate.kafka.system_user: {name: kafka, home: /var/lib/kafka, group: streaming, gid: 4000}
"""

RETURN = r"""
uid: {description: Id of the user., type: int, returned: when the user was looked at}
"""
