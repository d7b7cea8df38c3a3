# SPDX-License-Identifier: Apache-2.0
"""Options of every module that deletes objects only by their confirmed names."""

from __future__ import annotations


class ModuleDocFragment:
    """``extends_documentation_fragment: estate.kafka.deletions``."""

    DOCUMENTATION = r"""
options:
  confirm_delete:
    description: Names of what may be deleted in this run.
    type: list
    elements: str
    default: []
  prune:
    description:
      - Delete what is not listed and O(confirm_delete) names. What it does not name is shown in RV(unlisted).
    type: bool
    default: false
"""
