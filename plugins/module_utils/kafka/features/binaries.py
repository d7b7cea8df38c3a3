# SPDX-License-Identifier: Apache-2.0
"""Which versions of Kafka run in a cluster with the features that it has finalised.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.estate.kafka.plugins.module_utils.kafka.features.plan import METADATA, RELEASES

# The least metadata.version that a line starts with: 4 begins at that of 3.3.
MIN_METADATA_LEVEL = {3: 1, 4: 7}


def unfit(version: str, finalised: Mapping[str, int]) -> Iterator[str]:
    """Yield why no broker or controller of a version would run in a cluster, each with what to do."""
    line, minor = (int(number) for number in version.split(".")[:2])
    known = [release for release in RELEASES if tuple(map(int, release.split("."))) <= (line, minor)]
    if not known:
        yield f"Kafka {version}: its levels of features are not known here; write {next(iter(RELEASES))} or newer"
        return
    supports = RELEASES[known[-1]]
    for name, level in sorted(finalised.items()):
        most = supports.get(name, 0)
        # A release that is not known is newer than those that are, and has all of theirs.
        if level > most and known[-1] == f"{line}.{minor}":
            least = next((release for release, levels in RELEASES.items() if levels.get(name, 0) >= level), "a newer one")
            yield (
                f"{name}: {level} is finalised, and Kafka {version} supports {most} at most, so no node of it would start here; "
                f"a feature that was raised has no way back: write {least} or newer"
            )
    if (level := finalised.get(METADATA, 0)) < MIN_METADATA_LEVEL.get(line, 0):
        level_needed = MIN_METADATA_LEVEL[line]
        yield (
            f"{METADATA}: {level} is finalised, and Kafka {version} needs {level_needed} or more; raise it first, with "
            f"kafka_features: {{levels: {{{METADATA}: {level_needed}}}}} and playbooks/features.yml"
        )
