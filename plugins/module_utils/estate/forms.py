# SPDX-License-Identifier: Apache-2.0
"""What a value of the right type must still be for its variable: a range, or a form of text.  Pure.

A rule is for a kind of variables, found by the end of their names; the first that fits holds.
"""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.addresses import is_address
from ansible_collections.estate.kafka.plugins.module_utils.estate.conversion import Mistake, undefined_in
from ansible_collections.estate.kafka.plugins.module_utils.estate.foreign_forms import DURATION, FORMS
from ansible_collections.estate.kafka.plugins.module_utils.formats.topic_name import LEGAL_NAME

INT32 = 2**31 - 1
# The highest id that is not kept for "no id"; 0 is root.
HIGHEST_UID = 2**32 - 2
NO_UID = 2**16 - 1
GO_DURATION = re.compile(r"(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+")
URL = re.compile(r"https?://[^\s/:?#]+(:\d{1,5})?([/?#]\S*)?|https?://\[[0-9A-Fa-f:.]+\](:\d{1,5})?([/?#]\S*)?")
ADDRESS = re.compile(r"(?P<host>[^\s:/]+|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})")
# Directories of the system itself, which a component would take over.
SYSTEM = frozenset(
    f"/{name}"
    for name in (
        *(
            "bin",
            "boot",
            "dev",
            "etc",
            "home",
            "lib",
            "lib64",
            "media",
            "mnt",
            "opt",
            "proc",
            "root",
            "run",
            "sbin",
            "srv",
            "sys",
        ),
        *("tmp", "usr", "usr/bin", "usr/lib", "usr/local", "usr/sbin", "usr/share", "var", "var/cache", "var/lib", "var/log"),
        *("var/opt", "var/run", "var/spool", "var/tmp"),
    )
)
# The version of a component, and the link to the one in use.
RELEASE = re.compile(
    r"/opt/(kafka|elasticsearch|kibana|grafana|prometheus|cmak|akhq|[a-z-]+-registry)/(current|\d+\.\d[^/]*)(/|$)"
)
# Where nothing is kept, or where a service (PrivateTmp, ProtectHome) does not see what everybody else does.
GONE = ("/dev", "/home", "/proc", "/root", "/run", "/sys", "/tmp", "/var/run", "/var/tmp")
# Where the system and its packages keep programs and settings, and no service writes.
PROGRAMS = ("/bin", "/boot", "/etc", "/lib", "/lib64", "/sbin", "/usr")
DATA = re.compile(r"_(data_dir|log_dirs|log_dir)$")
# A program and not the folder that Java is in, and the other way round.
JAVA_PROGRAM = re.compile(r"/(?:.*/)?s?bin/[^/]+|/(?:.*/)?java")
JAVA_PARTS = re.compile(r".*/bin(/java)?/?")


@dataclass(frozen=True)
class Rule:
    """What the variables with a certain end of their name must be: ``right`` tells, ``wanted`` says it to a person."""

    names: re.Pattern[str]
    right: Callable[[Any], bool]
    wanted: str


def _names(*ends: str) -> re.Pattern[str]:
    return re.compile("|".join(ends))


def _between(least: float, most: float = math.inf) -> Callable[[Any], bool]:
    return lambda value: not isinstance(value, (int, float)) or least <= value <= most


