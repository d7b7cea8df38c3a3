"""Schema registries with security_profile: secured: their login, their files, what clients are given, what is refused."""

from __future__ import annotations

import base64
import hashlib
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.filter.client import registry_files
from ansible_collections.estate.kafka.plugins.filter.secured import connect as secured_connect
from ansible_collections.estate.kafka.plugins.filter.secured import registry as secured_registry
from ansible_collections.estate.kafka.plugins.module_utils.audit.processes import Process
from ansible_collections.estate.kafka.plugins.module_utils.audit.settings import service
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import Plan, plan
from ansible_collections.estate.kafka.plugins.module_utils.prometheus.plan import configuration, targets
from ansible_collections.estate.kafka.plugins.module_utils.security.registry import hash_of, probe
from ansible_collections.estate.kafka.plugins.module_utils.security.services import logins, rights, users
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import authorities, certificates, trusted
from real_estate import ROLES

HOSTS = ["one", "two", "three"]
WRITER, READER = "w" * 24, "r" * 24
PASSWORDS = {
    "kafka_password_kafka_1_estate_schema_registry": "its-own",
    "schema_registry_reader_password": READER,
    "schema_registry_writer_password": WRITER,
}


def estate(profile: str = "secured", **more: Any) -> Plan:
    """Return the plan of three hosts with a server and a broker each; the second has a registry and a worker too."""
    hostvars: dict[str, dict[str, Any]] = {
        host: {
            "security_profile": profile,
            "zookeeper_id": number,
            "kafka_broker_id": number,
            "kafka_broker_cluster": "kafka-1",
            "kafka_broker_chroot": "/kafka",
            "kafka_connect_cluster": "kafka-1",
            "schema_registry_cluster": "kafka-1",
        }
        for number, host in enumerate(HOSTS, 1)
    }
    hostvars["two"] |= more
    groups = {"zookeeper": HOSTS, "kafka_broker": HOSTS, "schema_registry": ["two"], "kafka_connect": ["two"]}
    return plan(groups, {}, hostvars, ROLES)


def topology(**more: Any) -> dict[str, Any]:
    found = estate(**more)
    assert not render(found.problems)
    return found.topology


def added(passwords: dict[str, str] | None = None) -> dict[str, Any]:
    known = PASSWORDS if passwords is None else passwords
    return secured_registry(topology(), "two", "kafka-1", "/etc/schema-registry", "schema-registry", known)


def test_it_is_asked_over_tls_under_an_authority_of_its_own() -> None:
    found = topology()
    assert found["schema_registries"] == {"two": "https://two:8081"} and found["schema_registry_url"] == "https://two:8081"
    assert {row.get("url") for row in found["components"] if row["component"] == "schema_registry"} == {"https://two:8081"}
    own = {"schema-registry"}
    assert own < set(authorities(found))
    assert {one.name for one in certificates(found, HOSTS, {}) if one.authority in own} == {"two", "toolkit@two"}
    assert trusted(found, "two")["registry-ca.pem"] == "schema-registry" and "registry-ca.pem" not in trusted(found, "one")


def test_an_open_estate_has_nothing_of_it() -> None:
    found = topology(profile="open")
    assert "registry" not in found and found["schema_registries"] == {"two": "http://two:8081"}
    assert (users(found, "kafka-1"), rights(found, "kafka-1"), logins(found)) == ([], [], {})
    nothing = secured_registry(found, "two", "kafka-1", "/etc/schema-registry", "schema-registry", {})
    assert not any(nothing.values())


def test_its_login_has_the_rights_it_uses_and_no_more() -> None:
    found = topology(schema_registry_topic="journal")
    assert {"name": "estate-schema-registry"} in users(found, "kafka-1")
    own = [one for one in rights(found, "kafka-1") if one["principal"] == "User:estate-schema-registry"]
    assert {(one["resource_type"], one["resource_name"], one["pattern"]): one["operations"] for one in own} == {
        ("topic", "journal", "literal"): ["create", "read", "write"],
        ("topic", "kafkasql-", "prefixed"): ["create", "read", "write"],
        ("topic", "registry-events", "literal"): ["create", "write"],
        ("group", "apicurio-", "prefixed"): ["read"],
    }
    assert {one["principal"] for one in rights(found, "kafka-1")} == {
        "User:estate-schema-registry",
        "User:estate-connect-connect-cluster",
    }
    assert logins(found) == {"schema_registry_reader_password": "two", "schema_registry_writer_password": "two"}


