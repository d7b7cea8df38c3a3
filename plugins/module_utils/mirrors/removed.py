# SPDX-License-Identifier: Apache-2.0
"""Options of MirrorMaker's connectors that Kafka 4 no longer has, and what stands in their place.  Pure data.

The workers take them all the same and read over them, so that an exclusion or a filter would silently be none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

REMOVED_IN_4 = {
    "topics.blacklist": "write topics.exclude instead",
    "groups.blacklist": "write groups.exclude instead",
    "config.properties.blacklist": "write config.properties.exclude instead",
    "add.source.alias.to.metrics": "remove it: the source's alias is always in the metrics",
    "use.incremental.alter.configs": "remove it: configurations are always altered one by one",
    "auto.include.jmx.reporter": "write metric.reporters instead, which has JmxReporter in its default",
}
# Whose clients may be meant by an option.
PREFIXES = ("source.cluster.", "target.cluster.", "producer.override.", "source.", "target.", "producer.", "consumer.", "admin.")


def removed(settings: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Yield name and remedy of each option that a connector of MirrorMaker 4 would read over."""
    for name, value in (settings or {}).items():
        bare = str(name)
        while prefix := next((one for one in PREFIXES if bare.startswith(one)), ""):
            bare = bare.removeprefix(prefix)
        if value is not None and bare in REMOVED_IN_4:
            yield str(name), REMOVED_IN_4[bare]
