# SPDX-License-Identifier: Apache-2.0
"""Prints nothing."""

from __future__ import annotations

DOCUMENTATION = r"""
name: silent
type: stdout
short_description: prints nothing
version_added: 0.1.0
author: kafka-estate maintainers (!UNKNOWN)
description:
  - For the task with which P(estate.kafka.release_hold#callback) ends a run.
"""

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "estate.kafka.silent"
