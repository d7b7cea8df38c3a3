# SPDX-License-Identifier: Apache-2.0
"""A person's own files, unit settings and environment beside the toolkit's: what of them is refused, and what they become.  Pure.

``hatches`` is the mapping that a role hands over: ``role``, ``files``, ``unit``, ``environment``, ``unit_template``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found, Undefined
from ansible_collections.estate.kafka.plugins.module_utils.formats.systemd import unit_drop_in, unit_environment

# (variable or a place in it, what was found, what to do)
Mistake = tuple[str, str, str]

UNITS = "/etc/systemd/system"
READABLE_BY_OTHERS = 0o044
SECTIONS = ("Unit", "Service", "Install")
OCTAL = re.compile(r"0?[0-7]{3,4}")
# Options of a service that a variable of the role sets, by the end of its name.
OF_VARIABLES = {"User": "user", "Group": "group", "LimitNOFILE": "limit_nofile", "TimeoutStopSec": "stop_timeout"}
# Roles that have a variable for the last of them.
STOPPED = ("elasticsearch", "kafka_broker", "kafka_connect", "kafka_controller")
# Flags of a JVM that set its heap, and variables of an environment by which a JVM or a start script gets flags.
HEAP_FLAG = re.compile(r"-Xm[sx]\S*|-XX:(Max|Min|Initial)?(HeapSize|RAMPercentage|RAMFraction|RAM)=\S*")
FLAGS_OF_JAVA = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "ES_JAVA_OPTS")
# Variables of a start script that a variable of the role decides.
OF_ROLES = {"ES_PATH_CONF": "elasticsearch_config_dir", "ES_JAVA_HOME": "elasticsearch_java_home"}
UNREAD = (
    "KAFKA_HEAP_OPTS",
    "KAFKA_OPTS",
    "KAFKA_JVM_PERFORMANCE_OPTS",
    "KAFKA_LOG4J_OPTS",
    "KAFKA_JMX_OPTS",
    "JMX_PORT",
    "KAFKA_GC_LOG_OPTS",
    "JVMFLAGS",
    "SERVER_JVMFLAGS",
)


def drop_in_path(unit: str) -> str:
    """Return the path of the drop-in of a unit, named without ``.service``."""
    return f"{UNITS}/{unit}.service.d/kafka-estate.conf"


def started_with(unit: str) -> str:
    """Return the path of the record of the files that a unit's process started with."""
    return f"/run/{unit}/started-with"


def mistakes(hatches: Mapping[str, Any], taken: Sequence[str] = (), user: str = "") -> list[Mistake]:
    """Return everything wrong with a role's hatches; ``taken`` are the toolkit's own paths, ``user`` is who runs the process.

    What only the run knows (``Undefined``) is passed over.
    """
    role = hatches["role"]
    found = list(_of_files(f"{role}_files", hatches.get("files") or [], {posixpath.normpath(path) for path in taken}, user))
    found += _of_unit(f"{role}_unit", hatches.get("unit"))
    for name, value in (hatches.get("environment") or {}).items():
        try:
            if value is not None and not isinstance(value, Undefined):
                unit_environment(str(name), value)
        except ValueError as error:
            what = Found(f"a variable that no unit holds ({error})")
            found.append((f"{role}_environment", what, "Write another name or value"))
    return found


def _has_variable(role: str, option: str) -> bool:
    return option in OF_VARIABLES and (OF_VARIABLES[option] != "stop_timeout" or role in STOPPED)


def heap_mistakes(role: str, jvm_flags: Any, environment: Any) -> Iterator[Mistake]:
    """Yield flags of the JVM that set the heap beside the role's own variable, which is what preflight adds up."""
    remedy = f"Set {role}_heap instead: preflight adds up the heaps of a host by it"
    for number, flag in enumerate(jvm_flags if isinstance(jvm_flags, list) else ()):
        if isinstance(flag, str) and (match := HEAP_FLAG.search(flag)):
            yield f"{role}_jvm_flags[{number}]", repr(match[0]), remedy
    for name, value in environment.items() if isinstance(environment, Mapping) else ():
        if name in FLAGS_OF_JAVA and (match := HEAP_FLAG.search(str(value))):
            yield f"{role}_environment.{name}", repr(match[0]), remedy
        elif name in OF_ROLES and OF_ROLES[name].startswith(f"{role}_"):
            yield f"{role}_environment.{name}", repr(value), f"Set {OF_ROLES[name]} instead: the unit sets this from it"
        elif name in UNREAD:
            found = Found("a variable of the program's own start scripts")
            yield f"{role}_environment.{name}", found, f"The unit starts Java itself: use {role}_heap and {role}_jvm_flags"


