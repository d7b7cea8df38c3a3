"""Which components are needed, which sources may serve, and what the repository's own catalogue and lock say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    PYTHONS,
    RENEWED,
    Attempt,
    Component,
    Policy,
    Release,
    Source,
    StoreError,
    Target,
    carried_targets,
    check_policy,
    chosen,
    needed,
    read_catalogue,
    recipe,
    refusal,
    target_of,
    tried_text,
)
from ansible_collections.estate.kafka.plugins.module_utils.store.selection import objection
from ansible_collections.estate.kafka.plugins.module_utils.store.sources import requirements

ARTIFACTS = Path(__file__).resolve().parents[3] / "artifacts"
CATALOGUE = yaml_load((ARTIFACTS / "catalogue.yml").read_text())
LOCK = json.loads((ARTIFACTS / "lock.json").read_text())
REFERENCE = {
    "zookeeper": ["a"],
    "kafka_broker": ["b"],
    "schema_registry": ["b"],
    "kafka_connect": ["a"],
    "elasticsearch": ["b"],
    "exercise": ["b"],
}


def names(groups: dict[str, list[str]], variables: dict[str, Any] | None = None) -> list[str]:
    components = read_catalogue(CATALOGUE, {}).values()
    wanted = needed(components, groups, lambda host, name: (variables or {}).get(name), {}, [Target()])
    return [item.name for item in wanted]


def test_only_what_the_inventory_has_groups_for() -> None:
    assert names({"zookeeper": ["a"]}) == ["kafka"]
    assert names({"kafka_broker": ["a"]}) == ["kafka", "kafka-client"]
    assert names(REFERENCE) == ["kafka", "kafka-client", "students", "apicurio-registry", "elasticsearch"]
    assert "jmx-exporter" in names(REFERENCE, {"estate_jmx_exporter": True})
    assert "jmx-exporter" in names(REFERENCE, {"estate_jmx_exporter": "yes"})
    assert "jmx-exporter" not in names(REFERENCE, {"estate_jmx_exporter": "false"})
    assert names({"zookeeper": [], "kibana": ["c"]}) == ["kibana"]


def test_the_registry_is_the_one_the_hosts_ask_for() -> None:
    assert "confluent-schema-registry" in names(REFERENCE, {"schema_registry_implementation": "confluent"})
    assert "apicurio-registry" not in names(REFERENCE, {"schema_registry_implementation": "confluent"})


def test_a_version_of_the_inventory_goes_into_the_addresses() -> None:
    kafka = read_catalogue(CATALOGUE, {"kafka": "3.9.1"})["kafka"]
    assert kafka.version == "3.9.1"
    assert kafka.sources[0].url.endswith("/3.9.1/kafka_2.13-3.9.1.tgz")


def test_wheels_are_built_per_python_and_machine() -> None:
    client = read_catalogue(CATALOGUE, {})["kafka-client"].built_for(Target("3.9", "aarch64"))
    assert client.version == f"{client.upstream}-cp39-aarch64-2"
    assert not read_catalogue(CATALOGUE, {})["kafka"].wheels


def test_each_python_of_the_hosts_that_need_it_is_built_for_once() -> None:
    components = read_catalogue(CATALOGUE, {}).values()
    groups = {"kafka_broker": ["a", "b", "c", "gone"], "exercise": ["b"], "prometheus": ["d"]}
    old, new = Target("3.9"), Target("3.13", "aarch64")
    found = {"a": new, "b": old, "c": new, "d": Target("3.14")}
    wanted = needed(components, groups, lambda host, name: None, found, [Target("3.11")])
    assert [(item.name, item.version, item.hosts) for item in wanted if item.wheels] == [
        ("kafka-client", "2.16.0-cp313-aarch64-2", ("a", "c")),
        ("kafka-client", "2.16.0-cp39-x86_64-2", ("b",)),
        ("students", "2.16.0-cp39-x86_64-2", ("b",)),
    ]
    # Nobody looked at any host: what is to be carried.
    wanted = needed(components, groups, lambda host, name: None, {}, [old, Target("3.11")])
    assert [item.version for item in wanted if item.name == "kafka-client"] == ["2.16.0-cp39-x86_64-2", "2.16.0-cp311-x86_64-2"]


def test_python_and_machine_of_a_host_come_from_its_facts() -> None:
    facts = {"python": {"version": {"major": 3, "minor": 9, "micro": 2}}, "architecture": "aarch64"}
    assert target_of(facts) == Target("3.9", "aarch64")
    assert target_of({}) is None and target_of({"python": {}, "architecture": "x86_64"}) is None


@pytest.mark.parametrize(
    ("pythons", "machines", "name"),
    [
        (["2.7"], ["x86_64"], "pythons"),
        ("3.11", ["x86_64"], "pythons"),
        ([3.1], ["x86_64"], "pythons"),
        (["3.9"], [], "machines"),
    ],
)
def test_pythons_to_carry_that_are_none_are_named(pythons: Any, machines: Any, name: str) -> None:
    with pytest.raises(StoreError, match=f"estate_host_{name} is"):
        carried_targets(pythons, machines)


def test_components_can_be_chosen_by_name() -> None:
    components = read_catalogue(CATALOGUE, {})
    wanted = needed(components.values(), {"zookeeper": ["a"], "cmak": ["b"]}, lambda host, name: None, {}, [Target()])
    assert [item.name for item in chosen(components, ["kafka", "akhq"], [Target()], wanted)] == ["kafka"]
    # To lock them they need not be in the inventory.
    assert [item.name for item in chosen(components, ["kafka-client", "akhq"], [Target(), Target("3.9")], None)] == [
        "kafka-client",
        "kafka-client",
        "akhq",
    ]
    with pytest.raises(StoreError, match="names 'cmac', found no such component"):
        chosen(components, ["cmac"], [Target()], wanted)


def test_what_cannot_be_had_names_the_hosts_that_need_it() -> None:
    client = read_catalogue(CATALOGUE, {})["kafka-client"].built_for(Target("3.13"), ["b1", "b2"])
    assert tried_text(client, [Attempt("wheel", "no such")]) == (
        "kafka-client 2.16.0-cp313-x86_64-2 (for Python 3.13 on x86_64: b1, b2) is not available: wheel: no such"
    )


def test_the_javas_of_a_component_are_those_of_its_version() -> None:
    def java(version: str, majors: Any) -> tuple[int, ...]:
        entry = {"version": version, "groups": [], "sources": [{"kind": "maven"}], "java": majors}
        return read_catalogue({"components": {"tool": entry}}, {})["tool"].java

    assert java("3.9.2", [11, 17]) == (11, 17)
    assert java("4.1.9", {"4": [21, 25], "4.1": [21], "3": [17]}) == (21,)
    assert java("4.10.0", {"4": [21, 25], "4.1": [21]}) == (21, 25)
    assert java("5.0", {"4": [21]}) == ()
    assert read_catalogue(CATALOGUE, {})["kafka"].java == (11, 17, 21)
    assert 25 in read_catalogue(CATALOGUE, {"kafka": "4.3.1"})["kafka"].java


def test_wheels_pinned_anew_under_the_same_version_are_another_build() -> None:
    entry = {"version": "2.16.0", "groups": [], "sources": [{"kind": "wheel"}]}

    def version(versions: dict[str, str], **more: Any) -> str:
        component = read_catalogue({"components": {"client": {**entry, **more}}}, versions)["client"]
        return component.built_for(Target()).version

    assert version({}) == "2.16.0-cp311-x86_64"
    assert version({}, build=2) == "2.16.0-cp311-x86_64-2"
    # Another version of an inventory is a first build.
    assert version({"client": "2.15.0"}, build=2) == "2.15.0-cp311-x86_64"
    with pytest.raises(StoreError, match="client has 'build'"):
        version({}, build=2, sources=[{"kind": "maven"}])


@pytest.mark.parametrize("versions", [{"kafak": "1"}, {"kafka": "../3"}, {"kafka": "3.9.2; rm"}])
def test_a_wrong_version_variable_is_named(versions: dict[str, str]) -> None:
    with pytest.raises(StoreError, match="estate_versions"):
        read_catalogue(CATALOGUE, versions)


@pytest.mark.parametrize("kinds", ["maven", ["mavn"], None, [1]])
def test_wrong_source_kinds_are_named(kinds: Any) -> None:
    with pytest.raises(StoreError, match="estate_artifact_sources"):
        check_policy(kinds)


def test_why_a_source_is_not_tried() -> None:
    lab = Policy(("maven", "wheel"), require_all=False)
    assert refusal(Source("publisher"), lab) == "not tried, estate_artifact_sources has only maven, wheel"
    assert refusal(Source("maven", reduced="few modules"), lab) == ""
    assert "few modules" in refusal(Source("maven", reduced="few modules"), Policy())


def release(component: Component, **fields: Any) -> Release:
    values: dict[str, Any] = {
        "component": component.name,
        "version": component.version,
        "file": component.archive,
        "sha256": "a" * 64,
        "size": 1,
        "mtime_ns": 1,
        "source": "maven",
        "reduced": "",
        "recipe": recipe(component, component.sources[-1]),
        "inputs": {"x.jar": "1"},
    }
    return Release(**values | fields)


def test_what_makes_a_release_of_the_store_unfit() -> None:
    component = Component("tool", "1", "1", (Source("publisher"), Source("maven")))
    policy = Policy(("publisher",))
    good = release(component)
    assert objection(None, component, {}, policy) == "not in the store"
    # A carried store serves whatever kinds may be asked here.
    assert objection(good, component, {}, policy) == ""
    assert objection(good, component, {"tool": {"1": {"maven": {"x.jar": "1", "tool-1.tar": "a" * 64}}}}, policy) == ""
    assert "other files" in objection(good, component, {"tool": {"1": {"maven": {"x.jar": "2"}}}}, policy)
    assert "other files" in objection(good, component, {"tool": {"1": {"maven": {"x.jar": "1", "y.jar": "2"}}}}, policy)
    assert "expected bbb" in objection(
        good, component, {"tool": {"1": {"maven": {"x.jar": "1", "tool-1.tar": "b" * 64}}}}, policy
    )
    assert "another way" in objection(release(component, recipe="old"), component, {}, policy)
    few = Component("tool", "1", "1", (Source("maven", reduced="few modules"),))
    assert "few modules" in objection(release(few), few, {}, policy)
    assert objection(release(few), few, {}, Policy(require_all=False)) == ""


def catalogue_builds() -> list[Component]:
    """Everything of the catalogue, of wheels a build for each Python of x86_64."""
    components = read_catalogue(CATALOGUE, {})
    return chosen(components, components, carried_targets(PYTHONS, ["x86_64"]), None)


def test_every_locked_version_is_the_catalogue_s_and_every_client_source_is_locked() -> None:
    for component in catalogue_builds():
        for source in component.sources:
            if source.kind != "publisher":
                build = component.of(source)
                assert source.kind in LOCK.get(build.name, {}).get(build.version, {}), f"make artifacts-lock: {build.name}"
                files = LOCK[build.name][build.version][source.kind]
                assert (build.archive in files) == (source.kind not in RENEWED)
                assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in files.values())


def test_a_field_a_source_does_not_use_leaves_the_fingerprint_of_its_releases_alone() -> None:
    known = Component("tool", "1", "1", (Source("maven", into="libs"),))
    assert recipe(known, known.sources[0]) == "894769a72aeffe14"
    package = Source("package", package="tool", files={"usr/bin/tool": "tool"})
    assert recipe(known, package) != recipe(known, Source("package", package="tool", files={"usr/bin/tool": "other"}))


def test_descriptors_have_the_catalogue_s_version() -> None:
    for component in read_catalogue(CATALOGUE, {}).values():
        if any(source.kind == "maven" for source in component.sources):
            root = ElementTree.parse(ARTIFACTS / "maven" / component.name / "pom.xml").getroot()
            assert root.findtext(".//{*}component.version") == component.version


def test_locks_of_wheels_are_hashed_and_name_no_index() -> None:
    for component in catalogue_builds():
        for source in component.sources:
            if source.kind == "wheel":
                text = requirements(ARTIFACTS, component).read_text()
                assert f"{source.package}=={component.upstream} " in text
                assert text.count("==") <= text.count("--hash=sha256:")
                assert "://" not in text and "--index" not in text and "--find-links" not in text


def test_kafka_comes_with_a_logging_backend_and_every_part() -> None:
    names = "\n".join(LOCK["kafka"]["3.9.2"]["maven"])
    for jar in ("kafka_2.13", "kafka-tools", "connect-runtime", "connect-mirror", "connect-file", "slf4j-reload4j", "reload4j"):
        assert re.search(rf"^{re.escape(jar)}-\d", names, re.MULTILINE), jar
