# SPDX-License-Identifier: Apache-2.0
"""What the component of a role is on its host: files, with what its unit is made of, and the paths whose change matters.  Pure.

``component`` is the mapping that a role hands over, see the entry point ``component`` of the role ``common``. It is read key by
key, for Ansible works out a value when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.estate.kafka.plugins.module_utils.estate.hatches import UNITS, hatch_watch, unit_item, with_hatches
from ansible_collections.estate.kafka.plugins.module_utils.estate.levels import merged
from ansible_collections.estate.kafka.plugins.module_utils.formats.shell import command

Component = Mapping[str, Any]
TEMPLATE = "java.service.j2"
GC_LOG = "-Xlog:gc*:file={}:time,uptime:filecount=10,filesize=10M"
# A file and not a directory: the first dump is kept, and a process that ends over and over does not fill the disk.
HEAP_DUMP = ("-XX:+HeapDumpOnOutOfMemoryError", "-XX:HeapDumpPath={}/heap.hprof")
HATCHES = ("files", "unit", "environment", "unit_template")


def group(component: Component) -> str:
    """Return the group of the component's user; without a name of its own it is the user's."""
    return (component.get("account") or {}).get("group") or component["user"]  # type: ignore[no-any-return]


def watch(component: Component) -> list[str]:
    """Return the paths whose change makes a restart due; beside a program called java, its release is looked at too."""
    unit = component["unit"]
    java = [unit["java"]] if "java" in unit else []
    own = hatch_watch(component.get("hatches") or {}, component["name"])
    return [*(component.get("watch") or ()), f"{UNITS}/{component['name']}.service", *java, *own]


def allowed(component: Component) -> bool:
    """Return True; raises ValueError with a line for each of a person's own files and settings that is refused.

    Without any, the component's own items are not worked out.
    """
    hatches = component.get("hatches") or {}
    return not any(hatches.get(name) for name in HATCHES) or bool(items(component))


def items(component: Component, privileged: bool = False) -> list[Mapping[str, Any]]:
    """Return the items of the module ``files``: the component's, its unit, and a person's own.

    ``privileged`` is whether it listens below port 1024. Raises ValueError for a person's own that are refused.
    """
    hatches = component.get("hatches") or {}
    unit = unit_item(component["name"], TEMPLATE, hatches) | {"variables": _variables(component, privileged)}
    private = [{"path": path, "state": "directory", "owner": component["user"], "mode": "0750"} for path in _tmp(component)]
    return with_hatches([*component["items"], *private, unit], component["name"], component["user"], hatches)


def _variables(component: Component, privileged: bool) -> dict[str, Any]:
    """Return what the template of the unit knows."""
    unit, tmp = component["unit"], _tmp(component)
    environment = (component.get("hatches") or {}).get("environment") or {}
    return {
        "common_component": {key: component[key] for key in component if key not in ("items", "hatches")},
        "common_unit": {
            "group": group(component),
            "environment": merged(unit.get("environment") or {}, environment),
            "writable": [*unit["writable"], *([] if component["home"] in unit["writable"] else tmp)],
            "started": _started(component["name"], watch(component)),
            "loaded": _loaded(component["name"], component.get("reload") or []),
            "java": _java(unit, tmp[0]) if tmp else [],
            "privileged": privileged,
        },
    }


def _tmp(component: Component) -> list[str]:
    """Java unpacks libraries, such as those of zstd and snappy, and loads them: hardened hosts have /tmp without that right."""
    return [f"{component['home']}/tmp"] if "java" in component["unit"] else []


def _java(unit: Mapping[str, Any], tmp: str) -> list[str]:
    """Return program and flags, before the role's own, so that those have the last word."""
    words = [unit["java"], f"-Xms{unit['heap']}", f"-Xmx{unit['heap']}", f"-Djava.io.tmpdir={tmp}"]
    words += [GC_LOG.format(unit["gc_log"])] if unit.get("gc_log") else []
    return words + ([word.format(tmp) for word in HEAP_DUMP] if boolean(unit.get("heap_dump", False), strict=False) else [])


def _started(name: str, watched: list[str]) -> str:
    """Return the script that writes down what a process starts with, and the release of its Java."""
    found = "".join(
        f' $(readlink -e "$(dirname "$(readlink -f {command([java])})")/../release")'
        for java in watched
        if java.endswith("/java")
    )
    return f"{command(['sha256sum', *watched])}{found} > /run/{name}/started-with"


def _loaded(name: str, paths: list[str]) -> str:
    """Return the script that writes down what a process has read anew."""
    return f"{command(['find', *paths])} -type f -exec sha256sum {{}} + > /run/{name}/loaded-with"
