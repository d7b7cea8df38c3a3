# SPDX-License-Identifier: Apache-2.0
"""With what the running services of this host run: settings, files with keys, secrets in clear text, JMX, the authorizer's log.

Everything is read from the running process: its command line, and the files that this names.  No value of a secret leaves here;
what is told of one is where it stands, and whether it is a reference to a config provider.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.audit.processes import Process
from ansible_collections.estate.kafka.plugins.module_utils.formats.properties import parsed
from ansible_collections.estate.kafka.plugins.module_utils.host.processes import user_name
from ansible_collections.estate.kafka.plugins.module_utils.secrets import (
    HIDDEN,
    REFERENCE,
    is_secret_key,
    is_secret_value,
    mask_inline,
)

UNITS = ("/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
# Kinds of processes with a file of properties behind their main class.
WITH_FILE = ("kafka", "zookeeper", "connect", "mirrormaker", "schema registry")
# System properties that say something about security.
SYSTEM = re.compile(r"zookeeper\.|com\.sun\.management\.|java\.security\.|javax\.net\.ssl\.|java\.rmi\.server\.")
KEY_FILE = re.compile(r"key-?store\.?(location|file)$|keyStore\.location$|keyStore$|(^|[._])key(_file|_path)?$", re.IGNORECASE)
KEY_IN_TEXT = re.compile(r"^\s*(?:key_file|ssl_certificate_key)\s*[:\s]\s*[\"']?([^\s\"';]+)", re.MULTILINE)
PEM_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END")
PROVIDED = re.compile(r"\$\{(?:file|dir|directory):(?:[^{}:]*:)?(/[^{}:]+)(?::[^{}]*)?\}")
# Variables of every shell whose names only look like those of secrets.
NO_SECRETS = ("PWD", "OLDPWD")
# How far the start of a process may be off: the kernel counts it from a boot that it tells in whole seconds.
STARTED_SECONDS = 2
AUTHORIZER_LOG = "kafka.authorizer.logger"


def service(process: Process, known: Sequence[str] = WITH_FILE) -> dict[str, Any]:
    """Return what is known of a running service; ``error`` in it says why its settings are not."""
    system = process.system
    facts: dict[str, Any] = {
        "pid": process.pid,
        "kind": process.kind,
        "user": process.user,
        "unit": process.unit,
        "started": process.started,
        "source": "",
        "error": "",
        "stale": False,
        "config": {},
        "system": {name: _shown(name, value) for name, value in system.items() if SYSTEM.match(name)},
        "unread": [],
        "agents": list(agents(process.words)),
    }
    settings: dict[str, str] = {}
    if process.kind in known:
        settings, facts["source"], facts["error"], facts["stale"] = _settings(process)
        facts["config"] = {name: _shown(name, value) for name, value in settings.items()}
    clear = [f"{facts['source'] or 'settings'}: {name}" for name, value in settings.items() if is_clear(name, value)]
    facts["clear"] = [*clear, *in_words(process.words), *_in_environment(process, facts["unread"]), *_in_units(process)]
    facts["files"] = _files(process, {**settings, **system}, facts["unread"])
    if process.kind == "kafka":
        facts["log"] = authorizer_log(process)
    return facts


def _settings(process: Process) -> tuple[dict[str, str], str, str, bool]:
    """Return the settings of a process, the file they are from, why there are none, and whether it changed since the start."""
    names = [word for word in process.arguments if not word.startswith("-")] or _locations(process)[:1]
    if not names:
        return {}, "", "its command line names no file of settings", False
    path = process.path(names[0])
    try:
        settings = parsed(path.read_text(encoding="utf-8", errors="replace"))
        changed = path.stat().st_mtime > process.started + STARTED_SECONDS
        if more := settings.get("dynamicConfigFile"):
            settings.update(parsed(process.path(more).read_text(encoding="utf-8", errors="replace")))
    except OSError as error:
        return {}, names[0], f"{names[0]}: {error.strerror}", False
    for before, word in zip(process.arguments, process.arguments[1:]):
        if before == "--override":
            name, _, value = word.partition("=")
            settings[name] = value
    if process.kind == "zookeeper":
        # Names in the file are system properties with a prefix, and may be given as these.
        prefix = "zookeeper."
        settings.update({name[len(prefix) :]: value for name, value in process.system.items() if name.startswith(prefix)})
    return settings, names[0], "", changed


def _locations(process: Process) -> list[str]:
    """Return the files of settings of Apicurio's registry, which is started from a jar: the first, and those for its secrets."""
    return [path for path in process.system.get("quarkus.config.locations", "").split(",") if path]


