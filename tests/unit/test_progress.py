"""The screen of a run and its log, seen on real runs of a small playbook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = """
[all:vars]
ansible_connection=local
ansible_python_interpreter={python}
[group]
one
two
"""
PLAYBOOK = """
- name: Files
  hosts: group
  gather_facts: false
  tasks:
    - name: Write
      ansible.builtin.copy: {dest: "{{ where }}/{{ inventory_hostname }}", content: "open\\n", mode: "0644"}
    - name: Write a secret
      ansible.builtin.copy: {dest: "{{ where }}/{{ inventory_hostname }}.key", content: "hidden words\\n", mode: "0600"}
      no_log: true
- name: Nothing here
  hosts: group
  gather_facts: false
  tasks:
    - name: Never
      ansible.builtin.debug: {msg: never}
      when: false
- name: End
  hosts: group
  gather_facts: false
  tasks:
    - name: Stop
      ansible.builtin.fail:
        msg: |-
          first line
          second line
      when: stop | default(false) | bool
    - name: Say
      ansible.builtin.set_fact: {done: true}
"""


class Lab:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "hosts").write_text(INVENTORY.format(python=sys.executable))
        (folder / "play.yml").write_text(PLAYBOOK)
        (folder / "out").mkdir()

    def run(self, *args: str) -> tuple[int, str]:
        done = subprocess.run(
            [
                Path(sys.executable).with_name("ansible-playbook"),
                "-i",
                "hosts",
                "play.yml",
                "-e",
                f"where={self.folder}/out",
                *args,
            ],
            cwd=self.folder,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
                "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
                "ANSIBLE_STDOUT_CALLBACK": "estate.kafka.progress",
                "ANSIBLE_LOG_PATH": str(self.folder / "log"),
                "ESTATE_STATS": str(self.folder / "stats.json"),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab(tmp_path_factory.mktemp("progress"))


def test_check_mode_names_what_would_change_with_diffs_but_no_secret(lab: Lab) -> None:
    status, screen = lab.run("--check", "--diff")
    assert status == 0
    assert "[1/3] Files · 2 hosts · 2 tasks · would change 4 · " in screen
    assert "would change: Write: one, two" in screen
    assert "+open" in screen
    assert "hidden words" not in screen + lab.log


def test_one_line_for_each_step_that_did_something_and_all_results_in_the_log(lab: Lab) -> None:
    status, screen = lab.run()
    assert status == 0
    assert "[1/3] Files · 2 hosts · 2 tasks · changed 4 · " in screen
    assert "[3/3] End · 2 hosts · 1 task · " in screen
    assert "Nothing here" not in screen
    assert "one  ok=3 changed=2 failed=0" in screen
    # A slow machine also gets lines that say what is waited for.
    told = [line for line in screen.splitlines() if "Write" in line and "waiting for" not in line]
    assert all("changed by Files: Write" in line for line in told)
    assert "skipped     two · Never" in lab.log
    stats = json.loads((lab.folder / "stats.json").read_text())
    assert stats["tasks"]["play Files"]["one"] == {"executed": 2}
    assert stats["recap"]["two"]["changed"] == 2


def test_a_run_that_changes_nothing_says_so_in_one_line(lab: Lab) -> None:
    status, screen = lab.run()
    assert status == 0
    assert "nothing changed on 2 hosts\n" in screen
    assert "changed=" not in screen


def test_a_failure_shows_at_once_as_lines_and_the_same_again_only_by_name(lab: Lab) -> None:
    status, screen = lab.run("-e", "stop=true")
    assert status == 2
    assert "        first line\n        second line\n" in screen
    assert screen.count("first line") == 1
    assert "(the same as " in screen
    assert "[3/3] End · 2 hosts · 1 task · FAILED 2 · " in screen


ROLE_PLAYBOOK = """
- name: Steps
  hosts: one
  gather_facts: false
  roles: [broken]
