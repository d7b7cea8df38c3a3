# SPDX-License-Identifier: Apache-2.0
"""The kinds of source the artefact store fetches from: publisher (HTTP); Maven, wheels and packages (their own clients)."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.estate.kafka.plugins.module_utils.host.digest import BLOCK, file_digest
from ansible_collections.estate.kafka.plugins.module_utils.http import stream
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    Component,
    Source,
    Target,
    Unavailable,
    mismatch,
)
from ansible_collections.estate.kafka.plugins.module_utils.store.checksum import published_checksum

# Seconds without a byte before a connection counts as dead, and how often a cut transfer goes on where it stopped.
TIMEOUT = 30
ATTEMPTS = 3
AGENT = {"User-Agent": "kafka-estate"}
# Seconds a Maven or pip run may take.
CLIENT_TIMEOUT = 1800

# Where the clients say why they failed: the last line that the first fitting pattern finds.
MAVEN_REASONS = (
    r"^\[ERROR\] +(.*(?:[Cc]ould not|[Ff]ailed|[Uu]nable).*?)(?: -> \[Help.*)?$",
    r"^\[ERROR\] +(.+?)(?: -> \[Help.*)?$",
)
APT_REASONS = (r"^E: (.+)$",)
PIP_REASONS = (r"connection broken by '(.+)': /", r"^ERROR: (.+)$")

# The oldest patch level of a Python on a supported distribution (3.9.2 of Debian 11). For pip, 3.9 is 3.9.0, for which some
# libraries have faults and refuse it.
MIN_PATCH = 2

# How a distribution calls the machines.
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

# Two Maven processes must not write the local repository at once.
_maven = threading.Lock()


@dataclass(frozen=True)
class Request:
    """Files wanted of one source.

    ``expected`` is the lock's entry, file name -> sha256 (empty when it has none). ``trust`` takes a publisher's file
    for which there is neither a lock entry nor a published checksum: only to write the lock. ``machine`` is for packages;
    wheels are for the component's own target.
    """

    component: Component
    source: Source
    artifacts: Path
    machine: str
    expected: Mapping[str, str]
    trust: bool = False


def fetch(request: Request, into: Path) -> None:
    """Bring all files of a source into the directory ``into``; once this returns it is complete.

    A publisher's file is checked here. Maven, pip and apt check theirs (strict checksums, hashed requirements, signatures).
    Raises Unavailable with the reason, or StoreError for a file that fails its checksum.
    """
    component, source = request.component, request.source
    into.parent.mkdir(parents=True, exist_ok=True)
    if source.kind == "publisher":
        _publisher(request, into)
        return
    partial = into.with_name(into.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    if source.kind == "maven":
        _maven_copy(component, request.artifacts / "maven" / component.name / "pom.xml", partial)
    elif source.kind == "package":
        _package(request, partial)
    else:
        _wheels(component, source, requirements(request.artifacts, component), partial)
    partial.rename(into)


def _publisher(request: Request, into: Path) -> None:
    """Fetch one file, resuming a transfer that an earlier run left; one that fails its checksum is removed."""
    url = request.source.url
    name = url.rpartition("/")[2]
    algorithm, wanted = _checksum(request, name)
    into.mkdir(exist_ok=True)
    part = into / f"{name}.part"
    resumed = part.exists()
    while True:
        download(url, part)
        found = file_digest(part, algorithm)
        if found == wanted or not wanted:
            part.rename(into / name)
            return
        part.unlink()
        if not resumed:
            raise mismatch(request.component, url, name, f"{wanted} ({algorithm})", found)
        # The beginning may have been another file's: once more, from the start.
        resumed = False


def _checksum(request: Request, name: str) -> tuple[str, str]:
    """Return (algorithm, hex digest) a publisher's file must have; an empty digest takes any."""
    if name in request.expected:
        return "sha256", request.expected[name]
    if request.source.checksum:
        return published_checksum(read_text(request.source.checksum), name)
    if request.trust:
        return "sha256", ""
    raise Unavailable(
        f"refused, {name} is not in artifacts/lock.json and no checksum is published for it; check it and record it with "
        f'playbooks/artifacts.yml -e artifacts_update_lock=true -e \'{{"artifacts_only": ["{request.component.name}"]}}\''
    )


def read_text(url: str, proxy: bool = True) -> str:
    """Return the text at a small URL, if wanted by the proxy of the environment; raises Unavailable."""
    try:
        with stream(url, TIMEOUT, headers=AGENT, proxy=proxy) as response:
            text: bytes = response.read()
            return text.decode()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable(f"{url}: {_plain(error)}") from error


