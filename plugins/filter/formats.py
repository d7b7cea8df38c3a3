# SPDX-License-Identifier: Apache-2.0
"""Filters that write configuration, each in the format that its reader expects; the rules are in ``module_utils/formats``.

What a format does not hold is an error that names the option.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
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


def _told(write: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with its ValueError as an error of a filter."""

    @functools.wraps(write)
    def told(*args: Any, **options: Any) -> Any:
        try:
            return write(*args, **options)
        except ValueError as error:
            raise AnsibleFilterError(str(error)) from error

    return told


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
        return {name: _told(write) for name, write in writers.items()}
