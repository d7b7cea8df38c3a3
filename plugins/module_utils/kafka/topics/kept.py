# SPDX-License-Identifier: Apache-2.0
"""Which topics something else keeps, and which may be deleted here.  Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase

from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import Deletion, chosen, unconfirmed
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.plan import Wanted

# Topics that something else keeps: Kafka itself, a schema registry, Connect with its usual names, MirrorMaker.
KEPT = (
    ("__*", "a topic of Kafka or of a tool of its own"),
    ("_schemas*", "the registry's topic"),
    ("kafkasql-*", "the registry's topic"),
    ("registry-events", "the registry's topic"),
    ("_confluent*", "a topic of Confluent's tools"),
    ("connect-configs", "Connect's topic"),
    ("connect-offsets", "Connect's topic"),
    ("connect-status", "Connect's topic"),
    ("heartbeats", "a topic of MirrorMaker"),
    ("*.heartbeats", "a topic of MirrorMaker"),
    ("*.checkpoints.internal", "a topic of MirrorMaker"),
    ("mm2-*.internal", "a topic of MirrorMaker"),
    ("mm2-*.*.internal", "a topic of MirrorMaker"),
)
# Connect's three topics, whatever comes before: they count as its own where all three are there.
CONNECT = ("configs", "offsets", "status")


def kept_by(name: str, names: Collection[str], keep: Iterable[str]) -> str:
    """Return who keeps a topic, so that it is never deleted here; an empty text when nobody does."""
    for pattern in keep:
        if fnmatchcase(name, pattern):
            return f"kept by {pattern!r} under keep"
    for pattern, owner in KEPT:
        if fnmatchcase(name, pattern):
            return owner
    for end in CONNECT:
        if name.endswith(end) and all(name[: -len(end)] + other in names for other in CONNECT):
            return "Connect's topic"
    return ""


def unlisted(names: Collection[str], listed: Collection[str], deletion: Deletion) -> list[str]:
    """Return the topics that are there, not listed, and kept by nobody."""
    return sorted(name for name in names if name not in listed and not kept_by(name, names, deletion.keep))


def to_delete(names: Collection[str], wanted: Iterable[Wanted], deletion: Deletion) -> list[str]:
    """Return the topics that go; :func:`refused_deletions` has refused nothing."""
    listed = {topic.name: topic.absent for topic in wanted}
    return chosen(names, listed, unlisted(names, listed, deletion), deletion)


def refused_deletions(names: Collection[str], wanted: Sequence[Wanted], deletion: Deletion) -> list[str]:
    """Return every deletion asked for that is not done here, each with the reason and what to do instead."""
    listed = {topic.name: topic.absent for topic in wanted}
    return unconfirmed(names, listed, deletion, "its records would be lost", lambda name: kept_by(name, names, deletion.keep))