def _text(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: not isinstance(value, str) or "{{" in value or bool(pattern.fullmatch(value))


def _address(value: Any) -> bool:
    match = ADDRESS.fullmatch(value) if isinstance(value, str) else None
    return bool(match) and 0 < int(match["port"]) < 65536  # type: ignore[index]


RULES = (
    Rule(
        _names("kafka_broker_log_retention_ms"),
        lambda value: not isinstance(value, int) or value == -1 or value >= 1,
        "at least 1, or -1, which means for ever",
    ),
    Rule(_names("kafka_broker_log_segment_bytes"), _between(14, INT32), f"from 14 to {INT32}"),
    Rule(_names("kafka_broker_message_max_bytes"), _between(0, INT32), f"from 0 to {INT32}"),
    Rule(_names(r".*_(num_partitions|offset_partitions|status_partitions)"), _between(1, INT32), "at least 1"),
    Rule(
        _names(r".*_limit_nofile"),
        _between(1024),
        "at least 1024, which is what systemd gives to any service",
    ),
    Rule(
        _names(r".*_(wait_timeout|stop_timeout|dashboard_interval)", "estate_run_idle_max"),
        _between(1),
        "at least 1",
    ),
    Rule(_names(r".*_log_file_count", "java_version", "kafka_topics_throttle"), _between(0), "at least 0"),
    Rule(_names(r"preflight_resolve_timeout", ".*_alert_for_scale"), lambda value: value > 0, "more than 0"),
    Rule(_names(r"preflight_.*"), _between(0), "at least 0"),
    Rule(
        _names(r".*_(uid|gid)"),
        lambda value: _between(1, HIGHEST_UID)(value) and value != NO_UID,
        f"from 1 to {HIGHEST_UID} but not {NO_UID}, which systemd takes for no id; 0 is root's",
    ),
    Rule(
        _names(
            r"prometheus_(scrape_interval|scrape_timeout|evaluation_interval|retention_time)",
            r"alertmanager_group_wait",
            "grafana_scrape_interval",
        ),
        _text(DURATION),
        "a duration such as 15s, 5m or 30d, with its unit and without blanks",
    ),
    Rule(
        _names(r"alertmanager_(group|repeat)_interval"),
        lambda value: _text(DURATION)(value) and (not isinstance(value, str) or "{{" in value or milliseconds(value) > 0),
        "a duration of more than 0 such as 5m or 4h, with its unit and without blanks",
    ),
    Rule(_names("kafka_broker_rack"), lambda value: str(value).isprintable(), "one line of text"),
    Rule(
        _names("elasticsearch_java_home"),
        lambda value: value == "" or "{{" in str(value) or (str(value).startswith("/") and not JAVA_PARTS.fullmatch(str(value))),
        "an absolute path of a folder with bin/java in it",
    ),
    Rule(_names("alertmanager_retention"), _text(GO_DURATION), "a duration such as 120h, in hours, minutes and seconds"),
    Rule(
        _names("prometheus_retention_size"),
        _text(re.compile(r"0|\d+([KMGTPE]?B)")),
        "a size such as 8GB or 512MB; 0 sets no limit",
    ),
    Rule(
        _names(r".*_log_file_size"),
        _text(re.compile(r"[1-9]\d*([KMG]B)?", re.IGNORECASE)),
        "a size such as 50MB, in KB, MB or GB without a blank",
    ),
    Rule(_names("schema_registry_max_body_size"), _text(re.compile(r"\d+[kKmMgG]?")), "a size such as 8m, as nginx has it"),
    Rule(
        _names("estate_mirror_url", r".*_external_url", "grafana_prometheus_url", "report_prometheus_url"),
        lambda value: value == "" or _text(URL)(value),
        "an address that begins with http:// or https://",
    ),
    Rule(
        _names(r"kafka_connect_(offset|config|status)_topic", "schema_registry_topic"),
        lambda value: _text(LEGAL_NAME)(value) and value not in ("__consumer_offsets", "__transaction_state"),
        "the name of a topic that is not Kafka's own: up to 249 letters, digits, '.', '_' and '-'",
    ),
    Rule(
        _names("elasticsearch_cluster_name"),
        lambda value: not isinstance(value, str) or (value == value.strip() != "" and ":" not in value and value.isprintable()),
        "a name without blanks around it and without ':', which stands between a cluster and its index",
    ),
    Rule(
        _names(r"(kibana|grafana|cmak)_address"),
        lambda value: not isinstance(value, str) or "{{" in value or is_address(value),
        "an address or a name, without a scheme and without a port: that has a variable of its own",
    ),
    Rule(
        _names(r".*_(network_host|admin_user|converter)", "grafana_folder"),
        lambda value: not isinstance(value, str) or bool(value.strip()),
        "something: it cannot be empty",
    ),
    Rule(
        _names("common_kernel_least"),
        lambda value: all(re.fullmatch(r"\d+", str(number)) for number in value.values()),
        "numbers by the names of kernel settings, such as {vm.max_map_count: 262144}",
    ),
    Rule(
        _names(r"kafka_connect_group_id", r".*_cluster", r".*_ensemble", "estate_store"),
        lambda value: not isinstance(value, str) or (bool(value.strip()) and value == value.strip() and value.isprintable()),
        "a name, without blanks around it",
    ),
    Rule(
        _names("estate_artifact_sources", "kafka_broker_log_dirs", "kafka_broker_listeners", "kafka_connect_listeners"),
        bool,
        "a list with at least one entry",
    ),
    Rule(
        _names("prometheus_probe_tls"),
        lambda value: all(map(_address, value)),
        "a list of addresses as host:port, without a scheme",
    ),
    Rule(
        _names("prometheus_external_labels"),
        lambda value: all(
            re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", str(name)) and not isinstance(text, (Mapping, list))
            for name, text in value.items()
        ),
        "labels by names of letters, digits and '_', each with one text",
    ),
    Rule(
        _names("prometheus_rules"),
        lambda value: all(
            re.fullmatch(r"[A-Za-z0-9._-]+", str(name)) and isinstance(body, Mapping) for name, body in value.items()
        ),
        "names of files (letters, digits, '.', '_' and '-'), each with a mapping such as {groups: [...]}",
    ),
)
VERSION = re.compile(r"\d+(\.\d+)+([.+-]?\w+)*")
ACCOUNT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,30}\$?")


