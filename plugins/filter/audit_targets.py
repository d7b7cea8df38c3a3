# SPDX-License-Identifier: Apache-2.0
"""Filter ``estate.kafka.audit_targets``: which ports of which host another host asks in an audit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.audit.ports import targets

DOCUMENTATION = r"""
name: audit_targets
short_description: Which ports a host asks of another one, for the audit
version_added: 0.2.0
description:
  - Each host that answered asks the next one for all its ports, and the last one asks the first, so every port is seen from
    outside.
  - A single host asks itself, at the address with which it reaches others.
options:
  _input: {description: Host names; C(ansible_play_hosts)., type: list, elements: str, required: true}
  hostvars: {description: Variables of all hosts., type: dict, required: true}
  register: {description: Name under which M(estate.kafka.audit_host) was registered., type: str, required: true}
  asker: {description: The host that is to ask., type: str, required: true}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Ask the ports of another host
  estate.kafka.audit_probe:
    targets: "{{ ansible_play_hosts | estate.kafka.audit_targets(hostvars, '__audit_host', inventory_hostname) }}"
"""

RETURN = r"""
_value: {description: "What to ask, each with C(host), C(address), C(port), C(speaks) and C(plain).", type: list, elements: dict}
"""


def audit_targets(hosts: Collection[str], hostvars: Mapping[str, Any], register: str, asker: str) -> list[dict[str, Any]]:
    """Return what one host asks."""
    answers = {host: hostvars[host].get(register, {}) for host in hosts}
    return targets({host: answer["audit"] for host, answer in answers.items() if "audit" in answer}, asker)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"audit_targets": audit_targets}
