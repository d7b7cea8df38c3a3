"""Makes a store with stand-in archives of the four consoles, in the form their publishers give them.

Everything else the inventory needs comes from the ordinary store, if that has it, by links.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

PROGRAM = (Path(__file__).parent / "stand_in.py").read_text()
# The catalogue's version and one to upgrade to.
VERSIONS = {
    "grafana": ("13.2.3", "13.2.4"),
    "cmak": ("3.0.0.6", "3.0.0.7"),
    "akhq": ("0.25.1", "0.26.0"),
    "kibana": ("8.19.21", "8.19.22"),
}


def tar(path: Path, top: str, files: dict[str, str]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(f"{top}/{name}")
            info.size, info.mode = len(text.encode()), 0o755 if name.startswith("bin/") else 0o644
            archive.addfile(info, io.BytesIO(text.encode()))


def program(version: str) -> str:
    return PROGRAM.replace('VERSION = ""', f'VERSION = "{version}"', 1)


def jar(version: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("__main__.py", program(version))
    return out.getvalue()


def make(component: str, version: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    if component == "grafana":
        tar(folder / f"grafana-{version}.linux-amd64.tar.gz", f"grafana-v{version}", {"bin/grafana": program(version)})
    elif component == "kibana":
        tar(folder / f"kibana-{version}-linux-x86_64.tar.gz", f"kibana-{version}", {"bin/kibana": program(version)})
    elif component == "akhq":
        (folder / f"akhq-{version}-all.jar").write_bytes(jar(version))
    else:
        with zipfile.ZipFile(folder / f"cmak-{version}.zip", "w") as archive:
            archive.writestr(f"cmak-{version}/conf/consumer.properties", "key=value\n")
            archive.writestr(f"cmak-{version}/lib/cmak.cmak-{version}.jar", jar(version))


def main() -> None:
    cache, name = Path(sys.argv[1]), next(iter(sys.argv[2:]), "stand-ins")
    store, ordinary = cache / name, cache / "store"
    shutil.rmtree(store, ignore_errors=True)
    (store / "releases").mkdir(parents=True)
    index = ordinary / "releases/index.json"
    if index.is_file():
        held = {name: entry for name, entry in json.loads(index.read_text()).items() if entry["component"] not in VERSIONS}
        (store / "releases/index.json").write_text(json.dumps(held))
        for name in held:
            (store / "releases" / name).symlink_to((ordinary / "releases" / name).resolve())
    for component, versions in VERSIONS.items():
        for version in versions:
            make(component, version, store / "downloads" / component / version / "publisher")


if __name__ == "__main__":
    main()
