# SPDX-License-Identifier: Apache-2.0
"""Passwords that the operator has not given, and how to make one.  Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Problem

# Where the sample inventory has its secrets.
VAULT_FILE = "group_vars/all/vault.yml"


def passwords(host: str, carried: Mapping[str, Any]) -> list[Problem]:
    """Passwords that the operator has not given, or that are none."""
    return [
        Problem(host, variable, found, f"Make one: {make_password(variable, carried.get('vault_file', VAULT_FILE))}")
        for row in carried["components"]
        for variable, found in row.get("passwords", {}).items()
        if found
    ]


def make_password(variable: str, vault_file: str) -> str:
    """Return the command that adds a random password, encrypted, to a file of the inventory."""
    return f'ansible-vault encrypt_string --name {variable} "$(openssl rand -hex 24)" >> {vault_file}'


def only_passwords_of(placement: Mapping[str, Any], components: Collection[str] | None) -> dict[str, Any]:
    """Return the placement without the passwords of what the run does not install; with None that is everything."""
    if components is None:
        return dict(placement)

    def row(carried: Mapping[str, Any]) -> dict[str, Any]:
        return {**carried, "passwords": carried.get("passwords", {}) if carried["component"] in components else {}}

    return {host: {**carried, "components": [row(one) for one in carried["components"]]} for host, carried in placement.items()}
