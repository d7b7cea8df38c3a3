"""Runs a module of the collection in this process, as Ansible would on a host."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args


def run_module(name: str, capsys: pytest.CaptureFixture[str], /, check: bool = False, **args: Any) -> dict[str, Any]:
    """Return the module's result; ``failed`` is there and true when it failed."""
    module = importlib.import_module(f"ansible_collections.estate.kafka.plugins.modules.{name}")
    capsys.readouterr()
    with patch_module_args({**args, "_ansible_check_mode": check, "_ansible_diff": True}), pytest.raises(SystemExit):
        module.main()
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result
