"""``module_defaults`` of ``group/estate.kafka.kafka`` reach every module that talks to a Kafka cluster."""

from __future__ import annotations

import sys
from pathlib import Path

from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring
from command_line import of_project

ROOT = Path(__file__).resolve().parents[3]
PLAY = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/estate.kafka.kafka: {client: {bootstrap.servers: "127.0.0.1:1"}, timeout: 1}
  tasks:
    - name: Ask
      estate.kafka.cluster_info:
"""


def test_the_group_has_the_modules_that_need_a_client_and_no_others() -> None:
    runtime = yaml_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
    asked = {
        path.stem
        for path in (ROOT / "plugins/modules").glob("[a-z]*.py")
        if get_docstring(str(path), fragment_loader)[0].get("options", {}).get("client", {}).get("required")
    }
    assert sorted(asked) == runtime["action_groups"]["kafka"]


def test_a_module_takes_the_client_of_the_group(tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(PLAY, encoding="utf-8")
    words = ["-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}"]
    run = of_project().run("ansible-playbook", *words, tmp_path / "play.yml")
    assert run.returncode == 2 and "no broker of 127.0.0.1:1 answered within 1 s" in run.stdout, run.stdout
