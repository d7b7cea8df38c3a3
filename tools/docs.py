"""Writes the generated part of docs/: one page per role, the list of variables, and the drawings of the estates in inventories/.

``python tools/docs.py`` writes the files, ``--check`` fails when one of them is not current.
"""

from __future__ import annotations

import argparse
import sys

from generated import ROOT, generate


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is not current")
    check = parser.parse_args().check
    stale = []
    for name, content in generate().items():
        path = ROOT / name
        if path.is_file() and path.read_text(encoding="utf-8") == content:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            print(f"wrote {name}")
    if check and stale:
        print(f"not current, run make docs: {', '.join(stale)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
