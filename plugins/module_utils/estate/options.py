# SPDX-License-Identifier: Apache-2.0
"""Options of brokers, workers, ZooKeeper, Elasticsearch and consoles, held against what the programs themselves define.

Pure but for :func:`load_definitions`, which reads artifacts/options (``make options`` writes it) and the variables of the roles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.estate.close_names import CLOSE, VERY_CLOSE, closest
from ansible_collections.estate.kafka.plugins.module_utils.estate.combined import BOTH, BROKER, is_combined
from ansible_collections.estate.kafka.plugins.module_utils.estate.option_kinds import (
    CLIENT,
    CONNECTOR,
    KINDS,
    TOPIC,
    Kind,
    removed_in_4,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.option_values import wanted_instead
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.program_flags import Flags, load_flags
from ansible_collections.estate.kafka.plugins.module_utils.estate.relations import FOLLOWERS, related
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.kafka.lines import LINE_3, LINE_4
from ansible_collections.estate.kafka.plugins.module_utils.secrets import SECRET

Definition = Mapping[str, Any]
KAFKA = "kafka_broker"
# Roles whose programs' options are not known by name, or are flags, with what in their vars sets some of them from variables.
OTHERS = {
    "akhq": "_akhq_defaults",
    "cmak": "_cmak_defaults",
    "elasticsearch_exporter": "_elasticsearch_exporter_flags",
    "grafana": "_grafana_defaults",
    "node_exporter": "_node_exporter_flags",
    "schema_registry": "_schema_registry_apicurio",
}
# Options of them that follow from the rest of the inventory.
FOLLOWING = {
    "blackbox_exporter": {"modules": "Add yours with blackbox_exporter_modules: without the toolkit's own nothing is probed"},
    "cmak": {"cmak.zkhosts": "Set cmak_ensemble instead: it names the ensemble"},
    "elasticsearch_exporter": {"es.uri": "Remove it: the address follows from group elasticsearch"},
    "kafka_exporter": {
        **dict.fromkeys(("kafka.server", "bootstrap-brokers"), "Remove it: the addresses follow from kafka_exporter_cluster"),
        **dict.fromkeys(("web.listen-address", "port"), "Set kafka_exporter_port instead: everybody who reads it follows that"),
    },
    "schema_registry": dict.fromkeys(
        ("apicurio.kafkasql.bootstrap.servers", "kafkastore.bootstrap.servers", "kafkastore.connection.url"),
        "Remove it: the addresses follow from schema_registry_cluster",
    ),
}
# What the schema registry keeps its state in is read as it is merged, by everybody.
MERGED = ("apicurio.kafkasql.topic",)
# Variables with settings of the toolkit's own clients of a cluster.
LOGINS = ("kafka_client", "kafka_users_login")
# The variable that says which line a component runs.
VERSIONS = {KAFKA: "kafka_broker_version", "kafka_connect": "kafka_connect_version"}
# The program of each line.
LINES = {LINE_3: "kafka", LINE_4: "kafka"}
# An expression that is one variable and nothing else but perhaps `or none`, or its type; a port may have ':' before it.
ONE_VARIABLE = re.compile(r":?\{\{ (?P<variable>[a-z]\w*)( or none| \| (int|float|bool))? \}\}")


FOLLOWS = "everything that has to agree with it follows that variable"


@dataclass(frozen=True)
class Complaint:
    """What is wrong with one option: its name, what it was set to, and what to do."""

    option: str
    found: Any
    remedy: str
    secret: bool = False
    # It is only doubtful, or out of date.
    warning: bool = False


@dataclass(frozen=True)
class Program:
    """A set of options as artifacts/options has them; ``wanted`` is the version asked for when the data are of another one."""

    name: str
    version: str
    options: Mapping[str, Definition]
    wanted: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True)
class Definitions:
    """Everything known of options: the sets by name, and by role the options that a variable owns and those that the role fixes.

    ``lines`` has the sets of further lines of Kafka by their artefact, ``versions`` the version that is installed of each.
    """

    programs: Mapping[str, Program]
    owned: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fixed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lines: Mapping[str, Mapping[str, Program]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    # The command-line flags of programs, by their names in the catalogue.
    flags: Mapping[str, Flags] = field(default_factory=dict)
    # The settings of a unit that systemd knows, by section.
    units: Mapping[str, list[str]] = field(default_factory=dict)

    def of(self, artefact: str) -> Definitions:
        """Return the definitions for what runs one artefact: those of its line before those of all others."""
        return replace(self, programs={**self.programs, **self.lines.get(artefact, {})})


NO_DEFINITIONS = Definitions({})


def load_definitions(root: Path, versions: Mapping[str, Any] | None = None) -> Definitions:
    """Read the options of the catalogue's versions.

    ``versions`` maps components to versions that an inventory wants instead; they count where there are data of them.
    """
    with (root / "artifacts/catalogue.yml").open(encoding="utf-8") as stream:
        entries = yaml_load(stream)["components"]
    asked = {name: str((versions or {}).get(name) or entries[name]["version"]) for name in (*LINES, "elasticsearch", "kibana")}
    wanted = {name: asked[name] for name in (*LINES, "elasticsearch", "kibana")}
    sets = {name: _programs(root / "artifacts/options", name, wanted[name], str(entries[name]["version"])) for name in wanted}
    owned, fixed = {}, {}
    for role, name in {**{kind: f"_{kind}_defaults" for kind in KINDS}, **OTHERS}.items():
        with (root / "roles" / role / "vars/main.yml").open(encoding="utf-8") as stream:
            defaults = yaml_load(stream)[name]
        defaults = defaults.get("defaults", defaults)
        owned[role] = {one: variable for one, variable in owned_options(role, defaults).items() if one not in MERGED}
        fixed[role] = {option: value for option, value in defaults.items() if "{{" not in str(value)}
    programs = {**sets["kafka"], **sets["elasticsearch"], **sets["kibana"], **clients(root / "artifacts/options")}
    flags = load_flags(root / "artifacts/options", versions or {})
    (path,) = (root / "artifacts/options").glob("systemd-*/unit.json")
    units = json.loads(path.read_text(encoding="utf-8"))["settings"]
    return Definitions(programs, owned, fixed, {LINE_4: sets[LINE_4]}, asked, flags, units)


def clients(folder: Path) -> dict[str, Program]:
    """Return the settings of the library by which the toolkit's modules talk to Kafka, of the one version that there is."""
    (path,) = folder.glob("librdkafka-*/client.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    return {"client": Program(data["program"], data["version"], data["options"])}


def _programs(folder: Path, component: str, wanted: str, own: str) -> dict[str, Program]:
    """Return the sets of one component, of the version that is wanted or, without data of that, of the catalogue's own."""
    program = LINES.get(component, component)
    known = (folder / f"{program}-{wanted}").is_dir()
    programs = {}
    for path in (folder / f"{program}-{wanted if known else own}").glob("*.json"):
        data = json.loads(path.read_text(encoding="utf-8"))
        programs[path.stem] = Program(data["program"].capitalize(), data["version"], data["options"], "" if known else wanted)
    return programs


def owned_options(role: str, defaults: Mapping[str, Any]) -> dict[str, str]:
    """Return option to variable for the options that a public variable of the role sets by itself.

    Where several options come from one variable, the one of its name is the variable's; the others only follow it unless they are
    set themselves.
    """
    sources: dict[str, list[str]] = {}
    for option, value in defaults.items():
        match = ONE_VARIABLE.fullmatch(value) if isinstance(value, str) else None
        if match and match["variable"].startswith(f"{role}_"):
            sources.setdefault(match["variable"], []).append(option)
    owned = {}
    for variable, options in sources.items():
        same = [option for option in options if f"{role}_{option.replace('.', '_')}" == variable]
        owned.update(dict.fromkeys(same or options, variable))
    return owned


def check_inventory(inventory: Inventory, definitions: Definitions) -> None:
    """Tell the inventory what is wrong with the options of every component, and of the toolkit's own clients."""
    for host, components in inventory.placed.items():
        for role in (component.role for component in components if component.role in KINDS):
            allowed = inventory.value(host, KINDS[role].unknown, may_need_facts=True) or ()
            of_host = definitions.of(line_of(inventory, host, role))
            complaints = check_options(role, inventory.options(host, role), of_host, allowed)
            complaints += _related(inventory, host, role, of_host, complaints)
            for complaint in complaints:
                tell(inventory, host, f"{inventory.level_of(host, role, complaint.option)}.{complaint.option}", complaint)
        for role in (component.role for component in components if component.role in {*OTHERS, *FOLLOWING}):
            # One that is itself a mapping, such as the modules of an exporter, by its own name.
            options = inventory.options(host, role)
            given = {str(name): value for name, value in [*options.items(), *flat(options)]}
            owned = {name: f"Set {one} instead: {FOLLOWS}" for name, one in definitions.owned.get(role, {}).items()}
            owned = {name: remedy for name, remedy in {**owned, **FOLLOWING.get(role, {})}.items() if name in given}
            for option, remedy in [*owned.items(), *related(role, given, {}, {}, passed=owned)]:
                complaint = Complaint(option, given[option], remedy, bool(SECRET.search(option)))
                tell(inventory, host, f"{inventory.level_of(host, role, option)}.{option}", complaint)
    for host in inventory.hosts_of(KAFKA):
        for variable in LOGINS:
            login = inventory.value(host, variable, may_need_facts=True)
            for complaint in check(CLIENT, login, definitions, {}, ()) if isinstance(login, Mapping) else ():
                tell(inventory, host, f"{variable}.{complaint.option}", complaint)


def _related(
    inventory: Inventory, host: str, role: str, definitions: Definitions, complaints: Iterable[Complaint]
) -> list[Complaint]:
    """Return what is wrong with options taken together; one that has a complaint of its own gets no second one."""
    program = definitions.programs.get(KINDS[role].options)
    given = inventory.options(host, role)
    if program is None or not given:
        return []
    given = {str(name): value for name, value in (flat(given) if KINDS[role].nested else given.items())}
    assumed = dict(definitions.fixed.get(role, {})) | {
        option: inventory.value(host, variable, may_need_facts=True)
        for option, variable in {**definitions.owned.get(role, {}), **(FOLLOWERS if role == KAFKA else {})}.items()
    }
    if role == KAFKA and has_controllers(inventory, host):
        assumed["process.roles"] = BOTH if is_combined(inventory, host) else BROKER
    defaults = {name: definition.get("default") for name, definition in program.options.items()}
    told = {complaint.option for complaint in complaints if not complaint.warning}
    return [
        Complaint(option, given.get(option), f"{program}: {remedy}", bool(SECRET.search(option)))
        for option, remedy in related(role, given, assumed, defaults, program.version, told)
    ]


def has_controllers(inventory: Inventory, broker: str) -> bool:
    """Whether the cluster of a broker has controllers, and no ZooKeeper beside them."""
    cluster = inventory.value(broker, "kafka_broker_cluster")
    owners = {inventory.value(host, "kafka_controller_cluster") for host in inventory.hosts_of("kafka_controller")}
    owners |= {
        inventory.value(host, "kafka_broker_cluster") for host in inventory.hosts_of(KAFKA) if is_combined(inventory, host)
    }
    return cluster in owners and inventory.value(broker, "kafka_broker_migration") is not True


def line_of(inventory: Inventory, host: str, role: str) -> str:
    """Return the artefact that a component of a host runs, of the lines of Kafka: '' for the one of all others."""
    if role == "kafka_controller":
        version = inventory.value(host, "kafka_controller_version", may_need_facts=True)
        return "" if str(version or "").startswith("3.") else LINE_4
    version = inventory.value(host, VERSIONS[role], may_need_facts=True) if role in VERSIONS else ""
    return LINE_4 if str(version or "").startswith("4.") else ""


def tell(inventory: Inventory, host: str, variable: str, complaint: Complaint) -> None:
    """Tell the inventory of a complaint about a variable of a host, or of what stands inside of it."""
    say = inventory.warning if complaint.warning else inventory.problem
    say(host, variable, Found("a secret value") if complaint.secret else complaint.found, complaint.remedy)


def check_options(
    role: str, options: Mapping[str, Any], definitions: Definitions, allowed: Iterable[str] = ()
) -> list[Complaint]:
    """Return everything wrong with the options that people set for a component, all levels merged.

    ``allowed`` has the names that are taken as they are: whole, or the beginnings of names, ending in ``.`` or ``*``.
    """
    kind = KINDS[role]
    if kind.nested:
        options = dict(flat(options))
    return list(check(kind, options, definitions, definitions.owned.get(role, {}), tuple(str(name) for name in allowed)))


def flat(options: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the options with dotted names, however they are nested."""
    for name, value in options.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def check(
    kind: Kind, options: Mapping[str, Any], definitions: Definitions, owned: Mapping[str, str], allowed: tuple[str, ...]
) -> Iterator[Complaint]:
    """Yield what is wrong with options of one kind; ``owned`` maps options to the variables that set them."""
    program = definitions.programs.get(kind.options)
    if program is None:
        return
    for key, value in options.items():
        name = str(key)
        secret = bool(SECRET.search(name))
        if name in owned:
            yield Complaint(name, value, f"Set {owned[name]} instead: {FOLLOWS}", secret)
        elif program.version.startswith("4.") and (removed := _removed(kind, name)):
            yield Complaint(name, value, f"{program} has it no more. {removed}", secret)
        elif refused := kind.refusal(name):
            yield Complaint(name, value, refused, secret)
        elif not any(fnmatchcase(name, f"{pattern}*" if pattern.endswith(".") else pattern) for pattern in allowed):
            definition = _definition(kind, name, definitions)
            if definition is None:
                yield _unknown(kind, name, value, definitions, program)
            else:
                yield from _judged(kind, name, value, definition, definitions, program)


def _removed(kind: Kind, name: str) -> str:
    """Return '' or what to do instead of an option that Kafka 4 no longer has, the ones behind a prefix included."""
    behind = [name[match.end() :] for prefix, _ in kind.prefixes if (match := prefix.match(name))]
    # A connector's class may have an option of the same name as one of the broker's.
    return next(filter(None, map(removed_in_4, behind if kind is CONNECTOR else [name, *behind])), "")


def _definition(kind: Kind, name: str, definitions: Definitions) -> Definition | None:
    """Return what the program defines under a name; an empty definition where anything may follow a prefix; None for nothing."""
    for known in (kind.options, *kind.also):
        if definition := _named(definitions.programs[known].options, name):
            return definition
    for prefix, known in kind.prefixes:
        if match := prefix.match(name):
            rest = name[match.end() :]
            if definition := _named(definitions.programs[known].options, rest):
                return definition
    return {"type": "open"} if kind.open and any(prefix.match(name) for prefix in kind.open) else None


def _named(options: Mapping[str, Definition], name: str) -> Definition | None:
    if name in options:
        return options[name]
    # Of Elasticsearch: for each of several things, such as transport.profiles.*.port, or for whatever follows, such as node.attr.
    for known, definition in options.items():
        if fnmatchcase(name, known) if "*" in known else known.endswith(".") and name.startswith(known) and name != known:
            return definition
    return None


def _judged(
    kind: Kind, name: str, value: Any, definition: Definition, definitions: Definitions, program: Program
) -> Iterator[Complaint]:
    if definition["type"] == "open":
        close = closest(name, _candidates(kind, name, definitions), VERY_CLOSE)
        if close and close != name:
            yield Complaint(
                name, value, f"{program} takes anything there, and knows {close}: write that if it is meant", False, True
            )
        return
    secret = definition["type"] == "password" or bool(definition.get("secret")) or bool(SECRET.search(name))
    if definition["type"] == "keystore":
        yield Complaint(
            name, value, f"{program} takes it from its keystore only: add it there on the host and remove it here", True
        )
    elif definition.get("index"):
        yield Complaint(
            name, value, f"{program} refuses settings of indices in its own file: put it into an index template", secret
        )
    elif value is not None and (wanted := wanted_instead(value, {**definition, "exact": kind.nested})):
        yield Complaint(name, value, f"{program} takes {wanted} for {name}", secret)
    elif definition.get("deprecated") and value is not None:
        yield Complaint(name, value, f"{program} calls it deprecated: plan to do without it", secret, True)


def _unknown(kind: Kind, name: str, value: Any, definitions: Definitions, program: Program) -> Complaint:
    what = f"{program} has no such option of {kind.noun}"
    # The name of a listener is looked for in lower case only.
    lowered = name.lower() if _definition(kind, name.lower(), definitions) else ""
    close = _elsewhere(kind, name, definitions) or lowered or closest(name, _candidates(kind, name, definitions), CLOSE)
    hint = f"Write {close} if that is meant" if close else "Correct its name or remove it"
    if isinstance(value, Mapping) and not kind.nested:
        inner = next((one for one, _ in flat({name: value})), name)
        hint = f"Write dotted names, such as {inner}, each with one value: this is no file of mappings within mappings"
    if kind.unknown:
        hint += f", or list it in {kind.unknown} if it is for a plugin"
    if program.wanted:
        what += f"; artifacts/options has nothing of {program.wanted}, so it is only a guess"
    secret = bool(SECRET.search(name) or SECRET.search(close))
    return Complaint(name, value, f"{what}. {hint}", secret, bool(program.wanted))


def _elsewhere(kind: Kind, name: str, definitions: Definitions) -> str:
    """Return the option of the same meaning when a topic's stands among the broker's, or a broker's among a topic's."""
    topic = definitions.programs.get(TOPIC.options)
    pairs = [(option, found["broker"]) for option, found in topic.options.items() if "broker" in found] if topic else []
    if kind is TOPIC:
        return next((option for option, broker in pairs if broker == name), "")
    return next((broker for option, broker in pairs if option == name), "") if kind.options == "broker" else ""


def _candidates(kind: Kind, name: str, definitions: Definitions) -> list[str]:
    names = [known for data in (kind.options, *kind.also) for known in definitions.programs[data].options if "*" not in known]
    for prefix, data in kind.prefixes:
        match = prefix.match(name)
        for literal in [match[0]] if match else kind.literals(prefix):
            names += [f"{literal}{known}" for known in definitions.programs[data].options]
    return names
