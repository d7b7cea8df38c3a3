# SPDX-License-Identifier: Apache-2.0
"""The file of an inventory that passwords are in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ansible.parsing.vault import VaultLib
from ansible_collections.estate.kafka.plugins.module_utils.estate.passwords import VAULT_FILE
from ansible_collections.estate.kafka.plugins.module_utils.host.paths import write_whole

ENCRYPTED = "$ANSIBLE_VAULT"


def vault_file(inventory: str | None) -> str:
    """Return the file of an inventory that a password goes into: one that Ansible reads, whichever form the inventory has."""
    if not inventory:
        return VAULT_FILE
    single = Path(inventory) / "group_vars/all.yml"
    path = single if single.is_file() else Path(inventory) / VAULT_FILE
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def with_secrets(content: str, secrets: Mapping[str, str], vault: VaultLib) -> str:
    """Return the content of such a file with secrets added: each encrypted by itself, or the whole file where it is so now."""
    if content.startswith(ENCRYPTED):
        lines = "".join(f"{name}: {value}\n" for name, value in secrets.items())
        return str(vault.encrypt(f"{_ended(vault.decrypt(content).decode())}{lines}").decode())
    for name, value in secrets.items():
        text = re.sub(r"(?m)^", "  ", vault.encrypt(value).decode().rstrip())
        content = f"{_ended(content or '---')}{name}: !vault |\n{text}\n"
    return content


def without_secrets(content: str, names: Iterable[str], vault: VaultLib) -> str:
    """Return the content of such a file without some variables, each of which stands there with its value alone."""
    whole = content.startswith(ENCRYPTED)
    text = vault.decrypt(content).decode() if whole else content
    for name in names:
        text = re.sub(rf"(?m)^{re.escape(name)}:.*(?:\n[ \t]+.*)*\n?", "", text)
    return str(vault.encrypt(text).decode()) if whole else text


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def add_secrets(path: Path, secrets: Mapping[str, str], vault: VaultLib) -> None:
    """Add secrets to the file of an inventory, which is made for its owner alone where it is not there."""
    write_secrets(path, with_secrets(path.read_text(encoding="utf-8") if path.is_file() else "", secrets, vault))


def write_secrets(path: Path, content: str) -> None:
    """Write the whole file of an inventory, at once."""
    there = path.is_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content.encode(), path.stat().st_mode & 0o777 if there else 0o600)
