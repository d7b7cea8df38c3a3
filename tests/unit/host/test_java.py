"""Which Java each distribution gets, and what cannot be."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.filter.java_package import java_package
from ansible_collections.estate.kafka.plugins.module_utils.estate.system import SUPPORTED
from ansible_collections.estate.kafka.plugins.module_utils.host.java import OFFERED, accepted

KAFKA_3, KAFKA_4, OLD = [11, 17, 21], [17, 21, 25], [11]


def facts(distribution: str, version: str, family: str = "Debian") -> dict[str, str]:
    return {"distribution": distribution, "distribution_version": version, "os_family": family}


@pytest.mark.parametrize(
    ("distribution", "version", "family", "package"),
    [
        ("Debian", "11", "Debian", "openjdk-17-jre-headless"),
        ("Debian", "12", "Debian", "openjdk-17-jre-headless"),
        ("Debian", "12.7", "Debian", "openjdk-17-jre-headless"),
        ("Debian", "13", "Debian", "openjdk-21-jre-headless"),
        ("Ubuntu", "22.04", "Debian", "openjdk-17-jre-headless"),
        ("Ubuntu", "24.04", "Debian", "openjdk-21-jre-headless"),
        ("Rocky", "8.10", "RedHat", "java-17-openjdk-headless"),
        ("AlmaLinux", "9.4", "RedHat", "java-17-openjdk-headless"),
        ("RedHat", "9", "RedHat", "java-17-openjdk-headless"),
    ],
)
def test_kafka_gets_the_distribution_s_own(distribution: str, version: str, family: str, package: str) -> None:
    for majors in (KAFKA_3, KAFKA_4, []):
        assert java_package(facts(distribution, version, family), majors) == package


def test_every_supported_system_has_a_java() -> None:
    for name, versions in SUPPORTED.items():
        for version in versions:
            assert OFFERED[(name.removesuffix(" family"), version)]


def test_what_runs_on_another_major_gets_that() -> None:
    assert java_package(facts("Debian", "13"), [11, 25]) == "openjdk-25-jre-headless"
    assert java_package(facts("Debian", "11"), OLD) == "openjdk-11-jre-headless"


def test_the_operator_s_choice_stands() -> None:
    assert java_package(facts("Debian", "12"), KAFKA_3, 11) == "openjdk-11-jre-headless"
    assert java_package(facts("Debian", "99"), KAFKA_3, 33) == "openjdk-33-jre-headless"


def test_a_distribution_without_a_fitting_one_is_named() -> None:
    with pytest.raises(AnsibleFilterError, match=r"Debian 13: it packages 21, 25, and what stands on this host runs on 11"):
        java_package(facts("Debian", "13"), OLD)
    with pytest.raises(AnsibleFilterError, match=r"Debian 99: it packages none"):
        java_package(facts("Debian", "99"), KAFKA_3)
    with pytest.raises(AnsibleFilterError, match=r"its package is not known"):
        java_package(facts("Arch", "", "Arch"), KAFKA_3)


def test_a_host_runs_on_what_all_its_components_run_on() -> None:
    assert accepted([[11, 17, 21], [17, 21], []]) == [17, 21]
    assert accepted([[], ()]) == []
    assert accepted([[11], [17, 21]]) == [0]
