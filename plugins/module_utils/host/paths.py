# SPDX-License-Identifier: Apache-2.0
"""Files replaced as a whole, and directories with fixed modes, whatever the umask; ``fixed_umask`` is for other programs.

All are for hosts and for the controller. A umask of 077 would hide ``/opt/kafka`` from the service that runs from there.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PARENT_MODE = 0o755
FILE_MODE = 0o644
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


def write_whole(path: Path, content: bytes, mode: int = FILE_MODE, prepare: Callable[[Path], None] = lambda draft: None) -> None:
    """Replace a file, or make it: whoever reads sees the old content or the new one, also after a crash.

    ``prepare`` is given the new file, which nobody else may read yet, to change its owner or label before it takes its place.
    Ansible's atomic_move would give a new secret the mode 0666 less the umask on its way. Raises OSError.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            prepare(draft)
            os.fchmod(out.fileno(), mode)
            os.fsync(out.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def fixed_umask() -> Iterator[None]:
    """Set the process's umask to 022 within the block: new files are 0644, also those of programs that it starts."""
    before = os.umask(UMASK)
    try:
        yield
    finally:
        os.umask(before)
