"""What the store's tests share: a small catalogue, a web server, and stand-ins for the Maven client."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import Component, Source
from ansible_collections.estate.kafka.plugins.module_utils.store.store import Settings, Store
from http_server import serving_with


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def tgz(files: Mapping[str, bytes], executable: tuple[str, ...] = ()) -> bytes:
    """A .tar.gz in the given order, with today's disorder of owners and times."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for number, (name, content) in enumerate(files.items()):
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.uid, info.mode = len(content), 1_700_000_000 + number, 501, 0o664
            if name in executable:
                info.mode = 0o775
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def zipped(files: Mapping[str, bytes], executable: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o755 if name in executable else 0o644) << 16
            archive.writestr(info, content)
    return out.getvalue()


class Web:
    """Files under a URL, with a log of what was asked; understands Range. ``cut`` ends the first transfers early."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.cut: list[int] = []
        self.url = ""


@contextmanager
def serve() -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name, wanted = self.path.lstrip("/"), self.headers.get("Range", "")
            web.asked.append((name, wanted))
            if name not in web.files:
                self.send_error(404)
                return
            data = web.files[name]
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            if start >= len(data) > 0 and wanted:
                self.send_error(416)
                return
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            self.wfile.write(data[start : web.cut.pop(0)] if web.cut else data[start:])

    with serving_with(Handler) as web.url:
        yield web


def fake_maven(directory: Path, files: Mapping[str, bytes], fail: str = "") -> Path:
    """Write a client named ``mvn`` that copies the files, counts its calls, or fails; return the folder for PATH."""
    given = directory / "given"
    given.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (given / name).write_bytes(content)
    script = directory / "mvn"
    script.write_text(
        f"#!/bin/sh\necho call >> {directory}/calls\n"
        + (f"echo '[ERROR] {fail} -> [Help 1]'; exit 1\n" if fail else "")
        + f'for word; do case $word in -DoutputDirectory=*) cp {given}/* "${{word#*=}}";; esac; done\n'
    )
    script.chmod(0o755)
    return directory


def calls(maven: Path) -> int:
    log = maven / "calls"
    return len(log.read_text().splitlines()) if log.exists() else 0


def component(*sources: Source, name: str = "tool", version: str = "1.0", **fields: Any) -> Component:
    return Component(name=name, version=version, upstream=version, sources=sources, groups=("tools",), **fields)


def store(tmp_path: Path, lock: Mapping[str, Any] | None = None, **settings: Any) -> Store:
    """A store in tmp_path/store with the given lock (component -> version -> kind -> file -> sha256)."""
    artifacts = tmp_path / "artifacts"
    (artifacts / "maven" / "tool").mkdir(parents=True, exist_ok=True)
    (artifacts / "maven" / "tool" / "pom.xml").touch()
    if lock is not None or not (artifacts / "lock.json").exists():
        (artifacts / "lock.json").write_text(json.dumps(lock or {}))
    return Store(replace(Settings(tmp_path / "store", artifacts), **settings))
