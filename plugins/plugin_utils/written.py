"""Where a value of the inventory was written, and whether encrypted, by what ansible-core offers to plugins."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultHelper
from ansible.template import Templar, trust_as_template

# ansible-core's own filter: "file:line:column" of a value, None where it has none.
ORIGIN = "value | ansible._protomatter.origin"


def is_vaulted(value: Any) -> bool:
    """Return whether a value was decrypted by Ansible Vault."""
    return VaultHelper.get_ciphertext(value, with_tags=False) is not None


def written_at(value: Any, templar: Templar) -> str:
    """Return ``file:line`` of a value, relative to the current directory, or ``file``; '' where that is not known.

    It is an addition to a message: an ansible-core without the filter leaves it out.
    """
    try:
        origin = templar.evaluate_expression(trust_as_template(ORIGIN), local_variables={"value": value})
    except AnsibleError:
        return ""
    match = re.fullmatch(r"(?P<path>/.+?)(?P<line>:\d+)?(?::\d+)?", str(origin or ""))
    if not match:
        return ""
    path = Path(match["path"])
    name = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{name}{match['line'] or ''}"
