# SPDX-License-Identifier: Apache-2.0
"""Filter ``estate.kafka.release``: the release of a component, or a clear sentence why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import target_of

DOCUMENTATION = r"""
name: release
short_description: Release of a component out of those the artefact store holds
version_added: 0.1.0
description:
  - Returns the entry of C(estate_releases) that a role installs.
  - Fails with the name of the component and the reason when the store does not hold it.
options:
  _input: {description: Releases by component as C(estate_releases) holds them., type: dict, required: true}
  component: {description: Name of the component., type: str, required: true}
  left_out: {description: Reasons by component as C(estate_left_out) holds them., type: dict}
  facts:
    description: C(ansible_facts) of the host; of a component of wheels the build for its Python is returned.
    type: dict
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Version of Elasticsearch
  ansible.builtin.debug:
    msg: "{{ (estate_releases | estate.kafka.release('elasticsearch', estate_left_out)).version }}"
"""

RETURN = r"""
_value: {description: "Version, archive, sha256 and url of the release.", type: dict}
"""


def release(
    releases: Mapping[str, Mapping[str, Any]],
    component: str,
    left_out: Mapping[str, str] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Mapping[str, Any]:
    """Return the release of the component, the one for a host's Python where it has several; fails when there is none."""
    found = releases.get(component, {})
    target = target_of(facts or {})
    if found and "builds" not in found:
        return found
    if found and target is None:
        raise AnsibleFilterError(f"component '{component}': nobody looked which Python this host has; run it after preflight")
    if found and target and target.tag in found["builds"]:
        build: Mapping[str, Any] = found["builds"][target.tag]
        return build
    reason = (left_out or {}).get(component, "this run did not ask for it; run it through a playbook that imports artifacts.yml")
    what = f"'{component}' for {target}" if found else f"'{component}'"
    raise AnsibleFilterError(f"component {what} is not in the artefact store: {reason}")


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"release": release}
