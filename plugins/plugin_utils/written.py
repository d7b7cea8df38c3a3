# SPDX-License-Identifier: Apache-2.0
"""Where a value of the inventory was written, and whether encrypted, by what ansible-core offers to plugins."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultHelper
from ansible.plugins.loader import filter_loader

# ansible-core's own filter: "file:line:column" of a value, None where it has none.
ORIGIN = "ansible._protomatter.origin"
# A number where one begins and ends, as YAML has them.
NUMBER = re.compile(r"(?P<number>[-+]?[0-9][0-9a-fA-FxXob_.:+-]*)(?=[\s,\]}]|$)")


def is_vaulted(value: Any) -> bool:
    """Return whether a value was decrypted by Ansible Vault."""
    return VaultHelper.get_ciphertext(value, with_tags=False) is not None


def written_at(value: Any) -> str:
    """Return ``file:line`` of a value, relative to the current directory, or ``file``; '' where that is not known.

    It is an addition to a message: an ansible-core without the filter leaves it out.
    """
    match = re.fullmatch(r"(?P<path>/.+?)(?P<line>:\d+)?(?::\d+)?", _origin(value))
    if not match:
        return ""
    path = Path(match["path"])
    name = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{name}{match['line'] or ''}"


class Spelling:
    """How numbers were written; ``read`` returns the text of a file, and raises OSError or ValueError."""

    def __init__(self, read: Callable[[str], str]) -> None:
        """Keep it: each file is read once."""
        self.read = read
        self.lines: dict[str, list[str]] = {}

    def of(self, value: Any) -> str:
        """Return the text of a number in its file; '' where it has none, or is a part of something else."""
        match = re.fullmatch(r"(?P<path>/.+?):(?P<line>\d+):(?P<column>\d+)", _origin(value))
        if not match:
            return ""
        path, line, column = match["path"], int(match["line"]), int(match["column"])
        if path not in self.lines:
            try:
                self.lines[path] = self.read(path).splitlines()
            except (OSError, ValueError):
                self.lines[path] = []
        lines = self.lines[path]
        found = NUMBER.match(lines[line - 1], column - 1) if 0 < line <= len(lines) else None
        return found["number"] if found else ""


def _origin(value: Any) -> str:
    # Called as a function, for in an expression a value that is a template would be templated, and some of these fail.
    try:
        function = getattr(filter_loader.get(ORIGIN), "j2_function", None)
    except AnsibleError:
        function = None
    return str(function(value) or "") if function else ""
