"""Files with variables that Ansible does not read are named, with the one that it reads instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible import constants as C
from ansible.parsing.dataloader import DataLoader
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.shadows import misplaced, misspelt, shadowed, unread


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{path.name.partition('.')[0] if path.parent.name == 'group_vars' else 'inner'}_{len(name)}: 1\n")


def lines(folder: Path) -> list[str]:
    return render(shadowed([folder], C.YAML_FILENAME_EXTENSIONS))


@pytest.mark.parametrize(
    "names",
    [
        ("group_vars/all.yml", "group_vars/all/vault.yml"),
        ("group_vars/all.yaml", "group_vars/all/vault.yml"),
        ("group_vars/all.json", "group_vars/all/main.yml"),
        ("group_vars/kafka_broker", "group_vars/kafka_broker.yml"),
        ("group_vars/kafka_broker.yml", "group_vars/kafka_broker.yaml"),
        ("host_vars/a.example.com.yml", "host_vars/a.example.com/x.yml"),
        ("host_vars/a.example.com.json", "host_vars/a.example.com.yml"),
    ],
)
def test_two_places_for_one_name_are_refused(tmp_path: Path, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, *names, "group_vars/zookeeper.yml", "host_vars/b.yml")
    (line,) = lines(tmp_path)
    for name in names:
        assert str(Path(name).parent if "/" in name.split("_vars/")[1] else Path(name)) in line
    assert "of which Ansible reads only the first" in line


def test_the_first_that_is_named_is_the_one_that_ansible_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kinds = ("group_vars/all/x.yml", "group_vars/all.yml", "group_vars/all.yaml", "group_vars/all.json")
    for count in range(len(kinds) - 1):
        for name in kinds[count:]:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(f'{{"read": "{name}"}}')
        (found,) = DataLoader().find_vars_files(str(tmp_path / "group_vars"), "all")
        (line,) = lines(tmp_path)
        assert f"found {Path(found).relative_to(tmp_path)}".removesuffix("x.yml") in line
        (tmp_path / kinds[count]).unlink()
        if count == 0:
            (tmp_path / "group_vars/all").rmdir()


def test_other_files_are_nobody_s_business(tmp_path: Path) -> None:
    write(tmp_path, "group_vars/all/main.yml", "group_vars/all/main.yaml", "group_vars/kafka.yml", "group_vars/kafka.yml.orig")
    write(tmp_path, "group_vars/.kafka.yml.swp", "group_vars/kafka_east.yml", "host_vars/kafka.yml", "group_vars/README.md")
    assert lines(tmp_path) == []


def test_a_folder_without_anything(tmp_path: Path) -> None:
    write(tmp_path, "group_vars/all.yml")
    (tmp_path / "group_vars/all").mkdir()
    assert len(lines(tmp_path)) == 1  # Ansible reads the folder, in which there is nothing
    assert lines(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("hosts_vars/a.yml", "Name it host_vars"),
        ("groups_vars/all.yml", "Name it group_vars"),
        ("group_var/all.yml", "Name it group_vars"),
        ("group_vars/kafka_brokers.yml", "Name it after group kafka_broker if that is meant"),
        ("group_vars/kafka_brokers/main.yml", "Name it after group kafka_broker if that is meant"),
    ],
)
def test_a_name_like_one_that_ansible_reads(tmp_path: Path, name: str, remedy: str) -> None:
    write(tmp_path, name)
    (line,) = render(misplaced([tmp_path], ["all", "kafka_broker", "kafka_main"], C.YAML_FILENAME_EXTENSIONS))
    assert str(tmp_path.name) in line and remedy in line


def test_what_only_looks_like_one_is_left_alone(tmp_path: Path) -> None:
    # Groups that an estate does not have yet, folders of others, and an inventory with a name of its own.
    write(tmp_path, "group_vars/kafka_broker.yml", "group_vars/kafka_downstream/main.yml", "host_vars/gone.yml", "files/x")
    write(tmp_path, "host-vars/group_vars/all.yml", "roles/x/vars/main.yml", "playbooks/vars/x.yml")
    assert misplaced([tmp_path], ["all", "kafka_broker", "kafka_upstream"], C.YAML_FILENAME_EXTENSIONS) == []


HOSTS = ["kafka01.example.com", "zk-1", "zk-10.example.com"]


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("kafka01.yml", "kafka01.example.com"),
        ("Kafka01.Example.com.yml", "kafka01.example.com"),
        ("kafka01.example.com./main.yml", "kafka01.example.com"),
        ("zk-1.example.com.yaml", "zk-1"),
        ("zk-10", "zk-10.example.com"),
        ("kafka01.example.co", "kafka01.example.com"),
        ("kafka01.exmaple.com.yml", "kafka01.example.com"),
        ("kakfa01.example.com.yml", "kafka01.example.com"),
        ("kafka01.examplee.com/main.yml", "kafka01.example.com"),
    ],
)
def test_a_file_of_a_host_by_another_spelling_is_told(tmp_path: Path, name: str, host: str) -> None:
    write(tmp_path, f"host_vars/{name}")
    (line,) = render(misspelt([tmp_path], HOSTS, C.YAML_FILENAME_EXTENSIONS))
    assert "and no such host. Name it after host" in line and f"after host {host} if" in line


def test_files_of_hosts_and_of_those_that_are_to_come(tmp_path: Path) -> None:
    for host in (*HOSTS, "kafka02.example.com", "kafka0", "kafka11.example.com", "kafka10.example.com", "zk-1.example.org.bak"):
        write(tmp_path, f"host_vars/{host}.yml")
    write(tmp_path, "host_vars/zk-2.example.com/main.yml")
    found = render(misspelt([tmp_path], HOSTS, C.YAML_FILENAME_EXTENSIONS))
    # A host zk-1 has its own file, but one of another domain is nobody's.
    assert [line.split(":")[0] for line in found] == ["host zk-1.example.org.bak"]


NAMES = {"all", "kafka_broker", "a.example.com"}


@pytest.mark.parametrize(
    ("name", "told", "remedy"),
    [
        ("group_vars/kafka_broker.yl", "group kafka_broker", "kafka_broker.yml"),
        ("group_vars/kafka_broker.YML", "group kafka_broker", "kafka_broker.yml"),
        ("group_vars/kafka_broker/main.ymal", "group kafka_broker", "main.yml"),
        ("group_vars/all/more/main.yaml/x.yml", "group all", "main_yaml"),
        ("group_vars/all/more/x.jsn", "group all", "x.json"),
        ("group_vars/all/conf.d/x.yml", "group all", "conf_d"),
        ("host_vars/a.example.com.yam", "host a.example.com", "a.example.com.yaml"),
        ("host_vars/a.example.com/main.Yaml", "host a.example.com", "main.yaml"),
    ],
)
def test_a_file_that_ansible_passes_over_is_told(tmp_path: Path, name: str, told: str, remedy: str) -> None:
    write(tmp_path, name, "group_vars/all/main.yml", "host_vars/a.example.com/x.yml")
    read = DataLoader().find_vars_files(str(tmp_path / name.partition("/")[0]), told.partition(" ")[2])
    assert not any(Path(str(path)).name == Path(name).name for path in read)
    (line,) = render(unread([tmp_path], NAMES, C.YAML_FILENAME_EXTENSIONS))
    assert line.startswith(f"{told}: ") and "which Ansible does not read" in line and remedy in line


@pytest.mark.parametrize(
    "name",
    [
        *("main", "main.yml", "main.yaml", "main.json", "main.yml~", "main.yml.bak", "main.yml.orig", "README.md", "notes.txt"),
        *("vault.yml.example", "rules.j2", "more/x.yml", "more/README.md", "pictures.d/plan.svg", ".hidden.yl"),
    ],
)
def test_backups_notes_and_what_is_read_are_left_alone(tmp_path: Path, name: str) -> None:
    write(tmp_path, f"group_vars/all/{name}")
    assert unread([tmp_path], NAMES, C.YAML_FILENAME_EXTENSIONS) == []


def test_a_file_beside_the_groups_is_of_none_of_them(tmp_path: Path) -> None:
    write(tmp_path, "group_vars/README.yl", "group_vars/elsewhere.ymal", "host_vars/a.example.com")
    assert unread([tmp_path], NAMES, C.YAML_FILENAME_EXTENSIONS) == []