def test_secrets_stand_in_files_of_its_own_alone() -> None:
    found = added()
    assert not any(secret in str(found["options"]) for secret in PASSWORDS.values())
    (kafka,) = [item for item in found["files"] if "its-own" in item.get("content", "")]
    assert [kafka["path"]] == found["locations"] and kafka["path"] in found["watch"]
    secret = [item for item in found["files"] if item.get("secret")]
    assert {item["mode"] for item in secret} == {"0400"}
    assert not [item for item in found["files"] if WRITER in str(item) or READER in str(item)]
    assert found["tls"] == {"ca": "/opt/kafka-estate/tls/registry-ca.pem", "key": "/opt/kafka-estate/tls/registry.pem"}


def who_may(found: dict[str, Any], file: str) -> list[str]:
    (item,) = [item for item in found["files"] if item["path"].endswith(f"/secrets/{file}")]
    return [line.partition(":")[0] for line in item["content"].splitlines()]


def test_a_writer_may_read_and_a_reader_may_not_write() -> None:
    assert (who_may(added(), "readers"), who_may(added(), "writers")) == (["reader", "writer"], ["writer"])


def test_nobody_may_enter_with_a_password_that_is_not_there() -> None:
    assert (who_may(added({}), "readers"), who_may(added({}), "writers")) == ([], [])


def test_a_hash_is_that_of_its_password_and_always_the_same() -> None:
    raw = base64.b64decode(hash_of(WRITER).removeprefix("{SSHA}"))
    assert raw[:20] == hashlib.sha1(WRITER.encode() + raw[20:]).digest() and len(raw) == 28
    assert hash_of(WRITER) == hash_of(WRITER) != hash_of(READER)


def test_converters_find_authority_and_logins_on_a_worker() -> None:
    found = secured_connect(topology(), "connect-cluster", "two", "/etc/kafka-connect", "kafka-connect", PASSWORDS)
    files = {item["path"]: item for item in found["files"]}
    kept = files["/etc/kafka-connect/secrets/registry.properties"]
    assert kept["content"] == f"reader=reader:{READER}\nwriter=writer:{WRITER}\n" and kept["secret"]
    assert {files[f"/etc/kafka-connect/tls/registry-ca.{kind}"]["pem"]["authority"] for kind in ("pem", "p12")} == {
        "schema-registry"
    }


def test_a_client_is_given_its_login_and_the_authority() -> None:
    files = {item["path"]: item for item in registry_files(topology(), "reader", READER, "/tmp/shop", "/etc/shop")}
    assert files["/tmp/shop/registry.properties"]["content"].splitlines() == [
        "url=https://two:8081",
        f"basic.auth.user.info=reader:{READER}",
        "ssl.ca.location=/etc/shop/registry-ca.pem",
    ]
    assert (
        "schema.registry.ssl.truststore.location=/etc/shop/registry-ca.p12"
        in files["/tmp/shop/registry-java.properties"]["content"]
    )
    assert {"/tmp/shop/registry-ca.pem", "/tmp/shop/registry-ca.p12"} < files.keys()


