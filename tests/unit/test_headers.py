"""Every plugin says its licence, its author and the version in which it came; ``make headers`` writes what is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import headers

MODULE = "#!/usr/bin/python\n{licence}doc\nmodule: x\nshort_description: does\n{version}author: kafka-estate maintainers{form}\n"
PAGE = "{licence}DOCUMENTATION:\n  short_description: >-\n    does\n{version}  author:\n    - kafka-estate maintainers{form}\n"


def test_nothing_is_missing() -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in headers.plugins()}
    assert len(texts) > 300
    assert [path for path, text in texts.items() if headers.headed(text, "9.9.9") != text] == [], "run make headers"


@pytest.mark.parametrize(("text", "indent"), [(MODULE, ""), (PAGE, "  ")])
def test_what_is_missing_is_written_once(text: str, indent: str) -> None:
    bare = text.format(licence="", version="", form="")
    whole = text.format(licence=headers.LICENCE, version=f"{indent}version_added: 1.2.3\n", form=" (!UNKNOWN)")
    assert headers.headed(bare, "1.2.3") == whole
    assert headers.headed(whole, "4.5.6") == whole


def test_what_has_no_documentation_gets_the_licence_alone() -> None:
    assert headers.headed("x = 1\n", "1.2.3") == f"{headers.LICENCE}x = 1\n"
