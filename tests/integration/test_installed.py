"""The collection as people get it: built, installed into an empty place without its neighbours, used by its full name."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import uuid
from pathlib import Path

import pytest
from lab import until
from systemd_container import VARIABLES, WITH_JAVA, docker, in_container, start

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))


def run(command: list[str], directory: Path, collections: str = "") -> str:
    """Run a command of Ansible where nothing of this clone is found; return what it printed.

    ``collections`` are directories with others' collections.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment |= {
        "HOME": str(directory),
        "ANSIBLE_COLLECTIONS_PATH": f"{directory / 'collections'}{collections and ':' + collections}",
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    program = str(Path(sys.executable).with_name(command[0]))
    done = subprocess.run([program, *command[1:]], cwd=directory, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the collection in ``collections`` and its archive; no other collection, no server asked."""
    directory = tmp_path_factory.mktemp("installed")
    run(["ansible-galaxy", "collection", "build", str(ROOT), "--output-path", str(directory)], directory)
    archives = [str(path) for path in directory.glob("*.tar.gz")]
    run(["ansible-galaxy", "collection", "install", "--offline", "-p", str(directory / "collections"), *archives], directory)
    return directory


def test_the_archive_has_what_runs_need_and_nothing_of_this_machine(place: Path) -> None:
    with tarfile.open(next(place.glob("*.tar.gz"))) as archive:
        names = {Path(name) for name in archive.getnames()}
    parts = {part for name in names for part in name.parts}
    assert {part for part in parts if part.startswith(".") or part == "__pycache__" or part.endswith(".pyc")} == set()
    for needed in ("artifacts/lock.json", "artifacts/catalogue.yml", "meta/runtime.yml", "LICENSE", "examples/students"):
        assert Path(needed) in names


def test_every_playbook_is_found_by_its_full_name_and_understood(place: Path) -> None:
    inventory = place / "collections/ansible_collections/estate/kafka/inventories/prod"
    names = [f"estate.kafka.{name}" for name in PLAYBOOKS]
    said = run(["ansible-playbook", "-i", str(inventory), "--syntax-check", *names], place)
    assert said.count("playbook: ") == len(names)


def test_the_inventory_is_read_by_the_installed_collection(place: Path) -> None:
    inventory = place / "collections/ansible_collections/estate/kafka/inventories/prod"
    assert '"clusters"' in run(["ansible", "all[0]", "-i", str(inventory), "-m", "estate.kafka.topology"], place)


@pytest.mark.parametrize("how", ["by its full name", "from a playbook of one's own", "from this clone"])
def test_what_plays_share_is_found_however_a_playbook_is_run(place: Path, how: str) -> None:
    own = place / "own.yml"
    own.write_text("- ansible.builtin.import_playbook: estate.kafka.features\n")
    playbook = {"by its full name": "estate.kafka.features", "from this clone": str(ROOT / "playbooks/features.yml")}.get(
        how, str(own)
    )
    inventory = place / "one-broker.yml"
    hosts = {
        "one": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "kafka_broker_cluster": "orders"}
    }
    inventory.write_text(json.dumps({"kafka_broker": {"hosts": hosts}}))
    # Another host speaks for the cluster, so nobody is asked; which one does is worked out in group_vars.
    known = {"clusters": {"orders": {"hosts": ["another"]}}}
    given = json.dumps({"estate_topology": known, "estate_held": True, "kafka_features": {"release": "4.3"}})
    said = run(["ansible-playbook", "-i", str(inventory), "-e", given, playbook], place)
    assert re.search(r"^one .* ok=0 .* failed=0 .* skipped=1\b", said, re.MULTILINE), said


def test_it_brings_up_a_server_by_the_full_name_of_its_playbook(place: Path) -> None:
    name = f"kafka-estate-installed-{uuid.uuid4().hex[:8]}"
    start(name, WITH_JAVA, "--rm", "--label=kafka-estate=installed")
    try:
        until(lambda: in_container(name, "test -S /run/systemd/private && echo so || true"), 120, "systemd is up")
        inventory = place / "one-server.yml"
        small = {
            "zookeeper_heap": "128m",
            "estate_store": str(ROOT / ".cache/store"),
            "estate_artifact_sources": ["maven", "wheel"],
        }
        little = {"preflight_memory_reserve": 128, "preflight_disk_zookeeper": 0.2, "preflight_disk_install": 1}
        hosts = {name: {"zookeeper_id": 1, **VARIABLES, **small, **little}}
        inventory.write_text(json.dumps({"zookeeper": {"hosts": hosts}}))
        # The connection to containers is the lab's alone; no play of the collection needs it.
        command, lab = ["ansible-playbook", "-i", str(inventory), "estate.kafka.zookeeper"], str(ROOT / ".venv/collections")
        first, second = run(command, place, lab), run(command, place, lab)
        assert re.search(r"changed=[1-9]\d* .* failed=0", first), first
        assert re.search(r"changed=0 .* failed=0", second), second
        assert "Mode: standalone" in docker(
            "exec", name, "bash", "-c", "exec 3<>/dev/tcp/$(hostname)/2181; printf srvr >&3; cat <&3"
        )
    finally:
        docker("kill", name, check=False)
