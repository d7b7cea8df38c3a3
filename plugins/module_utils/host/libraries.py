# SPDX-License-Identifier: Apache-2.0
"""Where the modules find the Python libraries that the toolkit installs on a host: a build for each Python, side by side.

``/opt/kafka-estate/python/current`` leads to one such as ``2.16.0-cp311-x86_64``. A compiled library of another Python cannot
be loaded, or worse can, so what does not fit is never put on the path.
"""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path

from ansible_collections.estate.kafka.plugins.module_utils.errors import NoAnswerError

HOST_PYTHON = Path("/opt/kafka-estate/python/current")
BUILD = re.compile(r"(?P<version>.+)-cp3(?P<minor>\d+)-(?P<machine>x86_64|aarch64)(?P<again>-\d+)?")


def add_host_python(link: Path = HOST_PYTHON) -> None:
    """Put the libraries of the ``kafka-client`` release on ``sys.path``; does nothing where none are installed.

    Raises NoAnswerError when those that are installed are for another Python or machine than this one.
    """
    if link.is_dir():
        path = str(fitting(link))
        if path not in sys.path:
            sys.path.insert(0, path)


def fitting(link: Path) -> Path:
    """Return the build for this Python: where the link leads to, or the same version beside it.

    Raises NoAnswerError, which says what there is and what to do, when neither is for this Python.
    """
    build = BUILD.fullmatch(link.resolve().name)
    machine = platform.machine()
    if not build or (build["minor"], build["machine"]) == (str(sys.version_info[1]), machine):
        return link
    own = f"cp3{sys.version_info[1]}-{machine}"
    beside = link.resolve().with_name(f"{build['version']}-{own}{build['again'] or ''}")
    if beside.is_dir():
        return beside
    raise NoAnswerError(
        f"{link} has libraries for Python 3.{build['minor']} on {build['machine']}, and this host is asked with Python "
        f"3.{sys.version_info[1]} ({sys.executable}) on {machine}: run the component's playbook again, which brings those that "
        "fit, or set ansible_python_interpreter to the other Python if the host still has it"
    )
