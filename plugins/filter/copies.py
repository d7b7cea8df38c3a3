# SPDX-License-Identifier: Apache-2.0
"""Filter ``estate.kafka.copies``: files of this collection as items of the module ``files``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
name: copies
short_description: Files of this collection as items of the module files
version_added: 0.1.0
description:
  - Returns one item with the text of each file, wherever the collection lies and whichever playbook runs.
options:
  _input: {description: Names of files., type: list, elements: str, required: true}
  folder: {description: Folder of the collection that has them., type: str, required: true}
  dest: {description: Directory on the host., type: path, required: true}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Scripts
  estate.kafka.files:
    items: "{{ ['common.py', 'produce.py'] | estate.kafka.copies('examples/students', '/opt/kafka-estate/exercise') }}"
"""

RETURN = r"""
_value: {description: Items of the module files., type: list, elements: dict}
"""

ROOT = Path(__file__).resolve().parents[2]


def copies(names: Sequence[str], folder: str, dest: str) -> list[dict[str, Any]]:
    """Return one item for each file; a script is executable."""
    items = []
    for name in names:
        text = (ROOT / folder / name).read_text(encoding="utf-8")
        items.append({"path": f"{dest}/{name}", "content": text, "mode": "0755" if text.startswith("#!") else "0644"})
    return items


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"copies": copies}
