"""Voters of a quorum that runs: removed, added, and replaced after the loss of a disk; and features of its cluster.

Before the tests that leave the controllers with other options, for a run without these would restart them all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lab import Step, http, module, on, playbook, steps, until

NAMES = ["one.kraft.test", "two.kraft.test", "three.kraft.test"]
IDS = dict(zip(NAMES, (3001, 3002, 3003)))
DATA = "/var/lib/kafka-controller/metadata"
PLAYBOOK = "playbooks/controllers.yml"


def voters() -> dict[int, str]:
    """Return the directory of each voter by its id, as Kafka's own tool shows them."""
    shown = on(NAMES[0], "kafka-metadata-quorum", "describe", "--status")
    return {one["id"]: one["directoryId"] for one in json.loads(re.findall(r"^CurrentVoters: *(.*)$", shown, re.MULTILINE)[0])}


def followers() -> list[str]:
    """Return the hosts of the controllers that are not active, once one is."""

    def inactive() -> list[str]:
        told = {name: str(http(name, f"http://{name}:7074/metrics").body) for name in NAMES}
        return [name for name, text in told.items() if "kafka_controller_kafkacontroller_activecontrollercount 0.0" in text]

    return until(inactive, 120, "one of three is active", lambda found: len(found) == 2)


def directories() -> dict[str, str]:
    found = {
        name: re.search(r"^directory\.id=(\S+)$", on(name, "cat", f"{DATA}/meta.properties"), re.MULTILINE) for name in NAMES
    }
    return {name: match[1] for name, match in found.items() if match}


def asked(names: list[str], **more: Any) -> Mapping[str, Any]:
    rows = [{"id": IDS[name], "host": name, "port": 9095} for name in names]
    cluster = {"cluster": "local", "cluster_id": "-kraftTestEstateCluste", "directories": directories()}
    return {**cluster, "controllers": rows, **more}


def test_a_voter_is_removed_by_its_name_alone_and_comes_back() -> None:
    gone = followers()[0]
    rest, number = [name for name in NAMES if name != gone], IDS[gone]
    fewer = asked(rest)
    named, all_of_them = {**fewer, "confirm_remove": [f"local:{number}"]}, asked(NAMES)
    modules = [(fewer, False), *((options, check) for options in (named, all_of_them) for check in (True, False, False))]
    refused, *done = [one.result for one in steps(rest[0], *(Step("controllers", *one) for one in modules))]
    assert refused["failed"] and f"Confirm with controllers_confirm_remove: ['local:{number}']" in refused["msg"], refused
    for word, (said, real, again) in (("remove", done[:3]), ("add", done[3:])):
        assert [one.split()[:3] for one in real["actions"]] == [[word, "controller", str(number)]], real
        assert [said[key] for key in ("changed", "actions", "diff")] == [real[key] for key in ("changed", "actions", "diff")]
        assert again["actions"] == [] and not again["changed"], again
    assert voters() == {IDS[name]: directory for name, directory in directories().items()}


def test_a_controller_that_lost_its_disk_observes_until_it_is_let_in_again() -> None:
    (works, lost), before = followers(), directories()
    # While it is down, none that works goes.
    fewer = {**asked([name for name in NAMES if name != works]), "confirm_remove": [f"local:{IDS[works]}"], "timeout": 2}
    on(lost, "systemctl", "stop", "kafka-controller")
    on(lost, "find", DATA, "-mindepth", "1", "-delete")
    refused = module(works, "controllers", **fewer)
    assert refused["failed"] and not refused["changed"] and "only 1 of 2 voters would follow" in refused["msg"], refused
    run = playbook("playbooks/kafka_controller.yml")
    assert run.status == 0 and set(run.changed()) == {lost}, run.output[-3000:]
    assert "does not vote before playbooks/controllers.yml has run" in run.output
    now = directories()
    assert now[lost] != before[lost]
    said, done = (playbook(PLAYBOOK, *arguments) for arguments in (["--check"], []))
    assert (said.status, done.status) == (0, 0), said.output[-3000:] + done.output[-3000:]
    (speaker,) = done.changed()
    actions = [run.last(speaker)["actions"] for run in (said, done)]
    assert (
        actions[0]
        == actions[1]
        == [
            f"remove controller {IDS[lost]} with directory {before[lost]}: {lost} has {now[lost]} now",
            f"add controller {IDS[lost]} with directory {now[lost]}, on {lost}",
        ]
    )
    assert voters() == {IDS[name]: directory for name, directory in now.items()}
    again = module(works, "controllers", **asked(NAMES))
    assert not again["changed"] and again["actions"] == [], again


def test_a_feature_is_raised_and_no_topics_minimum_falls() -> None:
    on(NAMES[0], "kafka-features", "downgrade", "--feature", "eligible.leader.replicas.version=0")
    client = {"bootstrap.servers": ",".join(f"{name}:9092" for name in NAMES)}
    members = {"brokers": [1, 2, 3], "controllers": asked(NAMES)["controllers"]}
    release = {"client": client, "features": {"release": "4.3"}, **members}
    above = {**release, "features": {"levels": {"metadata.version": 29, "group.version": 7}}}
    modules = [(above, False), (release, True), (release, False), (release, False)]
    refused, said, done, again = [one.result for one in steps(NAMES[0], *(Step("features", *one) for one in modules))]
    assert refused["failed"] and "29 is declared and 30 is finalised" in refused["msg"], refused
    assert "group.version: 7 is declared, and these support less: broker 1 (1)" in refused["msg"]
    assert [one.split("(")[0] for one in done["actions"]] == ["raise eligible.leader.replicas.version from 0 to 1 "], done
    assert [said[key] for key in ("changed", "actions", "diff")] == [done[key] for key in ("changed", "actions", "diff")]
    assert again["actions"] == [] and not again["changed"], again
