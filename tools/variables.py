"""docs/variables.md: one list of every variable that a person may set, with type, default and the page that describes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import PREFLIGHT_OPTIONS
from ansible_collections.estate.kafka.plugins.module_utils.estate.hold import IDLE_MAX
from ansible_collections.estate.kafka.plugins.module_utils.estate.variables import ESTATE_OPTIONS, EXERCISE_OPTIONS
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import KINDS, MACHINES, PYTHONS

Option = Mapping[str, Any]

# What holds where an inventory does not set a variable of the estate, for those that are not simply empty or off.
ESTATE_DEFAULTS: dict[str, Any] = {
    "estate_store": ".cache/store",
    "estate_artifact_sources": list(KINDS),
    "estate_require_all_artifacts": True,
    "estate_run_idle_max": IDLE_MAX,
    "estate_host_pythons": list(PYTHONS),
    "estate_host_machines": list(MACHINES[:1]),
    "kafka_topics_throttle": 50_000_000,
    "kafka_users_update_password": "changed with kafka_users_login, else on_create",
    "schema_compatibility": "as it is",
    "security_profile": "open",
}
EMPTY: dict[str, Any] = {"list": [], "dict": {}, "bool": False, "str": ""}

# Variables of the playbooks that no role has, in the form of a role's argument_specs, by the page that describes them.
PLAYBOOK_OPTIONS: dict[str, dict[str, dict[str, Any]]] = {
    "operations/exercise.md": {
        "exercise_send": {"type": "bool", "default": False},
        "exercise_versions": {"type": "dict", "default": {"v1": 100}},
    },
    "inventory.md#the-exercise": EXERCISE_OPTIONS,
    "operations/report-and-health.md#one-page-of-the-estate": {
        "report_hours": {"type": "float", "default": 6},
        "report_language": {"type": "str", "default": "en"},
        "report_path": {"type": "path", "default": ".cache/report.html"},
        "report_prometheus_headers": {"type": "dict", "default": {}},
        "report_prometheus_url": {"type": "str", "default": ""},
    },
    "operations/offsets.md": {
        "consumer_group_offsets": {"type": "list", "elements": "dict", "required": True},
        "consumer_group_offsets_cluster": {"type": "str", "required": True},
        "consumer_group_offsets_confirm": {"type": "list", "elements": "str", "default": []},
    },
    "operations/controllers.md": {
        "controllers_confirm_remove": {"type": "list", "elements": "str", "default": []},
    },
    "operations/playbooks.md#ports": {
        "ports_clients": {"type": "list", "elements": "str", "default": []},
        "ports_controller": {"type": "list", "elements": "str", "default": []},
        "ports_operators": {"type": "list", "elements": "str", "default": []},
        "ports_rules_dir": {"type": "path"},
    },
    "../artifacts/README.md": {
        "artifacts_only": {"type": "list", "elements": "str"},
        "artifacts_update_lock": {"type": "bool", "default": False},
        "artifacts_verify": {"type": "bool", "default": False},
    },
}
# Entry points that only other roles call.
INTERNAL = {("common", "component"), ("common", "ready"), ("common", "release")}


@dataclass(frozen=True, order=True)
class Variable:
    """One row: ``page`` is relative to docs/ and may have an anchor; ``default`` is None where there is none."""

    name: str
    kind: str
    required: bool
    default: Any
    page: str


def variable(name: str, option: Option, page: str, default: Any) -> Variable:
    """Return the row of an option of argument_specs."""
    kind = option.get("type", "str") + (f" of {option['elements']}" if "elements" in option else "")
    return Variable(name, kind, bool(option.get("required")), default, page)


def page_of(name: str) -> str:
    """Return where a variable of the whole estate is described."""
    if name == "mirrors":
        return "inventory.md#mirrors"
    if name.startswith("estate_") or name == "security_profile":
        return "inventory.md#variables-of-the-whole-estate"
    return "inventory.md#objects"


def of_roles(specs: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Iterator[Variable]:
    """Yield the variables of roles: role to its ``argument_specs`` and its defaults."""
    for role, (entries, defaults) in specs.items():
        for entry_point, spec in entries.items():
            if (role, entry_point) not in INTERNAL:
                for name, option in (spec.get("options") or {}).items():
                    yield variable(name, option, f"roles/{role}.md", defaults.get(name, option.get("default")))


def of_estate() -> Iterator[Variable]:
    """Yield the variables that belong to no role."""
    for name, option in ESTATE_OPTIONS.items():
        yield variable(name, option, page_of(name), ESTATE_DEFAULTS.get(name, EMPTY.get(option["type"])))
    for name, option in PREFLIGHT_OPTIONS.items():
        yield variable(name, option, "preflight.md", option["default"])
    for page, options in PLAYBOOK_OPTIONS.items():
        for name, option in options.items():
            yield variable(name, option, page, option.get("default"))


def every_variable(specs: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]) -> list[Variable]:
    """Return all variables by name; one that several roles have is there once, with its first role."""
    found: dict[str, Variable] = {}
    for one in (*of_estate(), *of_roles(specs)):
        found.setdefault(one.name, one)
    return [found[name] for name in sorted(found)]
