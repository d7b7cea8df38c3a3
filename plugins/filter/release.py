"""Filter ``estate.kafka.release``: the release of a component, or a clear sentence why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: release
short_description: Release of a component out of those the artefact store holds
description:
  - Returns the entry of C(estate_releases) that a role installs.
  - Fails with the name of the component and the reason when the store does not hold it.
options:
  _input: {description: Releases by component as C(estate_releases) holds them., type: dict, required: true}
  component: {description: Name of the component., type: str, required: true}
  left_out: {description: Reasons by component as C(estate_left_out) holds them., type: dict}
author: kafka-estate maintainers
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
    releases: Mapping[str, Mapping[str, Any]], component: str, left_out: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """Return the release of the component; fails with the reason when there is none."""
    if component in releases:
        return releases[component]
    reason = (left_out or {}).get(component, "this run did not ask for it; run it through a playbook that imports artifacts.yml")
    raise AnsibleFilterError(f"component '{component}' is not in the artefact store: {reason}")


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"release": release}
