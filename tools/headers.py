# SPDX-License-Identifier: Apache-2.0
"""Writes what every plugin says of itself: its licence, its author, and the version in which it came.

``python tools/headers.py`` writes what is missing, ``--check`` fails when something is.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from version import ROOT, versions

LICENCE = "# SPDX-License-Identifier: Apache-2.0\n"
# The form that Ansible wants of an author without an account: https://docs.ansible.com/ansible/latest/dev_guide
AUTHOR = "kafka-estate maintainers (!UNKNOWN)"


def headed(text: str, version: str) -> str:
    """Return the text of a plugin, or of a filter's page, with what is missing; ``version`` is that of what is new."""
    if LICENCE not in text:
        text = re.sub(r"\A(#!.*\n)?", lambda first: (first[1] or "") + LICENCE, text, count=1)
    text = re.sub(r"^( *(?:author: |- ))kafka-estate maintainers$", rf"\g<1>{AUTHOR}", text, flags=re.MULTILINE)
    summary = re.search(r"^( *)short_description: .*\n(?:\1 +.*\n)*", text, re.MULTILINE)
    if summary and not re.search(r"^ *version_added: ", text, re.MULTILINE):
        text = f"{text[: summary.end()]}{summary[1]}version_added: {version}\n{text[summary.end() :]}"
    return text


def plugins() -> Iterator[Path]:
    """Yield every file that has to have a header: plugins that are not empty, and the pages of filters."""
    for path in sorted((ROOT / "plugins").rglob("*")):
        if path.suffix in (".py", ".yml") and path.stat().st_size:
            yield path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when something is missing")
    check = parser.parse_args().check
    version = versions(ROOT)["galaxy.yml"]
    stale = []
    for path in plugins():
        text = path.read_text(encoding="utf-8")
        wanted = headed(text, version)
        if wanted != text:
            stale.append(str(path.relative_to(ROOT)))
            if not check:
                path.write_text(wanted, encoding="utf-8")
    print("\n".join(stale), end="\n" if stale else "")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
