# SPDX-License-Identifier: Apache-2.0
"""The folder of certificates beside the inventory, with the vault passwords that the run has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib
from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import CertificateError
from ansible_collections.estate.kafka.plugins.module_utils.security.folder import Folder

FOLDER = "pki"


def folder_path(chosen: str, inventory_dir: str) -> str:
    """Return where the certificates of an estate are: the folder that was chosen, or ``pki`` beside the inventory."""
    return str(Path(chosen).expanduser()) if chosen else str(Path(inventory_dir) / FOLDER)


def foretold() -> Path:
    """Return the folder for what check mode would write; Ansible makes the one above it for one run, and removes it."""
    return Path(constants.DEFAULT_LOCAL_TMP) / "kafka-estate-pki"


def folder_of(topology: Mapping[str, Any], loader: Any, check_mode: bool) -> Folder:
    """Return the folder of an estate; what is encrypted there is read with any vault password of the run.

    What the folder reads raises CertificateError where none of them opens it.
    """
    vault = VaultLib(list(loader._vault.secrets or []))

    def decrypt(text: str) -> str:
        try:
            return str(vault.decrypt(text).decode())
        except (AnsibleError, ValueError) as error:
            raise CertificateError(
                f"found what the vault password of this run does not open ({error}); give the right one, "
                "with --vault-password-file or --ask-vault-pass"
            ) from error

    def encrypt(text: str) -> str:
        return str(vault.encrypt(text).decode())

    return Folder(Path(topology["pki"]), decrypt, encrypt if vault.secrets else None, foretold() if check_mode else None)
