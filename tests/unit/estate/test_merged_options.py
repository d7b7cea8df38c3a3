"""The options that topology shows are those that the roles write, each with its place; no secret is among them."""

from __future__ import annotations

import json
import re
import shutil
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.estate.levels import level_variables
from ansible_collections.estate.kafka.plugins.module_utils.estate.merged_options import (
    LATER,
    OTHERS,
    Rendered,
    masked,
    merged_options,
    report,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.options import flat
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Undefined
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import plan
from ansible_collections.estate.kafka.plugins.module_utils.secrets import HIDDEN
from ansible_collections.estate.kafka.plugins.module_utils.text import text
from command_line import of_project
from hypothesis import given
from hypothesis import strategies as st
from real_estate import DEFINITIONS, ROLES, ROOT
from test_text_values import COMPONENT_ROLES, TEMPLAR, component, trust_as_template

WITH_OPTIONS = sorted(role for role in COMPONENT_ROLES if f"{role}_host_config" in ROLES[role].options)
SECRET = "a-secret-of-somebody"
# What an operator changes: all levels, a variable with an option of its own, a null, a secret, a fact of the host.
SETTINGS = f"""
kafka_broker_config: {{num.network.threads: 8, num.io.threads: 4, log.cleaner.threads: 2, sasl.jaas.config: "password={SECRET};"}}
kafka_broker_group_config: {{num.io.threads: 12, auto.create.topics.enable: null}}
kafka_broker_log_retention_ms: "86400000"
zookeeper_config: {{tickTime: 3000}}
kafka_connect_config: {{producer.linger.ms: 20, producer.ssl.key.password: {SECRET}}}
elasticsearch_config: {{indices: {{memory: {{index_buffer_size: 20%}}}}}}
grafana_config: {{smtp.password: {SECRET}, smtp.host: mail.example.com}}
grafana_admin_password: {SECRET}-1
cmak_password: {SECRET}-2
akhq_password: {SECRET}-3
"""
HOST = "peter-kafka01.foo.bar"


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("inventories") / "own"
    shutil.copytree(ROOT / "inventories/prod", folder)
    (folder / "group_vars/all/more.yml").write_text(SETTINGS)
    (folder / "group_vars/schema_registry/main.yml").write_text("schema_registry_cluster: kafka-1\n")
    (folder / "host_vars" / HOST).mkdir(parents=True)
    (folder / "host_vars" / HOST / "main.yml").write_text("kafka_broker_host_config: {num.io.threads: 16}\n")
    return folder


def shown(inventory: Path, *words: str) -> dict[str, Any]:
    done = of_project().run("ansible", "all[0]", "-i", inventory, "-m", "estate.kafka.topology", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return found


def of(found: dict[str, Any], role: str, host: str) -> dict[str, Any]:
    """Return the options of one host by name."""
    rows = {name: [row for row in values if host in row["hosts"]] for name, values in found["options"][role].items()}
    assert all(len(here) <= 1 for here in rows.values())
    return {name: here[0] for name, here in rows.items() if here}


def test_what_the_inventory_sets_is_shown_with_the_place_that_has_the_last_word(inventory: Path) -> None:
    found = shown(inventory)
    broker = of(found, "kafka_broker", HOST)
    assert set(broker) == {
        *("num.network.threads", "num.io.threads", "log.cleaner.threads", "sasl.jaas.config", "auto.create.topics.enable")
    }
    row = broker["num.io.threads"]
    assert (row["value"], row["variable"], row["hosts"]) == (16, "kafka_broker_host_config", [HOST])
    assert row["written_at"].endswith(f"host_vars/{HOST}/main.yml:1")
    assert broker["auto.create.topics.enable"]["value"] is None
    assert of(found, "kafka_broker", "peter-kafka02.foo.bar")["num.io.threads"]["value"] == 12
    assert found["options"]["grafana"]["smtp.password"][0]["value"] == HIDDEN
    assert found["options"]["elasticsearch"]["indices.memory.index_buffer_size"][0]["written_at"].endswith("more.yml:7")
    assert set(found["options"]) == {"kafka_broker", "zookeeper", "kafka_connect", "elasticsearch", "grafana"}


def test_all_that_a_file_will_have_is_shown_with_the_variable_of_each(inventory: Path) -> None:
    broker = of(shown(inventory, "-a", f"options=all components=kafka_broker hosts={HOST}"), "kafka_broker", HOST)
    # Converted, as the role gets it.
    row = broker["log.retention.ms"]
    assert (row["value"], row["variable"]) == (86400000, "kafka_broker_log_retention_ms")
    assert row["written_at"].endswith("more.yml:4")
    assert broker["log.dirs"] == {
        "value": ["/var/lib/kafka/data"],
        "variable": "kafka_broker_log_dirs",
        "written_at": "the role's default",
        "hosts": [HOST],
    }
    assert broker["zookeeper.connect"]["variable"] == "the toolkit"
    assert broker["auto.create.topics.enable"]["value"] is None


@pytest.mark.parametrize("name", ["prod", "kraft", "secured"])
def test_every_component_of_the_shipped_inventories_can_be_shown_without_a_host(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "a/b"
    shutil.copytree(ROOT / "inventories" / name, folder)
    (folder / "group_vars/schema_registry/main.yml").write_text("schema_registry_cluster: kafka-1\n")
    found = shown(folder, "-a", "options=all")
    rows = {role: options.get(OTHERS) for role, options in found["options"].items()}
    assert {role for role, row in rows.items() if row} == set()
    assert set(rows) == {row["component"] for row in found["topology"]["components"] if row["component"] in WITH_OPTIONS}


def properties(content: str) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in content.splitlines() if line and not line.startswith("#"))
    return {key.replace("\\", ""): value.replace("\\", "") for key, value in pairs}


def ini(content: str) -> dict[str, str]:
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(content)
    return {f"{section}.{name}": value for section in parser.sections() for name, value in parser[section].items()}


# By role: the file, and what reads it.
FILES = {
    "kafka_broker": ("server.properties", properties),
    "kafka_controller": ("controller.properties", properties),
    "kafka_connect": ("connect-distributed.properties", properties),
    "zookeeper": ("zoo.cfg", properties),
    "elasticsearch": ("elasticsearch.yml", yaml_load),
    "kibana": ("kibana.yml", yaml_load),
    "alertmanager": ("alertmanager.yml", yaml_load),
    "prometheus": ("prometheus.yml", yaml_load),
    "blackbox_exporter": ("blackbox.yml", yaml_load),
    "akhq": ("application.yml", yaml_load),
    "grafana": ("grafana.ini", ini),
}


@pytest.mark.parametrize("role", FILES)
def test_the_file_that_a_role_writes_has_what_is_shown(role: str) -> None:
    """The role's own items, and the variable that topology reads, both templated from the same variables."""
    name, read = FILES[role]
    (item,) = [one for one in component(role)["items"] if str(one["path"]).rsplit("/", 1)[-1] == name]
    options = TEMPLAR.template(trust_as_template(f"{{{{ _{role}_options }}}}"))
    wanted = {str(key): value for key, value in flat(options) if value is not None}
    written = {str(key): value for key, value in flat(read(str(item["content"])))}
    assert written.keys() == wanted.keys() and len(wanted) > 0
    assert {key: text(value) for key, value in written.items()} == {key: text(value) for key, value in wanted.items()}


@pytest.mark.parametrize("role", WITH_OPTIONS)
def test_people_s_options_go_into_one_variable_that_the_role_writes(role: str) -> None:
    variables = yaml_load((ROOT / "roles" / role / "vars/main.yml").read_text())
    name = f"_{role}_options"
    for variable in level_variables(role):
        assert [key for key, value in variables.items() if re.search(rf"\b{variable}\b", str(value))] == [name], variable
    others = {key: value for key, value in variables.items() if key != name}
    assert re.search(rf"\b{name}\b", str(others)), "nothing writes it"


def test_the_table_is_for_people_and_names_what_it_does_not_know(inventory: Path) -> None:
    run = of_project().run
    playbook = ROOT / "playbooks/options.yml"
    words = ["-v", "--limit", HOST, "-e", '{"options_shown": "all", "options_components": ["kafka_broker"]}']
    done = run("ansible-playbook", "-i", inventory, playbook, *words, joined=True)
    assert done.returncode == 0 and SECRET not in done.stdout, done.stdout
    assert re.search(rf"kafka_broker +num\.io\.threads +16 +kafka_broker_host_config \(.*main\.yml:1\) +{HOST}", done.stdout)
    assert re.search(r"kafka_broker +log\.dirs +/var/lib/kafka/data +kafka_broker_log_dirs \(the role's default\)", done.stdout)
    assert "tickTime" not in done.stdout
    words = ["-e", '{"options_components": ["kafka_brokr"]}']
    done = run("ansible-playbook", "-i", inventory, playbook, *words, joined=True)
    assert done.returncode != 0 and "No component of this inventory with options is named 'kafka_brokr'" in done.stdout


GROUPS = {"all": ["one"], "kafka_broker": ["one"], "zookeeper": ["one"], "kafka_main": ["one"]}
BASE = {"kafka_broker_id": 1, "kafka_broker_cluster": "main", "kafka_broker_chroot": "/main", "zookeeper_id": 1}


def rows(**variables: Any) -> dict[str, Any]:
    made = plan(GROUPS, {"kafka_main": ["one"]}, {"one": {**BASE, **variables}}, ROLES, definitions=DEFINITIONS)
    assert made.inventory
    return merged_options(made.inventory, "written")


def test_what_only_the_run_knows_is_said_in_words() -> None:
    found = rows(kafka_broker_config={"num.io.threads": Undefined("ansible_facts is not here", later=True)})
    assert found["kafka_broker"]["num.io.threads"][0]["value"] == LATER
    assert LATER in report(found)


def test_a_role_that_needs_facts_says_so() -> None:
    made = plan(GROUPS, {"kafka_main": ["one"]}, {"one": {**BASE, "zookeeper_config": {"tickTime": 1000}}}, ROLES)
    assert made.inventory
    found = merged_options(made.inventory, "all", lambda host, role: Rendered())
    assert found["zookeeper"][OTHERS][0]["value"] == LATER and found["zookeeper"]["tickTime"][0]["value"] == 1000


def test_an_inventory_without_options_says_so() -> None:
    assert rows() == {} and report({}) == "The inventory sets no options."


LEVELS = st.fixed_dictionaries(
    {}, optional={name: st.none() | st.integers(1, 9) for name in ("num.io.threads", "num.network.threads")}
)


@given(LEVELS, LEVELS, LEVELS)
def test_the_last_level_has_the_last_word(estate: dict[str, Any], group: dict[str, Any], host: dict[str, Any]) -> None:
    given_levels = dict(zip(level_variables("kafka_broker"), (estate, group, host), strict=True))
    found = rows(**given_levels).get("kafka_broker", {})
    wanted = {name: (value, variable) for variable, level in given_levels.items() for name, value in level.items()}
    assert {name: (row["value"], row["variable"]) for name, (row,) in found.items()} == wanted


PASSWORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=12, max_size=20).map(lambda word: f"z{word}9")
NAMES = st.sampled_from(["password", "ssl.key.password", "a.token", "client_secret", "sasl.jaas.config", "basic_auth.password"])


@given(PASSWORDS, NAMES, st.integers(0, 3))
def test_no_secret_is_shown_at_any_depth(password: str, name: str, depth: int) -> None:
    value: Any = f'org.Module required username="x" password="{password}";' if "jaas" in name else password
    for level in range(depth):
        value = [value] if level % 2 else {name: value}
    assert password not in str(masked(name, value))
