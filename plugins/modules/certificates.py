#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the action ``estate.kafka.certificates``, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificates
short_description: Authorities, keys and certificates of a secured estate, kept beside the inventory
version_added: 0.2.0
description:
  - Makes what is missing for the hosts of the play, and anew what ends within 60 days or lacks a name, with the names of before.
  - Each cluster has one authority for its brokers and one for the listener of its clients; each ensemble one for its servers and
    one for its clients. Private keys are encrypted with the vault password of the run; without one they are files for their
    owner alone.
  - An authority of your own is used where its C(ca.crt) and C(ca.key) are in the folder before the first run.
  - Fails before anything is written where a key or certificate there must not be used, or is another than the hosts trust.
options:
  topology:
    description: The estate topology.
    type: dict
    required: true
  register:
    description: Name of the variable under which M(estate.kafka.preflight_host) was registered.
    type: str
    required: true
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Certificates
  estate.kafka.certificates:
    topology: "{{ __preflight_topology.topology }}"
    register: __preflight_host
  run_once: true
"""

RETURN = r"""
made:
  description: What was, or in check mode would be, made.
  type: list
  elements: str
  returned: success
"""
