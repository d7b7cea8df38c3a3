# SPDX-License-Identifier: Apache-2.0
"""Filter ``estate.kafka.artefacts``: names in the catalogue of what components of the estate install."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

DOCUMENTATION = r"""
name: artefacts
short_description: Names in the catalogue of what components of the estate install
version_added: 0.2.0
description:
  - Returns the names of all entries of C(artifacts/catalogue.yml) that hosts of one of these groups install.
options:
  _input: {description: Components of the estate by the names of their groups., type: list, elements: str, required: true}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: What a broker installs
  ansible.builtin.debug:
    msg: "{{ ['kafka_broker'] | estate.kafka.artefacts }}"
"""

RETURN = r"""
_value: {description: Names in the catalogue in its order., type: list, elements: str}
"""

CATALOGUE = Path(__file__).resolve().parents[2] / "artifacts/catalogue.yml"


def artefacts(components: Iterable[str]) -> list[str]:
    """Return the names of the catalogue's entries that hosts of one of these groups need."""
    catalogue: dict[str, Any] = yaml_load(CATALOGUE.read_text(encoding="utf-8"))["components"]
    wanted = set(components)
    return [name for name, entry in catalogue.items() if wanted & set(entry["groups"])]


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"artefacts": artefacts}
