"""Where the modules find the Python libraries that the toolkit installs on a host."""

from __future__ import annotations

import sys
from pathlib import Path

HOST_PYTHON = Path("/opt/kafka-estate/python/current")


def add_host_python() -> None:
    """Put the libraries of the ``kafka-client`` release on ``sys.path``; does nothing where they are not installed."""
    if HOST_PYTHON.is_dir() and str(HOST_PYTHON) not in sys.path:
        sys.path.insert(0, str(HOST_PYTHON))
