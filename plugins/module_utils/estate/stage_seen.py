# SPDX-License-Identifier: Apache-2.0
"""The stage between open and secured of one member, read on its host: from its file, and from its process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.node import command_line, properties
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import TOOLKIT_DIR
from ansible_collections.estate.kafka.plugins.module_utils.security.stages import running, written


def stage(component: str, places: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stage of the file and that of the process, and of an open member what it listens at and which options it has."""
    options = properties(Path(places["file"]))
    found = written(component, options)
    # A host that never was secured has no process that is on its way.
    words = command_line(places["unit"]) if Path(TOOLKIT_DIR).is_dir() else []
    listens = [options.get(name, "") for name in ("listeners", "advertised.listeners")]
    return {"written": found, "running": running(words, found), "options": sorted(options), "listens": listens}
