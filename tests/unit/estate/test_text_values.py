"""A number, true or false that comes as text, as from the command line, makes of every role what the value itself makes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import COMPONENTS
from ansible_collections.estate.kafka.plugins.module_utils.estate.placement import written_paths
from ansible_collections.estate.kafka.plugins.module_utils.estate.templates import resolved
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import plan
from jinja2 import Environment
from real_estate import ROLES
from required_values import REQUIRED

ROOT = Path(__file__).resolve().parents[3]
HOST = "a.example.com"
CATALOGUE = yaml_load((ROOT / "artifacts/catalogue.yml").read_text())["components"]
COMPONENT_ROLES = sorted({component.role for component in COMPONENTS})
# One for all: each looks for its filters and tests anew, in hundreds of files.
TEMPLAR = Templar(loader=DataLoader())
WANTED = {**REQUIRED, "estate_jmx_exporter": True}


# A cluster has ZooKeeper or controllers.
CONTROLLERS = {
    **{name: value for name, value in WANTED.items() if name not in ("kafka_broker_chroot", "zookeeper_id")},
    "kafka_broker_version": "4.3.1",
    "kafka_controller_id": 3001,
    "kafka_controller_cluster": "main",
}


def required(role: str) -> dict[str, Any]:
    return CONTROLLERS if role == "kafka_controller" else WANTED


@cache
def variables(role: str) -> dict[str, Any]:
    # CMAK reads ZooKeeper and nothing else.
    others = ("zookeeper", "cmak") if role == "kafka_controller" else ("kafka_controller",)
    groups = {"all": [HOST], **{component.group: [HOST] for component in COMPONENTS if component.name not in others}}
    outcome = plan(groups, {}, {HOST: required(role)}, ROLES)
    assert outcome.problems == []
    release = {"version": "1.0", "file": "/nowhere", "sha256": "0" * 64, "source": "maven", "url": ""}
    return {
        "ansible_facts": {"memtotal_mb": 32768, "processor_vcpus": 4, "python": {"version": {"major": 3, "minor": 11}}},
        "estate_releases": dict.fromkeys(CATALOGUE, release),
        "estate_topology": outcome.topology,
        "estate_left_out": {},
        "groups": groups,
        "inventory_hostname": HOST,
        "ansible_play_hosts": [HOST],
        **required(role),
    }


def component(role: str, **values: Any) -> Any:
    """Return what the role hands to the role `common`, with its defaults and these values."""
    text = {**ROLES[role].defaults, **yaml_load((ROOT / "roles" / role / "vars/main.yml").read_text())}
    trusted = resolved(text, lambda value: trust_as_template(value) if isinstance(value, str) else value)
    TEMPLAR.available_variables = {**trusted, **variables(role), "role_path": str(ROOT / "roles" / role), **values}
    return TEMPLAR.template(trust_as_template(f"{{{{ _{role}_component }}}}"))


@pytest.fixture(scope="module", autouse=True)
def compiled_once() -> Iterator[None]:
    """Compile each template once, and not again for other values: that is most of what these tests take."""
    known: dict[str, CodeType] = {}

    def compiled(environment: Environment, source: str, *args: Any, **named: Any) -> CodeType:
        if source not in known:
            known[source] = original(environment, source, *args, **named)
        return known[source]

    with pytest.MonkeyPatch.context() as patch:
        original: Callable[..., CodeType] = Environment.compile
        patch.setattr(Environment, "compile", compiled)
        yield


def test_what_a_role_writes_is_known_before_it_runs() -> None:
    """What is not: dashboards, rules and targets, which are a file each, and links to Kafka's tools, data."""
    init_plugin_loader([str(ROOT / ".collections")])
    made = re.compile(
        r"/etc/grafana/dashboards/|/etc/prometheus/(rules|targets)/|/usr/local/bin/(kafka|zookeeper)-|/usr/share/kafka-connect/|/var/lib/kafka/data$"
    )
    for role in COMPONENT_ROLES:
        paths = {str(item["path"]) for item in component(role)["items"]}
        unknown = paths - {*written_paths(ROLES[role], ROLES[role].defaults.get)}
        assert [path for path in unknown if not made.match(path) and not path.endswith("/current")] == [], role


def as_module_reads(value: Any) -> Any:
    """Return the arguments as modules take them: what stands alone is converted there, what is written to files is not."""
    if isinstance(value, Mapping):
        return {key: item if key == "content" else as_module_reads(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_module_reads(item) for item in value]
    return {"True": "yes", "False": "no"}.get(str(value), str(value))


@pytest.mark.parametrize("role", COMPONENT_ROLES)
def test_text_makes_the_same_of_a_role(role: str) -> None:
    init_plugin_loader([str(ROOT / ".collections")])
    words = {True: "yes", False: "no"}
    options = {**ROLES[role].options, "estate_jmx_exporter": {"type": "bool"}}
    values = {**ROLES[role].defaults, **{name: value for name, value in required(role).items() if name in options}}
    flipped = [{}, {name: not value for name, value in values.items() if options[name].get("type") == "bool"}]
    for other in flipped:
        typed = {
            name: value
            for name, value in {**values, **other}.items()
            if options.get(name, {}).get("type") in ("int", "float", "bool") and isinstance(value, (int, float))
        }
        text = {name: words[value] if isinstance(value, bool) else str(value) for name, value in typed.items()}
        assert text
        assert as_module_reads(component(role, **text)) == as_module_reads(component(role, **typed))
