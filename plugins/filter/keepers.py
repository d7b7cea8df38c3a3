# SPDX-License-Identifier: Apache-2.0
"""Filter ``estate.kafka.keepers``: the hosts that may keep the mark of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.hold import keepers

DOCUMENTATION = r"""
name: keepers
short_description: Hosts that may keep the mark of a run, in the order in which they are tried
version_added: 0.2.0
description:
  - Returns the first host of the inventory where this run has reached it. With a limit that leaves it out, the first two
    hosts come, and then one that the run has reached, so that runs with different limits meet at the same host.
options:
  _input: {description: All hosts of the estate in the inventory's order., type: list, elements: str, required: true}
  live: {description: Hosts that the play can reach; C(ansible_play_hosts)., type: list, elements: str, required: true}
  play: {description: Hosts of the play; C(ansible_play_hosts_all)., type: list, elements: str, required: true}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Hold the estate
  estate.kafka.hold:
  delegate_to: "{{ item }}"
  loop: "{{ names | estate.kafka.keepers(ansible_play_hosts, ansible_play_hosts_all) }}"
"""

RETURN = r"""
_value: {description: Host names., type: list, elements: str}
"""


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"keepers": keepers}