def milliseconds(duration: str) -> int:
    """Return how long a duration of Prometheus is; 0 for what is none."""
    units = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)(ms|[ywdhms])", duration))


def wrong_form(name: str, value: Any, option: Mapping[str, Any], role: str) -> Iterator[Mistake]:
    """Yield what is wrong with a value of the right type; ``role`` is the role that has the variable, '' for none.

    What only the run knows is passed over.
    """
    if undefined_in(value) or value is None:
        return
    for rule in RULES:
        if rule.names.fullmatch(name):
            if not rule.right(value):
                yield Mistake("", value, f"It must be {rule.wanted}")
                return
            break
    if role and name in (f"{role}_user", f"{role}_group") and isinstance(value, str):
        if not ACCOUNT.fullmatch(value) and not (value == "" and name.endswith("_group")):
            yield Mistake(
                "", value, "It must be a name of up to 31 letters, digits, '_', '-' and '.', which begins with a letter"
            )
        elif value == "root" and name == "elasticsearch_user":
            yield Mistake("", value, "Elasticsearch refuses to run as root: choose another user")
    if name in FORMS:
        yield from FORMS[name](value)
    if name == "estate_versions":
        yield from _wrong_versions(value)
    is_path = option.get("type") == "path" or (option.get("type") == "list" and option.get("elements") == "path")
    if role and is_path:
        several = isinstance(value, list)
        for number, path in enumerate(value if several else [value]):
            if wrong := _wrong_path(name, path, several):
                yield Mistake(f"[{number}]" if several else "", path, wrong)


def _wrong_versions(versions: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield the versions that are none, and those of Kafka that the clusters of an estate with ZooKeeper cannot run."""
    for name, version in versions.items():
        if not isinstance(version, str) or not VERSION.fullmatch(version):
            yield Mistake(f".{name}", version, 'Write the whole version, in quotes where it has one dot, such as "3.9.2"')
        elif name in ("kafka", "kafka-4") and version.count(".") < 2:
            yield Mistake(f".{name}", version, "Write all three numbers, such as 3.9.2: Kafka is published by them")
        elif name == "kafka-4" and not version.startswith("4."):
            yield Mistake(f".{name}", version, "Write a version of Kafka 4: it is the line without ZooKeeper, beside kafka")
        elif name == "kafka" and not version.startswith("3."):
            yield Mistake(
                f".{name}",
                version,
                "Write a version of Kafka 3: Kafka 4 cannot run with ZooKeeper, and older ones were not tried",
            )


def _wrong_path(name: str, path: Any, several: bool) -> str:
    """Return what to do about a path of a host that no component can use; '' where there is nothing."""
    if not isinstance(path, str) or "{{" in path:
        return ""
    if not path.startswith("/") or ".." in path.split("/") or not path.isprintable() or path != path.strip():
        return "Write an absolute path without '..', line ends and blanks around it"
    if several and "," in path:
        return "Write each path as an entry of its own: the program reads a comma as the end of one"
    clean = posixpath.normpath(path)
    if name.endswith("_java") and not JAVA_PROGRAM.fullmatch(clean):
        return f"Name the program itself: {clean.removesuffix('/bin').rstrip('/')}/bin/java"
    if not re.search(r"_dirs?$", name):
        return "" if clean != "/" else "Write the path of a file"
    if clean == "/" or clean in SYSTEM:
        return f"It belongs to the system: name a directory of its own, such as {clean.rstrip('/')}/{name.split('_')[0]}"
    if RELEASE.match(clean):
        return "It lies in an installed release, and is out of sight after an upgrade: name one elsewhere, such as below /var/lib"
    if DATA.search(name) and any(clean.startswith(f"{place}/") for place in PROGRAMS):
        return "The system keeps programs and settings there: name a directory elsewhere, such as one below /var/lib"
    if any(clean.startswith(f"{gone}/") for gone in GONE):
        return "What is there is not kept, or the service does not see it: name a directory elsewhere, such as one below /var/lib"
    return ""
