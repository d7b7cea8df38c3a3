"""The screen of a run and its log, seen on real runs of a small playbook."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = """
[all:vars]
ansible_connection=local
ansible_python_interpreter={python}
[group]
one
two
"""
# Writes as a module does, without a process for each host.
WRITE = """
from pathlib import Path
from ansible.plugins.action import ActionBase
class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        path, content = Path(self._task.args["dest"]), self._task.args["content"]
        before = path.read_text() if path.exists() else ""
        if before != content and not self._task.check_mode:
            path.write_text(content)
        return {"changed": before != content, "diff": {"before": before, "after": content}}
"""
PLAYBOOK = """
- name: Files
  hosts: group
  gather_facts: false
  tasks:
    - name: Write
      write: {dest: "{{ where }}/{{ inventory_hostname }}", content: "open\\n"}
    - name: Write a secret
      write: {dest: "{{ where }}/{{ inventory_hostname }}.key", content: "hidden words\\n"}
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
        (folder / "action_plugins").mkdir()
        (folder / "action_plugins/write.py").write_text(WRITE)
        self.command_line = CommandLine(
            folder,
            ANSIBLE_CONFIG=ROOT / "ansible.cfg",
            ANSIBLE_STDOUT_CALLBACK="estate.kafka.progress",
            ANSIBLE_LOG_PATH=folder / "log",
            ESTATE_STATS=folder / "stats.json",
        )

    def run(self, *args: str) -> tuple[int, str]:
        words = ["-i", "hosts", "play.yml", "-e", f"where={self.folder}/out", *args]
        done = self.command_line.run("ansible-playbook", *words, joined=True)
        return done.returncode, done.stdout

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    made = Lab(tmp_path_factory.mktemp("progress"))
    yield made
    made.command_line.close()


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


DERIVED = 'derived_port: "{{ port_that_nobody_set }}"\n'
FIRST = 'derived: "{{ first_that_nobody_set }}"\n'
# Of each role that breaks on the host of its name: its tasks, and the variables of the host.
BROKEN = {
    "variable": ('- name: Say\n  ansible.builtin.debug: {msg: "port {{ derived_port }}"}\n', f"# a comment\n{DERIVED}"),
    "template": ("- name: Files\n  estate.kafka.files: {items: [{path: /nowhere/file, template: file.j2}]}\n", ""),
    "module": ('- name: Copy\n  ansible.builtin.copy: {dest: /nowhere/at/all, content: "", mode: "0600"}\n', ""),
    "loop": ('- name: Say\n  ansible.builtin.debug: {msg: "{{ item }}{{ derived }}"}\n  loop: [1, 2]\n', FIRST),
    "items": (
        '- name: Say\n  ansible.builtin.debug: {msg: "said {{ item }}"}\n  loop: [1, 2]\n  when: item == 1\n'
        '- name: Ask\n  ansible.builtin.assert: {that: item == 1, fail_msg: "no {{ item }}"}\n  loop: [1, 2]\n',
        "",
    ),
    "secret": (
        '- name: Say\n  ansible.builtin.debug: {msg: "{{ broken_password }}"}\n',
        'broken_password: "open-sesame{{ nobody }}"\n',
    ),
    "hidden": (
        '- name: Say\n  ansible.builtin.debug: {msg: "{{ plain }}"}\n  no_log: true\n',
        'plain: "open-sesame{{ nobody }}"\n',
    ),
}
# A play in which no host is left would be the last one: one stays well.
PLAY = """
- name: Steps of {role}
  hosts: {role},well
  gather_facts: false
  roles:
    - role: {role}
      when: inventory_hostname != 'well'
"""


class Broken(Lab):
    """One run of a play for each role that breaks, and what the screen showed of each."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "hosts").write_text(INVENTORY.format(python=sys.executable) + "\n".join(["well", *BROKEN]))
        (folder / "play.yml").write_text("".join(PLAY.format(role=role) for role in BROKEN))
        for role, (tasks, variables) in BROKEN.items():
            for path, text in ((f"roles/{role}/tasks/main.yml", tasks), (f"host_vars/{role}/main.yml", variables)):
                (folder / path).parent.mkdir(parents=True)
                (folder / path).write_text(text)
        (folder / "roles/template/templates").mkdir()
        (folder / "roles/template/templates/file.j2").write_text("first\n{% if %}\n")
        self.status, self.screen = self.run()

    def of(self, role: str) -> str:
        """Return what was shown from the end of the play before this one to its own."""
        return self.screen.partition(f"] Steps of {role} ")[0].rpartition("] Steps of ")[2]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broken]:
    made = Broken(tmp_path_factory.mktemp("broken"))
    yield made
    made.command_line.close()


def test_each_role_that_breaks_is_a_failure(broken: Broken) -> None:
    assert broken.status == 2
    assert all(f"Steps of {role} · 1 host · " in broken.screen for role in BROKEN)


def test_an_undefined_variable_is_shown_with_its_file_line_and_task(broken: Broken) -> None:
    for shown in (broken.of("variable"), broken.log):
        assert "FAILED  variable · variable : Say\n" in shown
        assert "'port_that_nobody_set' is undefined" in shown
        assert f"Origin: host_vars/variable/main.yml:2:15\n        2 {DERIVED}" in shown
        assert "Task: roles/variable/tasks/main.yml:1\n" in shown
    assert broken.of("variable").count("is undefined") == 1


def test_a_syntax_error_in_a_template_is_shown_with_the_template_and_its_line(broken: Broken) -> None:
    screen = broken.of("template")
    assert "FAILED  template · template : Files\n" in screen
    assert "roles/template/templates/file.j2, line 2: Syntax error in template" in screen


def test_a_failed_module_of_a_role_is_shown_with_the_task_and_only_once(broken: Broken) -> None:
    screen = broken.of("module")
    assert "FAILED  module · module : Copy\n        Destination directory /nowhere/at does not exist\n" in screen
    assert "Task: roles/module/tasks/main.yml:1\n" in screen
    assert "Origin:" not in screen


def test_each_failed_item_of_a_loop_has_its_origin(broken: Broken) -> None:
    assert broken.of("loop").count("Origin: host_vars/loop/main.yml:1:10") == 2


def test_of_a_loop_the_items_that_failed_are_shown_and_those_that_were_skipped_are_not(broken: Broken) -> None:
    screen = broken.of("items")
    assert "items: said 1\n" in screen and "item == 1" not in screen
    assert "FAILED  items · items : Ask\n        no 2\n" in screen and "All assertions passed" not in screen


@pytest.mark.parametrize("role", ["secret", "hidden"])
def test_a_line_with_a_secret_is_not_shown(broken: Broken, role: str) -> None:
    assert f"Origin: host_vars/{role}/main.yml:1:" in broken.of(role)
    assert "open-sesame" not in broken.screen + broken.log


def test_the_path_of_each_task_is_shown_at_verbosity_two(lab: Lab, broken: Broken) -> None:
    assert "TASK Say · play.yml:" in lab.run("-vv")[1]
    assert "TASK items : Say" not in broken.screen
    assert "TASK items : Say · roles/items/tasks/main.yml:1" in broken.log
