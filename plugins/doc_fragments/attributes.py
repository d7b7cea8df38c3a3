# SPDX-License-Identifier: Apache-2.0
"""What nearly every module of the collection supports; one that shows diffs says so itself."""

from __future__ import annotations


class ModuleDocFragment:
    """``extends_documentation_fragment: estate.kafka.attributes``, before ``ansible.builtin.action_common_attributes``."""

    DOCUMENTATION = r"""
attributes:
  check_mode: {support: full}
  diff_mode: {support: none}
  platform: {support: full, platforms: posix}
"""
