"""The reference estate with security_profile: secured: what refuses it by name, and that nothing else does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import Plan
from ansible_collections.estate.kafka.plugins.module_utils.security.services import rights, users
from real_estate import ROOT, real_plan

# What docs/security.md says of it.
REFUSED = {
    "peter-kafka01.foo.bar: groups: found cmak",
    "group all: security_profile: found 'secured', which is not implemented yet for: akhq",
    "peter-kafka02.foo.bar: groups: found elasticsearch_exporter, whose port has neither TLS nor a login",
    "peter-zk01.foo.bar: groups: found kafka_exporter, whose port has neither TLS nor a login",
}


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """The reference estate, secured."""
    made = tmp_path / "prod"
    shutil.copytree(ROOT / "inventories/prod", made)
    path = made / "group_vars/all/main.yml"
    text = path.read_text()
    assert text.count("\nsecurity_profile: open\n") == 1
    path.write_text(text.replace("\nsecurity_profile: open\n", "\nsecurity_profile: secured\n"))
    return made


def planned(inventory: Path) -> Plan:
    found: Plan = real_plan(inventory)
    return found


def test_four_things_refuse_it(reference: Path) -> None:
    found = render(planned(reference).problems)
    assert len(found) == len(REFUSED)
    assert {begin for begin in REFUSED if any(line.startswith(begin) for line in found)} == REFUSED


def test_without_them_every_part_of_it_logs_in(reference: Path) -> None:
    hosts = reference / "hosts.yml"
    estate = yaml.safe_load(hosts.read_text())
    groups = estate["all"]["children"]
    del groups["cmak"], groups["akhq"]
    groups["elasticsearch_exporter"]["hosts"] = dict(groups["prometheus"]["hosts"])
    del groups["kafka_exporter"]["hosts"]["peter-zk01.foo.bar"]
    hosts.write_text(yaml.safe_dump(estate))
    plan = planned(reference)
    assert not render(plan.problems)
    names = {cluster: {user["name"] for user in users(plan.topology, cluster)} for cluster in plan.topology["clusters"]}
    assert names == {
        "kafka-1": {
            "estate-exercise-producer",
            "estate-exercise-reader",
            "estate-kafka-exporter",
            "estate-mirror-peter-mirrormaker2-source",
            "estate-schema-registry",
        },
        "kafka-2": {
            "estate-connect-connect-cluster",
            "estate-exercise-indexer",
            "estate-mirror-peter-mirrormaker2-target",
        },
    }
    for cluster, some in names.items():
        assert {one["principal"].removeprefix("User:") for one in rights(plan.topology, cluster)} == some
    assert not [row for row in plan.topology["components"] if row.get("url", "").startswith("http:")]
