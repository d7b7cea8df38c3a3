# SPDX-License-Identifier: Apache-2.0
"""Where a value of the inventory was written, and whether encrypted, by what ansible-core offers to plugins."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultHelper
from ansible.plugins.loader import filter_loader

# ansible-core's own filter: "file:line:column" of a value, None where it has none.
ORIGIN = "ansible._protomatter.origin"


def is_vaulted(value: Any) -> bool:
    """Return whether a value was decrypted by Ansible Vault."""
    return VaultHelper.get_ciphertext(value, with_tags=False) is not None


def written_at(value: Any) -> str:
    """Return ``file:line`` of a value, relative to the current directory, or ``file``; '' where that is not known.

    It is an addition to a message: an ansible-core without the filter leaves it out.
    """
    # Called as a function, for in an expression a value that is a template would be templated, and some of these fail.
    try:
        function = getattr(filter_loader.get(ORIGIN), "j2_function", None)
    except AnsibleError:
        function = None
    origin = function(value) if function else None
    match = re.fullmatch(r"(?P<path>/.+?)(?P<line>:\d+)?(?::\d+)?", str(origin or ""))
    if not match:
        return ""
    path = Path(match["path"])
    name = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{name}{match['line'] or ''}"
