# SPDX-License-Identifier: Apache-2.0
"""What each host carries: ports, data directories, heaps, ids; and the tables of all components and of their metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate import listeners
from ansible_collections.estate.kafka.plugins.module_utils.estate.addresses import binds, refused
from ansible_collections.estate.kafka.plugins.module_utils.estate.combined import is_combined
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME, PREFLIGHT_OPTIONS, Component
from ansible_collections.estate.kafka.plugins.module_utils.estate.directories import (
    DIRECTORIES,
    METADATA_DIR,
    Own,
    collisions,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.flags import java_mistakes, program_mistakes
from ansible_collections.estate.kafka.plugins.module_utils.estate.hatches import (
    UNITS,
    Mistake,
    drop_in_path,
    heap_mistakes,
    mistakes,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.heap import heap_mb
from ansible_collections.estate.kafka.plugins.module_utils.estate.options import flat
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.roles import Role
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.estate.weakness import weakness
from ansible_collections.estate.kafka.plugins.module_utils.estate.written_ports import MAX_PORT, of_component, privileged
from ansible_collections.estate.kafka.plugins.module_utils.security import consoles
from ansible_collections.estate.kafka.plugins.module_utils.security.metrics import reader

# What filters write into the directory of a role's configuration, by the end of the variable that goes into it.
FILTERED = {
    "jmx_exporter_config": ("jmx-exporter.yml",),
    "log4j_config": ("log4j.properties", "log4j2.properties", "cli-log4j.properties", "cli-log4j2.properties"),
}
# MiB below which a JVM does not start.
MIN_HEAP_MIB = 2


def place(inventory: Inventory, host: str) -> dict[str, Any]:
    """Write down what a host carries, for preflight; two components on one port are found here."""
    carried: list[dict[str, Any]] = []
    taken: dict[int, str] = {}
    for component in inventory.placed[host]:
        ports = {}
        for port in component.ports:
            if port.when and inventory.value(host, port.when[0]) != port.when[1]:
                continue
            if port.unless and inventory.value(host, port.unless[0]) == port.unless[1]:
                continue
            number = inventory.number(host, port.variable)
            if number is None:
                continue
            if not 0 < number < 65536:
                inventory.problem(host, port.variable, number, "Choose a port from 1 to 65535")
            elif number in taken:
                found = inventory.hostvars[host].get(port.variable, number)
                inventory.problem(
                    host, port.variable, found, f"{taken[number]} has this port too: choose another for one of them"
                )
            taken.setdefault(number, port.variable)
            ports[port.variable] = number
        carried.append(placed_component(inventory, host, component, ports))
    for row in carried:
        row["privileged"] = check_written_ports(inventory, host, row["component"], row["ports"], taken)
    check_listeners(inventory, host, taken)
    check_directories(inventory, host)
    limits = {name: inventory.value(host, name) for name in PREFLIGHT_OPTIONS}
    return {
        "components": carried,
        "limits": {name: inventory.default(name) if value is None else value for name, value in limits.items()},
        "java_majors": inventory.value(host, "java_versions_accepted") or [],
        "java_chosen": bool(inventory.value(host, "java_version") or inventory.value(host, "java_package")),
    }


def check_written_ports(inventory: Inventory, host: str, role: str, ports: Mapping[str, int], taken: dict[int, str]) -> bool:
    """Hold the ports in options, flags and environment against all others; return whether one needs a right of its own."""

    def value_of(variable: str) -> Any:
        return inventory.value(host, variable, may_need_facts=True)

    options = {str(name): value for name, value in flat(inventory.options(host, role))}
    written = list(of_component(role, options, lambda name: inventory.level_of(host, role, name), value_of))
    for one in written:
        if not 0 < one.port <= MAX_PORT:
            inventory.problem(host, one.place, one.found, f"Choose a port from 1 to {MAX_PORT}")
        elif one.port in taken:
            remedy = f"{taken[one.port]} has port {one.port} too: choose another for one of them"
            inventory.problem(host, one.place, one.found, remedy)
        taken.setdefault(one.port, one.place)
    numbers = {*ports.values(), *(one.port for one in written)}
    return privileged(numbers, inventory.value(host, f"{role}_listeners", may_need_facts=True))


def check_listeners(inventory: Inventory, host: str, taken: Mapping[int, str]) -> None:
    """Hold the listeners of broker and worker against their ports, and those of a broker against all ports of the host."""
    placed = {component.name for component in inventory.placed[host]}
    if inventory.value(host, "security_profile") == "secured":
        return

    def value_of(variable: str) -> Any:
        return inventory.value(host, variable, may_need_facts=True)

    alone = sum(bool(components) for components in inventory.placed.values()) == 1
    found: list[listeners.Mistake] = []
    if "kafka_broker" in placed:
        found += listeners.broker(host, alone, value_of, inventory.options(host, "kafka_broker"), taken)
    if "kafka_connect" in placed:
        found += listeners.worker(alone, value_of)
    for variable, what, remedy in found:
        inventory.problem(host, variable, what, remedy)


def check_directories(inventory: Inventory, host: str) -> None:
    """Find directories of one component that are, or lie in, those of another on the host."""
    own: list[Own] = []
    for component in inventory.placed[host]:
        for variable in (f"{component.role}_{end}" for end in DIRECTORIES):
            value = inventory.value(host, variable, may_need_facts=True)
            paths = value if isinstance(value, list) else [value]
            own += [Own(component.name, variable, path) for path in paths if isinstance(path, str) and "{{" not in path]
        if metadata := metadata_dir(inventory, host, component):
            own.append(Own(component.name, METADATA_DIR, metadata))
    for variable, number, remedy in shared_ids(inventory, host):
        inventory.problem(host, variable, number, remedy)
    for one, remedy in collisions(own):
        inventory.problem(host, one.variable, one.path, remedy)


def shared_ids(inventory: Inventory, host: str) -> Iterator[tuple[str, int, str]]:
    """Yield ids that users or groups of different names would have on a host, and names that would have two ids."""
    owners: dict[tuple[str, int], str] = {}
    numbers: dict[tuple[str, str], tuple[str, int]] = {}
    for role in (component.role for component in inventory.placed[host]):
        user = inventory.value(host, f"{role}_user", may_need_facts=True)
        group = inventory.value(host, f"{role}_group", may_need_facts=True) or user
        for end, name in (("uid", user), ("gid", group)):
            number = inventory.value(host, f"{role}_{end}", may_need_facts=True)
            if not isinstance(number, int):
                continue
            if owners.setdefault((end, number), name) != name:
                yield f"{role}_{end}", number, f"{owners[end, number]} has this id too: give each an id of its own"
            first, known = numbers.setdefault((end, str(name)), (f"{role}_{end}", number))
            if known != number:
                yield f"{role}_{end}", number, f"{first} gives {name} the id {known}: write one number for it"


def phase_places(component: str, value_of: Callable[[str], Any]) -> dict[str, Any]:
    """Return where the phase of a broker or controller is found: its file, its unit, its log; {} for others."""
    names = {"kafka_broker": ("server", "kafka"), "kafka_controller": ("controller", "kafka-controller")}
    if component not in names:
        return {}
    file, unit = names[component]
    log = value_of(f"{component}_log_dir")
    return {"file": f"{value_of(f'{component}_config_dir')}/{file}.properties", "unit": unit, "log": f"{log}/{file}.log"}


def stage_places(component: str, value_of: Callable[[str], Any]) -> dict[str, Any]:
    """Return where the stage between open and secured of a broker or server is found, its file and its unit; {} for others.

    ``port`` is the one that it has while it is open.
    """
    names = {"kafka_broker": ("server.properties", "kafka", "port"), "zookeeper": ("zoo.cfg", "zookeeper", "client_port")}
    if component not in names:
        return {}
    file, unit, port = names[component]
    file = f"{value_of(f'{component}_config_dir')}/{file}"
    return {"file": file, "unit": unit, "port": value_of(f"{component}_{port}")}


def metadata_dir(inventory: Inventory, host: str, component: Component) -> str:
    """Return where a broker that is a controller too has the metadata; '' for all others."""
    both = component.name == "kafka_broker" and is_combined(inventory, host)
    return str(inventory.value(host, METADATA_DIR) or "") if both else ""


def placed_component(inventory: Inventory, host: str, component: Component, ports: dict[str, int]) -> dict[str, Any]:
    directories: list[str] = []
    for variable in component.data_dirs:
        value = inventory.value(host, variable)
        directories += [str(path) for path in ([value] if isinstance(value, str) else value or [])]
    metadata = metadata_dir(inventory, host, component)
    size = ""
    if component.heap:
        size = str(inventory.value(host, component.heap.variable, may_need_facts=True) or "")
        if size and not _is_heap(size):
            inventory.problem(host, component.heap.variable, size, "Write a JVM size such as 512m or 2g")
            size = ""
    id_variable = next((name for name in component.required if name.endswith("_id")), "")

    def value_of(variable: str) -> Any:
        return inventory.value(host, variable, may_need_facts=True)

    wrong = [(one.variable, one.found, one.remedy) for one in refused(component.name, host, value_of)]
    wrong += refused_hatches(inventory.roles[component.role], value_of)
    if component.heap and component.java:
        flags, environment = (value_of(f"{component.role}_{end}") for end in ("jvm_flags", "environment"))
        wrong += [*heap_mistakes(component.role, flags, environment), *java_mistakes(component.role, flags)]
    wrong += program_mistakes(component.role, value_of(f"{component.role}_flags"))
    for variable, what, remedy in wrong:
        # In words already, and without secrets.
        inventory.problem(host, variable, Found(what), remedy)
    user = value_of(f"{component.role}_user")
    return {
        "component": component.name,
        "ports": ports,
        "data_dirs": [*directories, metadata] if metadata else directories,
        # Of a broker that is a controller too.
        **({"combined": True, "metadata_dir": metadata} if metadata else {}),
        "binds": binds(component.name, value_of),
        "heap": size,
        # Not known before the run where a template of facts stands there: then nobody looks for it.
        "account": {
            "user": user,
            "group": value_of(f"{component.role}_group") or user,
            "uid": value_of(f"{component.role}_uid"),
            "gid": value_of(f"{component.role}_gid"),
            "manage": value_of(f"{component.role}_manage_user") is not False,
        },
        "id_variable": id_variable,
        "id": inventory.number(host, id_variable) if id_variable else None,
        # Only what is wrong with one. Preflight refuses it, so that the topology can be shown without passwords.
        "passwords": {name: _weakness(inventory, host, component.name, name) for name in component.passwords},
        "chosen": inventory.value(host, component.chosen_by) if component.chosen_by else None,
        "phase": phase_places(component.name, value_of),
        "stage": stage_places(component.name, value_of),
    }


def _weakness(inventory: Inventory, host: str, component: str, variable: str) -> str:
    password = inventory.hostvars[host].get(variable)
    # A secured estate has one made.
    made = consoles.ADMINISTRATORS.get(component) == variable and inventory.value(host, "security_profile") == "secured"
    return "" if made and password in (None, "") else weakness(password, (component,))


def refused_hatches(role: Role, value_of: Callable[[str], Any]) -> list[Mistake]:
    """Return what is wrong with a person's own files and unit settings; what only filters write is seen in the role alone."""
    hatches = {name: value_of(f"{role.name}_{name}") for name in ("files", "unit", "environment")}
    taken = written_paths(role, value_of) if hatches["files"] else []
    return mistakes({"role": role.name, **hatches}, taken, str(value_of(f"{role.name}_user") or ""))