"""
DERIVED = 'derived_port: "{{ port_that_nobody_set }}"\n'


@pytest.fixture
def broken(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path)
    (tmp_path / "play.yml").write_text(ROLE_PLAYBOOK)
    (tmp_path / "group_vars/all").mkdir(parents=True)
    (tmp_path / "group_vars/all/main.yml").write_text(f"# a comment\n{DERIVED}")
    for folder in ("tasks", "templates"):
        (tmp_path / "roles/broken" / folder).mkdir(parents=True)
    return lab


def role_task(lab: Lab, text: str) -> None:
    (lab.folder / "roles/broken/tasks/main.yml").write_text(text)


def test_an_undefined_variable_is_shown_with_its_file_line_and_task(broken: Lab) -> None:
    role_task(broken, '- name: Say\n  ansible.builtin.debug: {msg: "port {{ derived_port }}"}\n')
    status, screen = broken.run()
    assert status == 2
    for shown in (screen, broken.log):
        assert "FAILED  one · broken : Say\n" in shown
        assert "'port_that_nobody_set' is undefined" in shown
        assert f"Origin: group_vars/all/main.yml:2:15\n        2 {DERIVED}" in shown
        assert "Task: roles/broken/tasks/main.yml:1\n" in shown
    assert screen.count("is undefined") == 1


def test_a_syntax_error_in_a_template_is_shown_with_the_template_and_its_line(broken: Lab) -> None:
    (broken.folder / "roles/broken/templates/file.j2").write_text("first\n{% if %}\n")
    role_task(broken, "- name: Files\n  estate.kafka.files: {items: [{path: /nowhere/file, template: file.j2}]}\n")
    status, screen = broken.run()
    assert status == 2
    assert "FAILED  one · broken : Files\n" in screen
    assert "roles/broken/templates/file.j2, line 2: Syntax error in template" in screen


def test_a_failed_module_of_a_role_is_shown_with_the_task_and_only_once(broken: Lab) -> None:
    role_task(broken, '- name: Copy\n  ansible.builtin.copy: {dest: /nowhere/at/all, content: "", mode: "0600"}\n')
    status, screen = broken.run()
    assert status == 2
    assert "FAILED  one · broken : Copy\n        Destination directory /nowhere/at does not exist\n" in screen
    assert "Task: roles/broken/tasks/main.yml:1\n" in screen
    assert "Origin:" not in screen


def test_each_failed_item_of_a_loop_has_its_origin(broken: Lab) -> None:
    role_task(broken, '- name: Say\n  ansible.builtin.debug: {msg: "{{ item }}{{ derived_port }}"}\n  loop: [1, 2]\n')
    status, screen = broken.run()
    assert status == 2
    assert screen.count("Origin: group_vars/all/main.yml:2:15") == 2


def test_of_a_loop_the_items_that_failed_are_shown_and_those_that_were_skipped_are_not(broken: Lab) -> None:
    tasks = [
        '- name: Say\n  ansible.builtin.debug: {msg: "said {{ item }}"}\n  loop: [1, 2]\n  when: item == 1\n',
        '- name: Ask\n  ansible.builtin.assert: {that: item == 1, fail_msg: "no {{ item }}"}\n  loop: [1, 2]\n',
    ]
    role_task(broken, "".join(tasks))
    status, screen = broken.run()
    assert status == 2
    assert "one: said 1\n" in screen and "item == 1" not in screen
    assert "FAILED  one · broken : Ask\n        no 2\n" in screen and "All assertions passed" not in screen


@pytest.mark.parametrize(
    ("variable", "no_log"),
    [('broken_password: "open-sesame{{ nobody }}"', "false"), ('plain: "open-sesame{{ nobody }}"', "true")],
)
def test_a_line_with_a_secret_is_not_shown(broken: Lab, variable: str, no_log: str) -> None:
    (broken.folder / "group_vars/all/main.yml").write_text(f"{variable}\n")
    name = variable.partition(":")[0]
    role_task(broken, f'- name: Say\n  ansible.builtin.debug: {{msg: "{{{{ {name} }}}}"}}\n  no_log: {no_log}\n')
    status, screen = broken.run()
    assert status == 2
    assert "Origin: group_vars/all/main.yml:1:" in screen
    assert "open-sesame" not in screen + broken.log


def test_the_path_of_each_task_is_shown_at_verbosity_two(broken: Lab) -> None:
    role_task(broken, "- name: Say\n  ansible.builtin.set_fact: {done: true}\n")
    assert "TASK broken : Say · roles/broken/tasks/main.yml:1" in broken.run("-vv")[1]
    assert "TASK broken : Say" not in broken.run()[1]
    assert "TASK broken : Say · roles/broken/tasks/main.yml:1" in broken.log
