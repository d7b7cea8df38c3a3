# SPDX-License-Identifier: Apache-2.0
"""Kernel settings of a host: what they are, what they are to be, and which of them the host does not let anybody change."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.formats.scalar import HEADER

# Those that every host gets by default, which preflight looks at.
USUAL = ("vm.max_map_count", "vm.swappiness")
PATH = "/etc/sysctl.d/60-kafka-estate.conf"


def wanted(current: Mapping[str, str], least: Mapping[str, int], exact: Mapping[str, Any]) -> dict[str, str]:
    """Return the value each setting is to have, given those of the running kernel. Raises ValueError where one is no number."""
    raised = {name: str(max(int(value), int(current.get(name, value)))) for name, value in least.items()}
    return {**raised, **{name: " ".join(str(value).split()) for name, value in exact.items()}}


def text(values: Mapping[str, str]) -> str:
    """Return the file that keeps the settings."""
    return HEADER + "".join(f"{name} = {value}\n" for name, value in sorted(values.items()))


def proc_path(name: str) -> Path:
    """Return where the running kernel keeps a setting."""
    return Path("/proc/sys") / name.replace(".", "/")


def look(names: Collection[str], path: str = PATH) -> dict[str, Any]:
    """Return of the named settings ``values`` by name, those that are ``writable``, and as ``kept`` the file that keeps them.

    A setting that the kernel does not know is in neither.
    """
    known = {name: proc_path(name) for name in names if proc_path(name).is_file()}
    file = Path(path)
    return {
        "values": {name: " ".join(place.read_text().split()) for name, place in known.items()},
        "writable": [name for name, place in known.items() if os.access(place, os.W_OK)],
        "kept": file.read_text() if file.is_file() else "",
    }


def refusals(found: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    """Return why the settings that are other than wanted cannot be changed, by name; ``found`` is what :func:`look` returned."""
    return {
        name: "this kernel has no such setting"
        if name not in found["values"]
        else "the host does not let it be changed; in a container, set it on the machine that runs it"
        for name, value in values.items()
        if found["values"].get(name) != value and name not in found["writable"]
    }


def outcome(found: Mapping[str, Any], values: Mapping[str, str], refused: Mapping[str, str], path: str = PATH) -> dict[str, Any]:
    """Return the module's result for settings of which all but the refused ones are set."""
    before = found["values"]
    set_now = {name: value for name, value in values.items() if before.get(name) != value and name not in refused}
    changes = {name: before[name] for name in set_now}
    return {
        "changed": bool(set_now) or found["kept"] != text(values),
        "refused": dict(refused),
        "ansible_facts": {"estate_kernel": {**before, **set_now}},
        "diff": [
            {"before_header": path, "after_header": path, "before": found["kept"], "after": text(values)},
            {
                "before_header": "running kernel",
                "after_header": "running kernel",
                "before": text(changes) if changes else "",
                "after": text(set_now) if set_now else "",
            },
        ],
    }


def warnings(found: Mapping[str, Any], values: Mapping[str, str], refused: Mapping[str, str]) -> list[str]:
    """Return a sentence for each setting that the host refuses."""
    return [
        f"{name} is {found['values'].get(name, 'not there')} instead of {values[name]}: {reason}"
        for name, reason in refused.items()
    ]
