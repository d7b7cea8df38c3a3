# SPDX-License-Identifier: Apache-2.0
"""Filters for the files of brokers and controllers: options that follow from the cluster, and their logging."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.log4j import command_log, file_log
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.phases import (
    controller_in_phase,
    in_phase,
    kept_phase,
    phase_flags,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.nodes import (
    broker_options,
    combined_options,
    controller_options,
)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return each filter by the name it has in templates."""
        return {
            "broker_options": broker_options,
            "combined_options": combined_options,
            "command_log": command_log,
            "controller_in_phase": controller_in_phase,
            "controller_options": controller_options,
            "file_log": file_log,
            "in_phase": in_phase,
            "kept_phase": kept_phase,
            "phase_flags": phase_flags,
        }
