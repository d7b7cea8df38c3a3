"""The action as a play uses it: once on the controller, facts for every host, nothing asked of the hosts."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    Release,
    Target,
    locked,
    locked_archive,
    read_catalogue,
    recipe,
)
from command_line import of_project
from store_lab import serve
from test_store_plan import CATALOGUE, LOCK

ROOT = Path(__file__).resolve().parents[3]
SHOW = """
- ansible.builtin.import_playbook: {playbooks}/artifacts.yml
- name: Show what each host got
  hosts: all
  gather_facts: false
  tasks:
    - name: Show
      ansible.builtin.debug:
        msg: "{{{{ inventory_hostname }}}} got {{{{ estate_releases.kafka.url }}}}"
"""


def play(tmp_path: Path, *arguments: str, **variables: Any) -> subprocess.CompletedProcess[str]:
    (tmp_path / "hosts.yml").write_text("kafka_broker: {hosts: {one.invalid: , two.invalid: }}\n")
    (tmp_path / "play.yml").write_text(SHOW.format(playbooks=ROOT / "playbooks"))
    values = json.dumps({"estate_store": str(tmp_path / "store"), "estate_host_pythons": ["3.11"]} | variables)
    words = ["-i", tmp_path / "hosts.yml", tmp_path / "play.yml", *arguments, "-e", values]
    done: subprocess.CompletedProcess[str] = of_project().run("ansible-playbook", *words)
    return done


def index() -> dict[str, Any]:
    components = read_catalogue(CATALOGUE, {})
    entries = {}
    for name in ("kafka", "kafka-client"):
        component = components[name].built_for(Target()) if components[name].wheels else components[name]
        source = component.sources[-1]
        entries[component.archive] = asdict(
            Release(
                component=name,
                version=component.version,
                file=component.archive,
                sha256=locked_archive(LOCK, component, source.kind),
                size=1,
                mtime_ns=1,
                source=source.kind,
                reduced="",
                recipe=recipe(component, source),
                inputs=locked(LOCK, component, source.kind),
            )
        )
    return entries


def test_every_host_gets_the_releases_of_a_mirror(tmp_path: Path) -> None:
    with serve() as web:
        web.files["releases/index.json"] = json.dumps(index()).encode()
        done = play(tmp_path, "--tags", "nothing", "--check", estate_mirror_url=web.url)
        assert done.returncode == 0, done.stdout
        done = play(tmp_path, estate_mirror_url=web.url)
        assert done.returncode == 0, done.stdout
        for host in ("one.invalid", "two.invalid"):
            assert f"{host} got {web.url}/releases/kafka-3.9.2.tar" in done.stdout
        # Once per run, the first of which ran it although its tags name nothing of it.
        assert len(web.asked) == 2
    assert not (tmp_path / "store").exists()


def test_what_cannot_be_had_is_named_with_every_source(tmp_path: Path) -> None:
    done = play(tmp_path, estate_artifact_sources=[], estate_require_all_artifacts=False)
    assert done.returncode == 2
    for part in (
        "kafka 3.9.2 is not available: publisher: not tried, estate_artifact_sources has only nothing; maven: not tried",
        "kafka-client",
        "No host was touched",
    ):
        assert part in done.stdout


def test_a_variable_of_the_wrong_kind_is_named(tmp_path: Path) -> None:
    done = play(tmp_path, estate_artifact_sources=["mavn"])
    assert done.returncode == 2 and "estate_artifact_sources" in done.stdout
