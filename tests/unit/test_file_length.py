"""A file under plugins/ that has grown too long has two subjects; what is nothing but data may be longer."""

from __future__ import annotations

from pathlib import Path

PLUGINS = Path(__file__).parents[2] / "plugins"
LIMIT = 400
# Every word of the page, in both languages.
DATA = {"module_utils/report/words.py"}


def test_no_file_is_longer_than_400_lines() -> None:
    lines = {str(path.relative_to(PLUGINS)): len(path.read_text().splitlines()) for path in PLUGINS.rglob("*.py")}
    assert len(lines) > 100
    longer = {path for path, length in lines.items() if length > LIMIT}
    assert longer == DATA