def download(url: str, part: Path) -> None:
    """Complete the file ``part`` from a URL, going on after the bytes it already has; raises Unavailable."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            if _transfer(url, part):
                return
            reason = f"connection cut after {part.stat().st_size} bytes"
        except urllib.error.HTTPError as error:
            if error.code == 416:
                # What is there is not the beginning of this file.
                part.unlink()
                reason = _plain(error)
                continue
            raise Unavailable(f"{url}: {_plain(error)}") from error
        except (OSError, http.client.HTTPException) as error:
            if attempt == ATTEMPTS or not part.exists():
                raise Unavailable(f"{url}: {_plain(error)}") from error
            reason = _plain(error)
    raise Unavailable(f"{url}: {reason}")


def _transfer(url: str, part: Path) -> bool:
    """Append what is missing, or start anew when the server cannot resume; return whether all bytes came."""
    have = part.stat().st_size if part.exists() else 0
    headers = {**AGENT, "Range": f"bytes={have}-"} if have else AGENT
    with stream(url, TIMEOUT, headers=headers, proxy=True) as response:
        resumed = getattr(response, "status", 200) == 206
        length = response.headers.get("Content-Length")
        with part.open("ab" if resumed else "wb") as out:
            shutil.copyfileobj(response, out, BLOCK)
    wanted = None if length is None else int(length) + (have if resumed else 0)
    return wanted is None or part.stat().st_size == wanted


def _plain(error: BaseException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code} {error.reason}"
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason or type(error).__name__)


def _maven_copy(component: Component, descriptor: Path, into: Path) -> None:
    command = ["mvn", "--batch-mode", "--quiet", "--strict-checksums", "--file", str(descriptor), "generate-resources"]
    command += [f"-Dcomponent.version={component.upstream}", f"-DoutputDirectory={into}"]
    with _maven:
        _run(command, MAVEN_REASONS)
    if not any(into.iterdir()):
        raise Unavailable(f"{descriptor.name} of {component.name} gave no file")


def _target(component: Component) -> Target:
    """Return the Python and machine that wheels are for; raises Unavailable for a component that was built for none."""
    if component.target is None:
        raise Unavailable(f"no Python and machine is known to fetch the wheels of {component.name} for")
    return component.target


def requirements(artifacts: Path, component: Component) -> Path:
    """Return the pins of a component of wheels: those of its Python where this one needs others, else those of all."""
    own = artifacts / "wheels" / f"{component.name}-{_target(component).python}.txt"
    return own if own.is_file() else artifacts / "wheels" / f"{component.name}.txt"


def _wheels(component: Component, source: Source, pins: Path, into: Path) -> None:
    target = _target(component)
    pin = f"{source.package}=={component.upstream}"
    if not re.search(rf"^{re.escape(pin)}(?![\w.])", pins.read_text(), re.MULTILINE):
        raise Unavailable(f"artifacts/wheels/{pins.name} does not pin {pin}; lock that version first")
    command = [sys.executable, "-m", "pip", "--no-input", "--disable-pip-version-check", "download", "--quiet"]
    command += ["--retries", "1", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--implementation", "cp"]
    command += ["--python-version", f"{target.python}.{MIN_PATCH}", "--dest", str(into), "--requirement", str(pins)]
    for platform in platforms(target.machine):
        command += ["--platform", platform]
    _run(command, PIP_REASONS)


def _package(request: Request, into: Path) -> None:
    """Let apt-get bring a package of the controller's distribution, and check its signature."""
    architecture = ARCHITECTURES.get(request.machine, request.machine)
    wanted = f"{request.source.package}:{architecture}={request.component.upstream}*"
    try:
        _run(["apt-get", "--quiet", "download", wanted], APT_REASONS, str(into))
    except Unavailable as error:
        raise Unavailable(f"{error} (apt-get download {wanted}; are this machine's package lists current?)") from error


def platforms(machine: str) -> list[str]:
    """Return the wheel platforms that run on glibc 2.28 and later, best first (pip does not add the older ones itself)."""
    return [f"manylinux_2_{minor}_{machine}" for minor in range(28, 16, -1)] + [f"manylinux2014_{machine}"]


def _run(command: list[str], reasons: tuple[str, ...], directory: str | None = None) -> None:
    """Run a client; when it fails, raise Unavailable with the reason it gave."""
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=CLIENT_TIMEOUT, env=environment, cwd=directory)
    except FileNotFoundError as error:
        raise Unavailable(f"'{command[0]}' is not installed on the controller") from error
    except OSError as error:
        raise Unavailable(f"'{command[0]}' cannot be started: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"'{command[0]}' did not finish in {CLIENT_TIMEOUT} s") from error
    if done.returncode:
        output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        found = [line for pattern in reasons for line in re.findall(pattern, output, re.MULTILINE)[-1:]]
        raise Unavailable((found[0] if found else output.strip() or f"exit status {done.returncode}")[:700])
