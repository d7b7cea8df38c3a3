"""Which components are needed, which sources may serve, and what the repository's own catalogue and lock say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    RENEWED,
    Component,
    Policy,
    Release,
    Source,
    StoreError,
    Target,
    Unavailable,
    check_policy,
    needed,
    objection,
    published_checksum,
    read_catalogue,
    recipe,
    refusal,
)

ARTIFACTS = Path(__file__).resolve().parents[3] / "artifacts"
CATALOGUE = yaml.safe_load((ARTIFACTS / "catalogue.yml").read_text())
LOCK = json.loads((ARTIFACTS / "lock.json").read_text())
REFERENCE = {
    "zookeeper": ["a"],
    "kafka_broker": ["b"],
    "schema_registry": ["b"],
    "kafka_connect": ["a"],
    "elasticsearch": ["b"],
}


def names(groups: dict[str, list[str]], variables: dict[str, Any] | None = None) -> list[str]:
    components = read_catalogue(CATALOGUE, {}, Target()).values()
    return [item.name for item in needed(components, groups, lambda host, name: (variables or {}).get(name))]


def test_only_what_the_inventory_has_groups_for() -> None:
    assert names({"zookeeper": ["a"]}) == ["kafka", "kafka-client"]
    assert names(REFERENCE) == ["kafka", "kafka-client", "students", "apicurio-registry", "elasticsearch"]
    assert "jmx-exporter" in names(REFERENCE, {"estate_jmx_exporter": True})
    assert "jmx-exporter" in names(REFERENCE, {"estate_jmx_exporter": "yes"})
    assert "jmx-exporter" not in names(REFERENCE, {"estate_jmx_exporter": "false"})
    assert names({"zookeeper": [], "kibana": ["c"]}) == ["kibana"]


def test_the_registry_is_the_one_the_hosts_ask_for() -> None:
    assert "confluent-schema-registry" in names(REFERENCE, {"schema_registry_implementation": "confluent"})
    assert "apicurio-registry" not in names(REFERENCE, {"schema_registry_implementation": "confluent"})


def test_a_version_of_the_inventory_goes_into_the_addresses() -> None:
    kafka = read_catalogue(CATALOGUE, {"kafka": "3.9.1"}, Target())["kafka"]
    assert kafka.version == "3.9.1"
    assert kafka.sources[0].url.endswith("/3.9.1/kafka_2.13-3.9.1.tgz")


def test_wheels_are_built_per_python_and_machine() -> None:
    client = read_catalogue(CATALOGUE, {}, Target("3.9", "aarch64"))["kafka-client"]
    assert client.version == f"{client.upstream}-cp39-aarch64"


def test_wheels_pinned_anew_under_the_same_version_are_another_build() -> None:
    entry = {"version": "2.16.0", "groups": [], "sources": [{"kind": "wheel"}]}

    def version(versions: dict[str, str], **more: Any) -> str:
        return read_catalogue({"components": {"client": {**entry, **more}}}, versions, Target())["client"].version

    assert version({}) == "2.16.0-cp311-x86_64"
    assert version({}, build=2) == "2.16.0-cp311-x86_64-2"
    # Another version of an inventory is a first build.
    assert version({"client": "2.15.0"}, build=2) == "2.15.0-cp311-x86_64"
    with pytest.raises(StoreError, match="client has 'build'"):
        version({}, build=2, sources=[{"kind": "maven"}])


@pytest.mark.parametrize("versions", [{"kafak": "1"}, {"kafka": "../3"}, {"kafka": "3.9.2; rm"}])
def test_a_wrong_version_variable_is_named(versions: dict[str, str]) -> None:
    with pytest.raises(StoreError, match="estate_versions"):
        read_catalogue(CATALOGUE, versions, Target())


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A" * 64, ("sha256", "a" * 64)),
        (f"{'b' * 128}  tool.tgz\n", ("sha512", "b" * 128)),
        (f"{'c' * 64} *other.tgz\n{'d' * 64} *tool.tgz\n", ("sha256", "d" * 64)),
        (f"tool.tgz: {'AAAA ' * 8}\n          {'AAAA ' * 24}", ("sha512", "a" * 128)),
    ],
)
def test_published_checksums_in_the_forms_publishers_use(text: str, found: tuple[str, str]) -> None:
    assert published_checksum(text, "tool.tgz") == found


@pytest.mark.parametrize("text", ["", "<html>not found</html>", f"{'a' * 32}  tool.tgz", f"{'a' * 64}  other.tgz"])
def test_a_checksum_file_without_this_file_is_no_checksum(text: str) -> None:
    with pytest.raises(Unavailable, match=r"tool\.tgz"):
        published_checksum(text, "tool.tgz")


def test_every_locked_version_is_the_catalogue_s_and_every_client_source_is_locked() -> None:
    for component in read_catalogue(CATALOGUE, {}, Target()).values():
        for source in component.sources:
            if source.kind != "publisher":
                assert source.kind in LOCK.get(component.name, {}).get(component.version, {}), (
                    f"make artifacts-lock: {component.name}"
                )
                files = LOCK[component.name][component.version][source.kind]
                assert (component.archive in files) == (source.kind not in RENEWED)
                assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in files.values())


def test_a_field_a_source_does_not_use_leaves_the_fingerprint_of_its_releases_alone() -> None:
    known = Component("tool", "1", "1", (Source("maven", into="libs"),))
    assert recipe(known, known.sources[0]) == "894769a72aeffe14"
    package = Source("package", package="tool", files={"usr/bin/tool": "tool"})
    assert recipe(known, package) != recipe(known, Source("package", package="tool", files={"usr/bin/tool": "other"}))


def test_descriptors_have_the_catalogue_s_version() -> None:
    for component in read_catalogue(CATALOGUE, {}, Target()).values():
        if any(source.kind == "maven" for source in component.sources):
            root = ElementTree.parse(ARTIFACTS / "maven" / component.name / "pom.xml").getroot()
            assert root.findtext(".//{*}component.version") == component.version


def test_locks_of_wheels_are_hashed_and_name_no_index() -> None:
    for component in read_catalogue(CATALOGUE, {}, Target()).values():
        for source in component.sources:
            if source.kind == "wheel":
                text = (ARTIFACTS / "wheels" / f"{component.name}.txt").read_text()
                assert f"{source.package}=={component.upstream} " in text
                assert text.count("==") <= text.count("--hash=sha256:")
                assert "://" not in text and "--index" not in text and "--find-links" not in text


def test_kafka_comes_with_a_logging_backend_and_every_part() -> None:
    names = "\n".join(LOCK["kafka"]["3.9.2"]["maven"])
    for jar in ("kafka_2.13", "kafka-tools", "connect-runtime", "connect-mirror", "connect-file", "slf4j-reload4j", "reload4j"):
        assert re.search(rf"^{re.escape(jar)}-\d", names, re.MULTILINE), jar
