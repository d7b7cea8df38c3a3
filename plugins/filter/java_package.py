# SPDX-License-Identifier: Apache-2.0
"""Filter ``estate.kafka.java_package``: the package that brings a fitting Java to a host."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.host.java import java_package as package_of
from ansible_collections.estate.kafka.plugins.plugin_utils.told import told

DOCUMENTATION = r"""
name: java_package
short_description: Package that brings a fitting Java to a host
version_added: 0.2.0
description:
  - Returns the headless runtime of the host's distribution in the major version that the distribution prefers, of those
    that everything on the host runs on.
  - Fails, with what to do, where the distribution has none of them.
options:
  _input: {description: C(ansible_facts) of the host., type: dict, required: true}
  majors:
    description: Major versions that everything on the host runs on; empty for the usual.
    type: list
    elements: int
    required: true
  version: {description: Major version that somebody chose; 0 for none., type: int, default: 0}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Java of the host's distribution
  ansible.builtin.debug:
    msg: "{{ ansible_facts | estate.kafka.java_package([17, 21]) }}"
"""

RETURN = r"""
_value: {description: "Name of the package, such as openjdk-21-jre-headless.", type: str}
"""


@told
def java_package(facts: Mapping[str, Any], majors: Sequence[int], version: int = 0) -> str:
    """Return the name of the package; fails where the distribution has none that fits."""
    return package_of(facts, majors, version)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"java_package": java_package}
