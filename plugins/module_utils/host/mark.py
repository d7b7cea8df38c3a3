# SPDX-License-Identifier: Apache-2.0
"""The mark of the run that changes the estate, on the host that keeps it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path("/run/kafka-estate")
NAME = "run.json"


class MarkFile:
    """A file that one run at a time has for itself. Everybody may read it, root writes it, and a reboot removes it."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self.path = folder / NAME

    def read(self) -> dict[str, Any] | None:
        """Return the mark with ``idle``, the seconds since its run was last heard of here; None where no run has marked."""
        try:
            mark = json.loads(self.path.read_text(encoding="utf-8"))
            idle = time.time() - self.path.stat().st_mtime
        except (OSError, ValueError):
            return None
        return {**mark, "idle": max(0.0, idle)} if isinstance(mark, dict) and mark.get("id") else None

    def take(self, mine: Mapping[str, Any], instead_of: str = "") -> dict[str, Any] | None:
        """Mark for a run, unless another run than ``instead_of`` has done so; return that one's mark, None if there is none.

        Raises:
            PermissionError: this login may not write here.
        """
        with self._alone():
            found = self.read()
            if found is not None and found["id"] not in (mine["id"], instead_of):
                return found
            since = found["since"] if found is not None and found["id"] == mine["id"] else time.time()
            draft = self.path.with_suffix(".new")
            draft.write_text(json.dumps({**mine, "since": since}), encoding="utf-8")
            draft.chmod(0o644)
            draft.replace(self.path)
            return None

    def release(self, run: str) -> None:
        """Remove the mark of a run; that of another stays.

        Raises:
            PermissionError: this login may not write here.
        """
        if not self.folder.is_dir():
            return
        with self._alone():
            found = self.read()
            if found is not None and found["id"] == run:
                self.path.unlink()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.mkdir(exist_ok=True)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            if os.geteuid() == os.fstat(folder).st_uid:
                self.folder.chmod(0o755)  # root's umask may hide it from a login that looks
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def heard_of(folder: Path = FOLDER) -> None:
    """Note that the run which holds the estate has just been at work on this host; nothing where it keeps no mark here."""
    with contextlib.suppress(OSError):
        os.utime(folder / NAME)
