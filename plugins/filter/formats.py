# SPDX-License-Identifier: Apache-2.0
"""Filters that write configuration, each in the format that its reader expects; the rules are in ``module_utils/formats``.

What a format does not hold is an error that names the option.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.formats import (
    hocon,
    ini,
    lines,
    nginx,
    properties,
    shell,
    systemd,
    yaml_file,
)
from ansible_collections.estate.kafka.plugins.plugin_utils.told import told


class FilterModule:
    """Registers the filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        writers: dict[str, Callable[..., Any]] = {
            "flags": systemd.flags,
            "hocon": hocon.hocon,
            "ini": ini.ini,
            "lines": lines.lines,
            "nginx_word": nginx.nginx_word,
            "properties": properties.properties,
            "sh": shell.assignments,
            "sh_command": shell.command,
            "unit_environment": systemd.unit_environment,
            "unit_paths": systemd.unit_paths,
            "unit_script": systemd.unit_script,
            "unit_text": systemd.unit_text,
            "unit_words": systemd.unit_words,
            "yaml": yaml_file.yaml_file,
        }
        return {name: told(write) for name, write in writers.items()}
