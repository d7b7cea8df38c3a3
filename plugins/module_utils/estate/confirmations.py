# SPDX-License-Identifier: Apache-2.0
"""Variables that say yes to one run, written where they would say yes to all runs to come.  Pure."""

from __future__ import annotations

import re

from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory

# Of the command line of a run: deletions, restarts of connectors, and the run whose mark this one takes over.
ONCE = re.compile(r".+_confirm_delete|kafka_connectors_restart|estate_take_over")


def check_confirmations(inventory: Inventory) -> None:
    """Tell the inventory each confirmation in it: whoever wrote it looked at one run, and it would hold for every one."""
    for host, variables in inventory.written.items():
        for name, value in variables.items():
            if value and name in inventory.known and name not in inventory.command_line and ONCE.fullmatch(name):
                remedy = f"In the inventory it would hold for every run: give it to that one, with -e '{{\"{name}\": …}}'"
                inventory.problem(host, name, value, remedy)
