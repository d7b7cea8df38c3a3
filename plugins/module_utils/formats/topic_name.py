# SPDX-License-Identifier: Apache-2.0
"""What a topic can be called.  Pure."""

from __future__ import annotations

import re

CHARACTERS = r"[A-Za-z0-9._-]{1,249}"
LEGAL_NAME = re.compile(rf"(?!\.{{1,2}}$){CHARACTERS}")
# What a name can begin with, or have in it.
PART = re.compile(CHARACTERS)