def is_clear(name: str, value: str) -> bool:
    """Return whether a setting holds a secret itself; passwords of truststores guard nothing."""
    if "truststore" in name.lower() or REFERENCE.fullmatch(value.strip()):
        return False
    if "jaas" in name.lower() or not is_secret_key(name):
        return mask_inline(value) != value
    return is_secret_value(name, value)


def _shown(name: str, value: str) -> str:
    """Return a setting without its secrets; references stay."""
    return HIDDEN if is_secret_key(name) and "jaas" not in name.lower() and is_clear(name, value) else mask_inline(value)


def in_words(words: Sequence[str]) -> list[str]:
    """Return where secrets stand in a command line, which everybody on the host can read."""
    found = []
    for index, word in enumerate(words):
        name, _, value = word.partition("=")
        following = words[index + 1] if index + 1 < len(words) else ""
        bare = name.lstrip("-")
        if value and is_clear(bare[1:] if name.startswith("-D") else bare, value):
            found.append(f"command line: {name}")
        elif name.startswith("--") and not value and is_secret_key(bare) and following and not following.startswith("-"):
            found += [f"command line: {name}"] if is_secret_value(bare, following) else []
    return found


def _in_environment(process: Process, unread: list[str]) -> list[str]:
    try:
        raw = (process.proc / str(process.pid) / "environ").read_bytes()
    except OSError:
        unread.append("environment of its process")
        return []
    pairs = (part.decode(errors="replace").partition("=") for part in raw.split(b"\0") if b"=" in part)
    return [f"environment: {name}" for name, _, value in pairs if name not in NO_SECRETS and is_clear(name, value)]


def _in_units(process: Process) -> list[str]:
    """Return where secrets stand in the units of a process and what is dropped into them."""
    paths: list[Path] = []
    for folder in map(Path, UNITS) if process.unit else ():
        paths += [folder / process.unit, *sorted((folder / f"{process.unit}.d").glob("*.conf"))]
    found: dict[str, None] = {}
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        for number, line in enumerate(lines, 1):
            if mask_inline(line) != line:
                found[f"{path}: line {number}"] = None
    return list(found)


def _files(process: Process, settings: Mapping[str, str], unread: list[str]) -> list[dict[str, Any]]:
    """Return the files with keys and secrets of a process: path, mode, owner; what cannot be seen goes to ``unread``."""
    named = {value for name, value in settings.items() if KEY_FILE.search(name) and value.startswith("/")}
    named |= {path for value in settings.values() for path in PROVIDED.findall(value)}
    named |= {*_locations(process)[1:]}
    for word in process.words:
        name, _, value = word.partition("=")
        if name == "--web.config.file" and value:
            try:
                text = process.path(value).read_text(encoding="utf-8", errors="replace")
            except OSError as error:
                unread.append(f"{value}: {error.strerror}")
            else:
                named |= {str(Path(value).parent / path) for path in KEY_IN_TEXT.findall(text)}
    files = []
    for name in sorted(named):
        try:
            found = process.path(name).stat()
        except OSError as error:
            unread.append(f"{name}: {error.strerror}")
            continue
        mode, owner = f"{stat.S_IMODE(found.st_mode):04o}", user_name(found.st_uid)
        facts = {"path": name, "mode": mode, "owner": owner, "changed": found.st_mtime}
        files.append({**facts, "certificate": _certificate_digest(process.path(name))})
    return files


def _certificate_digest(path: Path) -> str:
    """Return the SHA-256 of the first certificate of a PEM file; '' where it cannot be read, or has none."""
    try:
        found = PEM_CERTIFICATE.search(path.read_bytes())
        return hashlib.sha256(base64.b64decode(found[1])).hexdigest() if found else ""
    except (OSError, ValueError):
        return ""