def with_hatches(items: Sequence[Mapping[str, Any]], unit: str, user: str, hatches: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the items of the module ``files``: the toolkit's, the person's own, and the drop-in of the unit.

    Raises ValueError with a line for each mistake.
    """
    if not hatches:
        return list(items)
    path = drop_in_path(unit)
    taken = [str(item["path"]) for item in items] + [path]
    lines = [f"{place}: found {found}. {remedy}." for place, found, remedy in mistakes(hatches, taken, user)]
    if lines:
        raise ValueError("; ".join(lines) + " Nothing of this component was changed.")
    own = [_item(one) for one in hatches.get("files") or []]
    settings = unit_drop_in(hatches.get("unit"))
    if not settings:
        return [*items, *own, {"path": path, "state": "absent"}]
    folder = {"path": posixpath.dirname(path), "state": "directory", "group": "root"}
    return [*items, *own, folder, {"path": path, "content": settings, "group": "root"}]


def hatch_watch(hatches: Mapping[str, Any], unit: str) -> list[str]:
    """Return the paths among the hatches whose change makes a restart due."""
    files = [str(item["path"]) for item in hatches.get("files") or [] if item.get("restart")]
    return files + ([drop_in_path(unit)] if unit_drop_in(hatches.get("unit")) else [])


def unit_item(unit: str, template: str, hatches: Mapping[str, Any]) -> dict[str, Any]:
    """Return the item of the unit file: from a person's own template where the role names one, else from ``template``.

    A unit that does not write down what it starts with would be restarted by every run: ``holds`` is what the text must hold.
    """
    item: dict[str, Any] = {"path": f"{UNITS}/{unit}.service", "template": template, "group": "root"}
    if own := hatches.get("unit_template"):
        item |= {"template": own, "own": True, "holds": started_with(unit)}
    return item


def _item(one: Mapping[str, Any]) -> dict[str, Any]:
    item = {key: value for key, value in one.items() if key != "restart" and value is not None}
    if item.get("template"):
        item["own"] = True
    if item.get("secret") and not item.get("mode"):
        item["mode"] = "0640"
    return item


def _of_files(variable: str, files: Sequence[Mapping[str, Any]], taken: set[str], user: str) -> Iterator[Mistake]:
    seen: set[str] = set()
    for number, item in enumerate(files):
        path, place = item.get("path"), f"{variable}[{number}]"
        if not isinstance(path, str):
            continue
        if not path.startswith("/") or ".." in path.split("/") or posixpath.normpath(path) == "/":
            yield f"{place}.path", repr(path), "Write an absolute path without '..'"
            continue
        clean = posixpath.normpath(path)
        if clean in taken:
            yield f"{place}.path", repr(path), "The toolkit writes this path itself: choose another, or use the role's variables"
        if clean in seen:
            yield f"{place}.path", repr(path), "An item before has this path too: keep one of them"
        seen.add(clean)
        yield from _of_file(place, item, user)


def _of_file(place: str, item: Mapping[str, Any], user: str) -> Iterator[Mistake]:
    mode = item.get("mode")
    # Without quotes YAML has read the digits before anybody could ask: 0640 is 416.
    if mode is not None and not isinstance(mode, Undefined) and not (isinstance(mode, str) and OCTAL.fullmatch(mode)):
        yield f"{place}.mode", repr(mode), "Write it in octal and in quotes, such as '0640'"
    state = item.get("state") or "file"
    texts = [key for key in ("content", "template") if item.get(key) is not None]
    if state == "file" and len(texts) != 1:
        yield place, Found(" and ".join(texts) or "neither content nor template"), "Give a file one of content and template"
    if state == "link" and not item.get("src"):
        yield place, Found("a link without src"), "Name what it points to in src"
    if not item.get("restart"):
        return
    if state in ("directory", "absent"):
        yield f"{place}.restart", Found(f"true for state {state}"), "Only a file or a link can be watched: remove restart"
    mode = item.get("mode") or ("0640" if item.get("secret") else "0644")
    if state == "file" and isinstance(mode, str) and mode.isdigit() and user and (item.get("owner") or "root") != user:
        try:
            closed = not int(mode, 8) & READABLE_BY_OTHERS
        except ValueError:
            return
        if closed:
            remedy = f"A watched file is read when the process starts: let {user} or its group read it"
            yield f"{place}.mode", repr(mode), remedy


def _of_unit(variable: str, value: Any) -> Iterator[Mistake]:
    if isinstance(value, Undefined):
        return
    try:
        text = unit_drop_in(value)
    except ValueError as error:
        remedy = "Write section, option and value, or the text of a drop-in"
        yield variable, Found(f"settings that no unit holds ({error})"), remedy
        return
    role, section = variable.removesuffix("_unit"), ""
    for line in text.splitlines():
        if line.strip().startswith("["):
            section = line.strip().strip("[]")
            if section not in SECTIONS and not section.startswith("X-"):
                yield variable, Found(f"a section [{section}]"), f"systemd passes over it: write one of {', '.join(SECTIONS)}"
        elif section == "Service" and _has_variable(role, option := line.partition("=")[0].strip()):
            remedy = f"Set {role}_{OF_VARIABLES[option]} instead: everything that has to agree with it follows that variable"
            yield f"{variable}.Service.{option}", Found(f"{line.partition('=')[2].strip()!r}"), remedy
    lines = [line.replace(" ", "") for line in text.splitlines()]
    starts = [line for line in lines if line.startswith("ExecStart=")]
    if starts and (starts[0] != "ExecStart=" or len(starts) != 2):
        remedy = "A service has one: write ['', 'the command'], of which the first takes away the toolkit's"
        yield (
            f"{variable}.Service.ExecStart",
            Found("an ExecStart beside the toolkit's, with which nothing starts"),
            remedy,
        )
    if "ExecStartPre=" in lines:
        remedy = "It would remove the record of what the process starts with: add commands without resetting the list"
        yield variable, Found("an empty ExecStartPre"), remedy
