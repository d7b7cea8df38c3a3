# SPDX-License-Identifier: Apache-2.0
"""Flags that a program ends over at once: those of a Java Virtual Machine, and those of programs that take each once.  Pure.

What a machine refuses was tried with Java 17 and 25.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.program_flags import (
    Flags,
    Given,
    WrongFlag,
    of_mapping,
    of_words,
    wrong_flags,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.secrets import SECRET

# (place in the variable, what was found, what to do)
Mistake = tuple[str, str, str]

# These take the next item as their value.
WITH_VALUE = (
    *("--add-exports", "--add-modules", "--add-opens", "--add-reads", "--enable-native-access", "--limit-modules", "-p"),
    *("--module-path", "--patch-module", "--upgrade-module-path"),
)
# What the unit itself says: which program is started, and from where.
OF_THE_UNIT = ("-jar", "-cp", "-classpath", "--class-path", "-m", "--module", "-version", "--version", "-help", "--help")
# Elasticsearch reads its flags from a file, where each may say for which Java it is: 20-:-XX:...
FOR_A_JAVA = re.compile(r"\d+(-\d*)?:")
SWITCH = re.compile(r"-XX:[+-]\w+")
SETTING = re.compile(r"-XX:\w+=.*", re.DOTALL)
COLLECTORS = ("UseSerialGC", "UseParallelGC", "UseG1GC", "UseZGC", "UseShenandoahGC", "UseEpsilonGC")
# Gone since Java 9, all of them about the log of the collector, which has a variable of its own.
LOGGING = re.compile(
    r"-XX:[+-]?(PrintGC(DateStamps|TimeStamps|ApplicationStoppedTime|ApplicationConcurrentTime)|PrintTenuringDistribution"
    r"|UseGCLogFileRotation|NumberOfGCLogFiles|GCLogFileSize|PrintHeapAtGC|PrintReferenceGC|PrintAdaptiveSizePolicy)(=.*)?"
)
# The file of its log, which the unit names too; the one that stands last counts.
LOG_FILE = re.compile(
    r"-D(log4j2?\.configuration(File)?|logback\.configurationFile|logging\.config|java\.util\.logging\.config\.file)=.*"
)
LENIENT = "-XX:+IgnoreUnrecognizedVMOptions"


def java_mistakes(role: str, flags: Any) -> Iterator[Mistake]:
    """Yield the flags of a JVM with which it does not start, or starts something else."""
    texts = [flag if isinstance(flag, str) else None for flag in flags] if isinstance(flags, list) else []
    lenient = LENIENT in texts
    collectors: dict[str, int] = {}
    for number, text in enumerate(texts):
        # Blanks around one are told by what writes the file or the unit.
        if text is None or "{{" in text or (text and text != text.strip()):
            continue
        place = f"{role}_jvm_flags[{number}]"
        before = texts[number - 1] if number else ""
        flag = FOR_A_JAVA.sub("", text, count=1) if role == "elasticsearch" else text
        if not flag.startswith(("-", "@")) and before not in WITH_VALUE:
            yield place, repr(text), "Java takes it for the program to start: a flag begins with '-'"
        elif flag.split("=")[0] in OF_THE_UNIT:
            yield place, repr(text), "Remove it: what is started, and from where, is said by the unit itself"
        elif flag.startswith(("-Des.path.conf=", "-Des.path.home=")):
            yield (
                place,
                repr(text),
                "Remove it: the unit says where the program is, and elasticsearch_config_dir its files",
            )
        elif LOG_FILE.fullmatch(flag):
            yield (
                place,
                repr(text),
                f"Remove it: the role writes the file of the log. {_log_variable(role)} changes what is in it",
            )
        elif flag.startswith("-XX:") and not SWITCH.fullmatch(flag) and not SETTING.fullmatch(flag) and not lenient:
            yield place, repr(text), "Java knows -XX:+NAME, -XX:-NAME and -XX:NAME=VALUE: write it so, each flag as an item"
        elif LOGGING.fullmatch(flag) and not lenient:
            yield place, repr(text), f"Java 9 and later end over it: use {role}_gc_log, or -Xlog"
        elif flag[5:] in COLLECTORS and flag == text:
            collectors = {name: index for name, index in collectors.items() if name != flag[5:]}
            if flag[4] == "+":
                collectors[flag[5:]] = number
    if len(collectors) > 1:
        first, *others = collectors
        for name in others:
            place = f"{role}_jvm_flags[{collectors[name]}]"
            yield place, repr(f"-XX:+{name}"), f"{first} is chosen too, and Java takes one collector: remove one of them"


def _log_variable(role: str) -> str:
    return f"{role}_log4j_config" if role in WITH_LOG4J else f"{role}_log_level"


WITH_LOG4J = ("zookeeper", "kafka_controller", "kafka_broker", "schema_registry", "kafka_connect", "elasticsearch")
# Flags that a role passes itself, each of which its program takes once, with what to set instead.
PASSED: dict[str, dict[str, str]] = {
    "prometheus": {
        "config.file": "prometheus_config_dir",
        "storage.tsdb.path": "prometheus_data_dir",
        "storage.tsdb.retention.time": "prometheus_retention_time",
        # Its old name.
        "storage.tsdb.retention": "prometheus_retention_time",
        "storage.tsdb.retention.size": "prometheus_retention_size",
        "web.external-url": "prometheus_external_url",
    },
    "alertmanager": {
        "config.file": "alertmanager_config_dir",
        "storage.path": "alertmanager_data_dir",
        "data.retention": "alertmanager_retention",
        "web.external-url": "alertmanager_external_url",
        "cluster.listen-address": "alertmanager_cluster_port",
    },
    "blackbox_exporter": {"config.file": "blackbox_exporter_config_dir"},
    "kafka_exporter": {"web.listen-address": "kafka_exporter_port", "port": "kafka_exporter_port"},
}
# By role: the program, by its name in the catalogue, whose flags people can give it.
PROGRAMS = {
    name.replace("-", "_"): name
    for name in ("prometheus", "alertmanager", "blackbox-exporter", "node-exporter", "elasticsearch-exporter", "kafka-exporter")
}


def program_mistakes(role: str, flags: Any) -> Iterator[Mistake]:
    """Yield the flags of Prometheus and its like that are none, or that the role passes too."""
    texts: Sequence[Any] = flags if isinstance(flags, list) else ()
    for number, text in enumerate(texts):
        if not isinstance(text, str) or "{{" in text:
            continue
        place, before = f"{role}_flags[{number}]", texts[number - 1] if number else ""
        name = text.lstrip("-").split("=")[0]
        if not text.startswith("-"):
            # The value of the flag before it.
            if not (isinstance(before, str) and before.startswith("-") and "=" not in before):
                yield place, repr(text), "A flag begins with '--', such as --log.level=debug"
        elif variable := PASSED.get(role, {}).get(name):
            yield place, repr(text), f"Set {variable} instead: the program takes this flag once, and the role passes it"
        elif not text.startswith("--") and text != "-h":
            yield place, repr(text), f"Write -{text}: with one '-' the program takes each letter for a flag"


def _wrong(inventory: Inventory, host: str, role: str, flags: Flags, given: Sequence[Given]) -> Iterator[WrongFlag]:
    unknown = f"{role}_unknown_options"
    return wrong_flags(flags, given, inventory.value(host, unknown, may_need_facts=True) or (), unknown)


def check_flags(inventory: Inventory, known: Mapping[str, Flags]) -> None:
    """Tell the inventory what is wrong with the flags of every program; ``known`` are those that the programs define."""
    for host, components in inventory.placed.items():
        for role in (component.role for component in components if component.role in PROGRAMS):
            program = PROGRAMS[role]
            if inventory.value(host, "kafka_exporter_implementation") == "consumer_group_exporter" and role == "kafka_exporter":
                program = "consumer-group-exporter"
            if program not in known:
                continue
            options = inventory.options(host, role) if f"{role}_flags" not in inventory.known else {}
            places = {name: inventory.level_of(host, role, str(name)) for name in options}
            given = of_mapping(options, places)
            words = inventory.value(host, f"{role}_flags", may_need_facts=True)
            given += of_words(f"{role}_flags", words if isinstance(words, list) else ())
            passed = PASSED.get(role, {})
            for one in given if options else ():
                if one.name in passed:
                    inventory.problem(host, one.place, one.value, f"Set {passed[one.name]} instead: the role passes this flag")
            others = [one for one in given if one.name not in passed]
            for wrong in _wrong(inventory, host, role, known[program], others):
                tell = inventory.warning if wrong.doubtful else inventory.problem
                value = Found("a secret value") if SECRET.search(wrong.given.name) else wrong.given.word or wrong.given.value
                tell(host, wrong.given.place, value, wrong.remedy)
