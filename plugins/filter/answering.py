# SPDX-License-Identifier: Apache-2.0
"""Filter ``estate.kafka.answering``: the hosts on which a component answered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

DOCUMENTATION = r"""
name: answering
short_description: Hosts on which a component answered
version_added: 0.1.0
description:
  - Returns those of the hosts for which M(estate.kafka.observe) has been registered with an answer of the component, so that
    what is asked next goes to a host that can tell.
options:
  _input: {description: Host names; C(ansible_play_hosts)., type: list, elements: str, required: true}
  hostvars: {description: Variables of all hosts., type: dict, required: true}
  register: {description: Name under which M(estate.kafka.observe) was registered., type: str, required: true}
  component: {description: Name of the component., type: str, required: true}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: One broker of each cluster
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts | estate.kafka.answering(hostvars, '__report_host', 'kafka_broker') }}"
"""

RETURN = r"""
_value: {description: Host names., type: list, elements: str}
"""


def answering(hosts: Collection[str], hostvars: Mapping[str, Any], register: str, component: str) -> list[str]:
    """Return the hosts whose observation of the component has no error."""
    return [
        host
        for host in hosts
        if any(
            one["component"] == component and not one["error"] for one in hostvars[host].get(register, {}).get("observations", [])
        )
    ]


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"answering": answering}
