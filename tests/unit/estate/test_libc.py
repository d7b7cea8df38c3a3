"""Which programs come as a package of the controller's distribution, and what C library such a package needs."""

from __future__ import annotations

import os

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.libc import needed, packaged, packages_need
from ansible_collections.estate.kafka.plugins.module_utils.host import libc
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import Component, Policy, Source

PUBLISHER = Source("publisher", url="https://example.com/probe.tar.gz")
PACKAGE = Source("package", package="distribution-probe")
PROBE = Component("probe", "1.5.0", "1.5.0", (PUBLISHER, PACKAGE))
REDUCED = Component("watch", "2.0", "2.0", (Source("package", package="distribution-watch", reduced="no pages"),))
RECORDS = """\
Package: distribution-probe
Version: 1.5.0-1+b6
Pre-Depends: init-system-helpers (>= 1.54~)
Depends: adduser, libc6 (>= 2.34), libgcc-s1 (>= 3.0)
Description: metrics
 Depends: libc6 (>= 9.9), as a text may say

Package: distribution-probe
Version: 1.5.0-0
Depends: libc6 (>= 2.28)
"""


@pytest.mark.parametrize(
    ("policy", "names"),
    [
        (Policy(("package",)), ["probe"]),
        (Policy(("maven", "package"), require_all=False), ["probe", "watch"]),
        (Policy(("publisher", "package"), require_all=False), ["watch"]),
        (Policy(("publisher",)), []),
    ],
)
def test_what_no_other_source_may_give_is_a_package(policy: Policy, names: list[str]) -> None:
    assert [component.name for component in packaged([PROBE, REDUCED], policy).values()] == names


def test_the_record_of_the_version_that_is_wanted_counts() -> None:
    packages = {"distribution-probe": PROBE}
    assert needed(RECORDS, packages) == {"probe": "2.34"}
    assert needed(RECORDS.replace("1.5.0-1", "1.5.01-1").replace("1.5.0-0", "1.5.0.2-0"), packages) == {}
    assert needed(RECORDS.replace("libc6", "musl"), packages) == {}
    assert needed("", packages) == {}


def test_a_source_with_a_version_of_its_own_is_looked_up_in_that_version() -> None:
    older = Source("package", version="1.5.0", package="distribution-probe")
    newest = Component("probe", "1.12.1", "1.12.1", (PUBLISHER, older))
    assert needed(RECORDS, packaged([newest], Policy(("package",)))) == {"probe": "2.34"}
    assert needed(RECORDS.replace("1.5.0-", "1.12.1-"), packaged([newest], Policy(("package",)))) == {}


def test_no_package_asks_nobody_and_a_controller_without_apt_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert packages_need({}) == {}
    assert packages_need({"distribution-probe": PROBE}) == {}


def test_versions_are_compared_as_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "confstr", lambda name: "glibc 2.36")
    assert [libc.older(text) for text in ("glibc 2.4", "glibc 2.31", "glibc 2.36", "glibc 2.41", "musl 1.2", "")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
