"""The commands of README's ten steps of the first real deployment."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READMES = {"README.md": "## First real deployment", "README.ko.md": "## 실제 서버에 처음 배포하기: 10단계"}


def steps(readme: str) -> list[list[str]]:
    """Return the commands of each step of the first deployment, in order; a step may have none."""
    section = (ROOT / readme).read_text().partition(READMES[readme])[2].partition("\n## ")[0]
    # A step goes on over indented lines.
    found = re.findall(r"^(\d+)\. (.*(?:\n +\S.*)*)$", section, re.MULTILINE)
    assert [int(number) for number, _ in found] == list(range(1, 11))
    commands = [re.findall(r"`([^`]+)`", " ".join(text.split())) for _, text in found]
    return [[one for one in step if re.match(r"(git|cp|ansible|ansible-playbook|tests/)\b", one)] for step in commands]