def written_paths(role: Role, value_of: Callable[[str], Any]) -> list[str]:
    """Return the paths that a role writes on a host, as far as its vars and the host's directories tell."""
    paths = [f"{UNITS}/{role.unit}.service", drop_in_path(role.unit)] if role.unit else []
    names = [name for end, files in FILTERED.items() if f"{role.name}_{end}" in role.options for name in files]
    for path in (*role.paths, *(f"{{{{ {role.name}_config_dir }}}}/{name}" for name in names)):
        variable, braces, rest = path.removeprefix("{{ ").partition(" }}")
        directory = value_of(variable) if braces else ""
        if isinstance(directory, str):
            paths.append(directory + (rest if braces else path))
    return paths


def component_table(inventory: Inventory, placement: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    table = []
    for component in inventory.components:
        for host in inventory.groups.get(component.group, ()):
            placed = next(row for row in placement[host]["components"] if row["component"] == component.name)
            ports = list(placed["ports"].values())
            address = f"{host}:{ports[0] if ports else ''}"
            row: dict[str, Any] = {"component": component.name, "host": host, "ports": ports}
            if placed["privileged"]:
                # The unit grants its user the ports below 1024.
                row["privileged"] = True
            if component.cluster and (used := inventory.value(host, component.cluster)):
                row["uses"] = str(used)
            if component.scheme:
                # Nothing of a secured estate is asked in plain.
                scheme = "https" if placement[host].get("secured") else component.scheme
                row["url"] = f"{scheme}://{address}"
            else:
                row["address"] = address
            # Where its metrics are a page of the same port.
            if placement[host].get("secured") and list(placed["ports"])[:1] == [component.metrics] and reader(component.name):
                row["tls"] = reader(component.name)
            elif placement[host].get("secured") and consoles.reader(component.name):
                row["tls"] = consoles.reader(component.name)
            table.append(row)
    return table


def metrics_table(
    inventory: Inventory, topology: Mapping[str, Any], placement: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return what serves metrics where: component, host, port, and the cluster, ensemble or group it belongs to."""
    clusters = {
        ("zookeeper", server["host"]): name for name, found in topology["ensembles"].items() for server in found["servers"]
    }
    clusters |= {
        ("kafka_broker", broker["host"]): name for name, found in topology["clusters"].items() for broker in found["brokers"]
    }
    clusters |= {
        ("kafka_controller", row["host"]): name for name, found in topology["clusters"].items() for row in found["controllers"]
    }
    clusters |= {("kafka_connect", host): name for name, found in topology["connect_clusters"].items() for host in found["hosts"]}
    table = []
    for host, placed in placement.items():
        for row in placed["components"]:
            component = BY_NAME[row["component"]]
            if component.metrics not in row["ports"]:
                continue
            cluster = clusters.get((component.name, host), "")
            if not cluster and component.cluster:
                cluster = str(inventory.value(host, component.cluster) or "")
            port = row["ports"][component.metrics]
            found = {"component": component.name, "host": host, "port": port, "cluster": cluster}
            if placed.get("secured") and (tls := reader(component.name)):
                found["tls"] = tls
            table.append(found)
    return table


def _is_heap(size: str) -> bool:
    try:
        return heap_mb(size) >= MIN_HEAP_MIB
    except ValueError:
        return False
