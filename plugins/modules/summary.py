# SPDX-License-Identifier: Apache-2.0
"""Documentation of an action that runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: summary
short_description: Show what runs where, what to open and what was left out
version_added: 0.1.0
author: kafka-estate maintainers (!UNKNOWN)
description:
  - Makes one text for a person from what C(estate.kafka.topology) and C(estate.kafka.store) found. Contacts no host.
options:
  topology:
    description: The estate topology, C(estate_topology).
    type: dict
    required: true
  left_out:
    description: Components that were not available, each with the reason; C(estate_left_out).
    type: dict
    default: {}
  addresses:
    description: Address of each host as the reader's machine reaches it, where its name does not resolve there.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Changes nothing.
    support: full
  diff_mode:
    description: Has no diff.
    support: none
"""

EXAMPLES = r"""
- name: Summary
  estate.kafka.summary:
    topology: "{{ estate_topology }}"
    left_out: "{{ estate_left_out }}"
  run_once: true
"""

RETURN = r"""
estate_report:
  description: The text.
  returned: always
  type: str
"""
