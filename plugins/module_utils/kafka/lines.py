# SPDX-License-Identifier: Apache-2.0
"""The lines of Kafka that stand in one estate, by their names in the catalogue.  Pure data."""

from __future__ import annotations

# The last line with ZooKeeper, and the one without.
LINE_3, LINE_4 = "kafka", "kafka-4"
# The first number of a version; nothing is the line that an estate had before there was another.
ARTEFACTS = {"": LINE_3, "3": LINE_3, "4": LINE_4}
