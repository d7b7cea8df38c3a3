# SPDX-License-Identifier: Apache-2.0
"""What Kafka Connect itself, whatever the connector, never takes among a connector's settings.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ansible_collections.estate.kafka.plugins.module_utils.declared.refusal import Refusal, at
from ansible_collections.estate.kafka.plugins.module_utils.formats.java_pattern import java_mistake
from ansible_collections.estate.kafka.plugins.module_utils.formats.topic_name import LEGAL_NAME

# A Java class, or a short name of one.
CLASS = re.compile(r"[\w$]+(\.[\w$]+)*")
DEAD_LETTERS = "errors.deadletterqueue.topic.name"


def wrong_settings(config: Mapping[str, str]) -> Iterator[Refusal]:
    """Yield each mistake, with its place in the item of the list; a value that Connect looks up itself is not judged."""
    name = config.get("connector.class", "")
    if name and not _looked_up(name) and not CLASS.fullmatch(name.strip()):
        yield at(".config.connector.class", f"connector.class is {name!r}, which is no name of a Java class; correct it")
    yield from _chain(config, "transforms")
    yield from _chain(config, "predicates")
    # Only sinks have dead letters.
    dead = config.get(DEAD_LETTERS, "")
    if dead and dead in _listed(config, "topics"):
        yield at(f".config.{DEAD_LETTERS}", f"{DEAD_LETTERS} is {dead}, which is one of topics; write another topic")
    # Connect knows a sink by its class, and this by the name that classes of sinks have.
    last = name.rpartition(".")[2]
    if "Sink" in last and "Source" not in last:
        yield from _sink(config)


def _looked_up(value: str) -> bool:
    return "${" in value


def _listed(config: Mapping[str, str], key: str) -> list[str]:
    value = config.get(key, "")
    return [] if _looked_up(value) else [part.strip() for part in value.split(",") if part.strip()]


def _chain(config: Mapping[str, str], kind: str) -> Iterator[Refusal]:
    """Yield what is wrong with a list of aliases, each of which has settings of its own."""
    aliases = _listed(config, kind)
    for alias in dict.fromkeys(aliases):
        if aliases.count(alias) > 1:
            yield at(f".config.{kind}", f"{kind} has {alias} twice; name each once")
        if not config.get(f"{kind}.{alias}.type"):
            yield at(f".config.{kind}", f"{kind} has {alias}, which has no {kind}.{alias}.type; give its Java class")
        key = f"{kind}.{alias}.predicate"
        asked = config.get(key, "")
        judged = kind == "transforms" and asked and not _looked_up(asked + config.get("predicates", ""))
        if judged and asked not in _listed(config, "predicates"):
            yield at(f".config.{key}", f"{key} is {asked}, which predicates does not have; list it there")


def _sink(config: Mapping[str, str]) -> Iterator[Refusal]:
    given = bool(_listed(config, "topics")) or _looked_up(config.get("topics", ""))
    pattern = config.get("topics.regex", "").strip()
    if given == bool(pattern):
        what = "both topics and topics.regex" if given else "neither topics nor topics.regex"
        yield at(".config.topics.regex" if given else ".config", f"a sink with {what}; give one of them")
    topics = _listed(config, "topics")
    for topic in topics:
        if not LEGAL_NAME.fullmatch(topic):
            yield at(".config.topics", f"topics has {topic!r}, and no topic has such a name; write names, or topics.regex")
    wrong = "" if _looked_up(pattern) else java_mistake(pattern)
    if wrong:
        yield at(".config.topics.regex", f"topics.regex is {pattern!r}, which is no pattern of Java ({wrong}); correct it")
