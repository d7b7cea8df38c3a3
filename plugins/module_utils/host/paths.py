"""Directories with fixed modes, whatever the umask: ``make_directories`` makes them, ``fixed_umask`` is for other programs.

Both are for hosts and for the controller. A umask of 077 would hide ``/opt/kafka`` from the service that runs from there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARENT_MODE = 0o755
UMASK = 0o022


def make_directories(path: Path, mode: int = PARENT_MODE) -> list[Path]:
    """Make a directory with this mode, and the parents it lacks with 0755; return what was made, outermost first.

    New directories belong to whoever runs this; what is there already stays as it is, mode and owner included. Raises OSError,
    also when the path or a parent is there and is no directory.
    """
    missing = []
    current = path
    while not current.is_dir():
        missing.append(current)
        current = current.parent
    made = []
    for directory in reversed(missing):
        try:
            directory.mkdir()
        except FileExistsError:
            # Another process was quicker: it is not ours to change.
            if directory.is_dir():
                continue
            raise
        directory.chmod(mode if directory == path else PARENT_MODE)
        made.append(directory)
    return made


@contextmanager
def fixed_umask() -> Iterator[None]:
    """Set the process's umask to 022 within the block: new files are 0644, also those of programs that it starts."""
    before = os.umask(UMASK)
    try:
        yield
    finally:
        os.umask(before)
