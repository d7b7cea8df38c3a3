# SPDX-License-Identifier: Apache-2.0
"""YAML files, for readers of several dialects: PyYAML, SnakeYAML, js-yaml and Go's."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

import yaml
from ansible.module_utils.common.yaml import SafeDumper
from ansible_collections.estate.kafka.plugins.module_utils.formats.scalar import HEADER, encodable

# Numbers and booleans to readers of YAML 1.2 and of Go, and texts to PyYAML, which would write them without quotes.
NUMBER = re.compile(r"[-+]?(?:(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?|0o[0-7_]+)|[yYnN]", re.ASCII)


class _Dumper(SafeDumper):  # type: ignore[misc]
    """Writes texts so that each reader takes them for texts."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write what occurs twice twice: not every reader knows anchors."""
        return True


def _text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if NUMBER.fullmatch(text) else None)


_Dumper.add_representer(str, _text)


def yaml_file(options: Mapping[Any, Any]) -> str:
    """Return the options as a YAML file, in the given order; null removes a key of the first level.

    Raises ValueError, which names the option, for what UTF-8 does not hold.
    """
    plain = {_plain(str(key), key): _plain(str(key), value) for key, value in options.items() if value is not None}
    return HEADER + str(yaml.dump(plain, Dumper=_Dumper, default_flow_style=False, sort_keys=False))


def _plain(name: str, value: Any) -> Any:
    """Return a value of a template as Python's own type, so that a secret out of a vault is a text like others."""
    if isinstance(value, Mapping):
        return {_plain(name, key): _plain(f"{name}.{key}", item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(name, item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, datetime.datetime):
        return datetime.datetime.fromisoformat(value.isoformat())
    if isinstance(value, datetime.date):
        return datetime.date.fromisoformat(value.isoformat())
    return encodable(name, str(value))