@pytest.mark.parametrize(
    "option",
    [
        "quarkus.http.host",
        "%prod.quarkus.http.host",
        "apicurio.kafka.common.security.protocol",
        "apicurio.kafkasql.producer.security.protocol",
        "apicurio.kafkasql.bootstrap.servers",
        "apicurio.storage.kind",
        "config_ordinal",
    ],
)
def test_an_option_that_would_open_it_is_refused(option: str) -> None:
    lines = [line for line in render(estate(schema_registry_config={option: "x"}).problems) if "would open the estate" in line]
    assert len(lines) == 1 and f"two: schema_registry_config.{option}: found an option that security_profile" in lines[0]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            {"schema_registry_implementation": "confluent"},
            "two: schema_registry_implementation: found Confluent's registry, which is not implemented yet for",
        ),
        (
            {"schema_registry_writer_password": "a-short-one"},
            "two: schema_registry_writer_password: found a password shorter than 24",
        ),
        (
            {"schema_registry_jvm_flags": ["-Dquarkus.http.host=0.0.0.0"]},
            "two: schema_registry_jvm_flags: found the flag -Dquarkus.",
        ),
        (
            {"schema_registry_environment": {"QUARKUS_HTTP_HOST": "::"}},
            "two: schema_registry_environment: found the variable QUARKUS_",
        ),
    ],
)
def test_what_opens_it_in_another_way_is_refused(more: dict[str, Any], expected: str) -> None:
    lines = render(estate(**more).problems)
    assert [line for line in lines if line.startswith(expected)], lines
    assert "a-short-one" not in str(lines)


def test_the_audit_reads_its_settings_and_looks_at_the_file_with_its_secret(tmp_path: Path) -> None:
    settings, secret = tmp_path / "schema-registry.properties", tmp_path / "kafka.properties"
    settings.write_text("quarkus.http.host=127.0.0.1\n")
    secret.write_text('apicurio.kafka.common.sasl.jaas.config=x required password="its-own";\n')
    secret.chmod(0o400)
    words = ["java", f"-Dquarkus.config.locations={settings},{secret}", "-jar", "apicurio-registry-app-3.0.9-runner.jar"]
    process = Process(7, "schema registry", words, "schema-registry", 4e9, proc=Path("/nowhere"))
    facts = service(process)
    assert facts["config"] == {"quarkus.http.host": "127.0.0.1"} and not facts["clear"]
    assert [(one["path"], one["mode"]) for one in facts["files"]] == [(str(secret), f"{stat.S_IMODE(secret.stat().st_mode):04o}")]


def test_prometheus_asks_it_as_a_reader_by_way_of_the_blackbox_exporter() -> None:
    groups = {
        "zookeeper": HOSTS,
        "kafka_broker": HOSTS,
        "schema_registry": ["two"],
        "prometheus": ["one"],
        "blackbox_exporter": ["one"],
    }
    hostvars = {
        host: {"zookeeper_id": number, "kafka_broker_id": number, "kafka_broker_cluster": "k", "kafka_broker_chroot": "/k"}
        for number, host in enumerate(HOSTS, 1)
    }
    pictures = {}
    for profile in ("secured", "open"):
        known = {host: {**one, "security_profile": profile, "schema_registry_cluster": "k"} for host, one in hostvars.items()}
        pictures[profile] = plan(groups, {}, known, ROLES).topology
    jobs = targets(pictures["secured"], ())
    assert [row["targets"] for row in jobs["probe_registry"]] == [["https://two:8081/subjects"]] and "probe_http" not in jobs
    (asked,) = [
        one for one in configuration(pictures["secured"], (), jobs, [], {})["scrape_configs"] if "registry" in one["job_name"]
    ]
    found = probe(pictures["secured"], "/etc/blackbox-exporter", "blackbox", PASSWORDS)
    settings = found["modules"][asked["params"]["module"][0]]["http"]
    files = {item["path"]: item for item in found["files"]}
    secret = files[settings["basic_auth"]["password_file"]]
    assert settings["basic_auth"]["username"] == "reader" and settings["tls_config"]["ca_file"] in files
    assert (secret["content"], secret["owner"], secret["mode"], secret["secret"]) == (READER, "blackbox", "0400", True)
    # In an open estate anybody may ask.
    assert "probe_registry" not in targets(pictures["open"], ()) and "probe_http" in targets(pictures["open"], ())
    assert probe(pictures["open"], "/etc/blackbox-exporter", "blackbox", {}) == {"files": [], "modules": {}}
