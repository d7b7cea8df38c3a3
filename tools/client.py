"""The settings of librdkafka, as the library itself prints them: artifacts/options/librdkafka-<version>/client.json."""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
from pathlib import Path

import confluent_kafka
from options import DATA, ROOT, Rows, text

# A process of its own: the library writes to the standard output of C.
SHOW = "import ctypes, sys; library = ctypes.CDLL(sys.argv[1]); library.rd_kafka_conf_properties_show(ctypes.c_void_p.in_dll("
SHOW += "ctypes.CDLL(None), 'stdout')); ctypes.CDLL(None).fflush(None)"
ROW = re.compile(r"^(?P<name>[a-z][\w.]*) +\| +(?P<of>[*CP]) +\| (?P<range>[^|]*) +\|(?P<rest>.*)$")
RANGE = re.compile(r"(-?\d+) \.\. (\d+)")
TYPE = re.compile(r"\*Type: ([^*]+)\*")
TYPES = {"integer": "int", "float": "double", "boolean": "boolean"}
# Set by calls of the library alone.
CALLED = ("pointer", "see dedicated API")


def rows(shown: str) -> Rows:
    """Return the settings in the tables that the library prints."""
    found: Rows = {}
    for line in shown.splitlines():
        match, kind = ROW.match(line), TYPE.search(line)
        if not match or not kind or kind[1].startswith(CALLED):
            continue
        row: dict[str, object] = {"type": TYPES.get(kind[1], "string")}
        if row["type"] == "int" and (limits := RANGE.search(match["range"])):
            row |= {"min": int(limits[1]), "max": int(limits[2])}
        elif kind[1] == "enum value" and match["range"].strip():
            row |= {"values": [word.strip() for word in match["range"].split(",")], "any_case": True}
        if "password" in match["name"] or match["name"].endswith((".key.pem", ".secret", "private.key")):
            row = {"type": "password"}
        # It takes the word all, too.
        found[match["name"]] = {"type": "string"} if match["name"].endswith("acks") else row
    return found


def main() -> None:
    """Write the data of the library of this environment."""
    (library,) = (Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs").glob("librdkafka*")
    assert ctypes.CDLL(str(library))
    shown = subprocess.run([sys.executable, "-c", SHOW, str(library)], capture_output=True, text=True, check=True).stdout
    version = confluent_kafka.libversion()[0]
    path = DATA / f"librdkafka-{version}" / "client.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    found = rows(shown)
    path.write_text(text("librdkafka", version, found), encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {len(found)} settings of librdkafka {version}")


if __name__ == "__main__":
    main()