def agents(words: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield name, address and port of each agent of a Java process that serves: [host:]port:file, or port= and host=."""
    for word in words:
        if not word.startswith("-javaagent:"):
            continue
        jar, _, options = word[len("-javaagent:") :].partition("=")
        match = re.match(r"(?:(?P<host>\[[^]]+\]|[^:,=]+):)?(?P<port>\d+):", options)
        values = dict(part.partition("=")[::2] for part in options.split(","))
        if match:
            yield {"name": Path(jar).name, "address": match["host"] or "", "port": int(match["port"])}
        elif values.get("port", "").isdigit():
            yield {"name": Path(jar).name, "address": values.get("host", ""), "port": int(values["port"])}


def authorizer_log(process: Process) -> dict[str, str]:
    """Return the level at which a broker's authorizer logs, and the logger that says so; ``error`` where that is not known."""
    names = ("log4j.configuration", "log4j.configurationFile", "log4j2.configurationFile")
    name = next((process.system[one] for one in names if one in process.system), "")
    if not name:
        return {"level": "", "logger": "", "error": "its command line names no configuration of log4j"}
    path = re.sub(r"^file:(//)?", "", name)
    try:
        content = process.path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return {"level": "", "logger": "", "error": f"{path}: {error.strerror}"}
    for logger in (AUTHORIZER_LOG, "kafka.authorizer", "kafka", ""):
        if level := _level(content, path, logger):
            return {"level": level.upper(), "logger": logger or "root", "error": ""}
    return {"level": "", "logger": "", "error": f"{path} says no level"}


def _level(content: str, path: str, logger: str) -> str:
    """Return the level that a configuration of log4j gives a logger of its own, '' is the root; '' where it gives none."""
    if path.endswith((".xml", ".yaml", ".yml", ".json")):
        name = re.escape(logger)
        patterns = [r"<(?:Async)?Root[^>]*level=[\"'](\w+)", r"Root:\s+level:\s*[\"']?(\w+)"]
        if logger:
            patterns = [
                rf"<(?:Async)?Logger[^>]*name=[\"']{name}[\"'][^>]*level=[\"'](\w+)",
                rf"name:\s*[\"']?{name}[\"']?\s+level:\s*[\"']?(\w+)",
            ]
        return next((found[1] for one in patterns if (found := re.search(one, content))), "")
    settings = parsed(content)
    value = settings.get(f"log4j.logger.{logger}" if logger else "log4j.rootLogger") or (
        "" if logger else settings.get("rootLogger.level") or settings.get("rootLogger") or ""
    )
    if not value and logger:
        ids = (name[: -len("name")] for name, said in settings.items() if name.startswith("logger.") and said == logger)
        value = next((settings[f"{one}level"] for one in ids if f"{one}level" in settings), "")
    return value.partition(",")[0].strip()


def ports_of(facts: Mapping[str, Any]) -> dict[int, str]:
    """Return the ports that a service says are its own, each with what it speaks there: kafka, zookeeper, quorum or http."""
    config, found = facts["config"], {}
    for agent in facts["agents"]:
        found[agent["port"]] = "http"
    if facts["kind"] == "kafka":
        found.update({port: "kafka" for _, _, port in split_listeners(config.get("listeners", "PLAINTEXT://:9092"))})
    elif facts["kind"] == "zookeeper":
        for name in ("clientPort", "secureClientPort", "clientPortAddress"):
            if config.get(name, "").isdigit():
                found[int(config[name])] = "zookeeper"
        for name, value in config.items():
            if re.fullmatch(r"server\.\d+", name):
                for part in re.split(r"[;|]", value)[:1]:
                    found.update({int(port): "quorum" for port in re.findall(r":(\d+)", part)})
        if config.get("admin.enableServer", "true") == "true":
            found[int(config.get("admin.serverPort", 8080))] = "http"
    elif facts["kind"] in ("connect", "schema registry"):
        for setting in ("listeners", "admin.listeners"):
            found.update({port: "http" for _, _, port in split_listeners(config.get(setting, ""))})
        if facts["kind"] == "connect" and "listeners" not in config:
            found[int(config.get("rest.port", 8083) or 8083)] = "http"
    return found


def split_listeners(value: str) -> list[tuple[str, str, int]]:
    """Return name, address and port of each listener of Kafka or Connect, such as ``CLIENT://h:9092,BROKER://:9091``."""
    found = []
    for part in value.split(","):
        match = re.fullmatch(r"\s*([\w.-]+)://(\[[^]]*\]|[^:]*):(\d+)/?\s*", part)
        if match:
            found.append((match[1], match[2].strip("[]"), int(match[3])))
    return found


def is_root() -> bool:
    """Return whether this runs as root."""
    return os.geteuid() == 0
