"""``module_defaults`` of ``group/estate.kafka.kafka`` reach every module that talks to a Kafka cluster."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring

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
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
    asked = {
        path.stem
        for path in (ROOT / "plugins/modules").glob("[a-z]*.py")
        if get_docstring(str(path), fragment_loader)[0].get("options", {}).get("client", {}).get("required")
    }
    assert sorted(asked) == runtime["action_groups"]["kafka"]


def test_a_module_takes_the_client_of_the_group(tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(PLAY, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "-c", "local"]
    command += ["-e", f"ansible_python_interpreter={sys.executable}", str(tmp_path / "play.yml")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert run.returncode == 2 and "no broker of 127.0.0.1:1 answered within 1 s" in run.stdout, run.stdout
