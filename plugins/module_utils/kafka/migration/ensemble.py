# SPDX-License-Identifier: Apache-2.0
"""What a cluster has in ZooKeeper below its chroot: read, kept, and changed where the way back from controllers needs it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.host.libraries import add_host_python
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.state import (
    Ensemble,
    cluster_id_from,
    controller_from,
    left_from,
)

# Writes sent to ZooKeeper as one.
CHUNK = 100


class LiveEnsemble:
    """A session with ZooKeeper; every path is below the chroot of the address."""

    def __init__(self, connect: str, timeout: float) -> None:
        add_host_python()
        try:
            from kazoo.client import KazooClient
            from kazoo.handlers.threading import KazooTimeoutError
        except ImportError as error:
            raise NoAnswerError(
                f"kazoo cannot be loaded ({error}): playbooks/kafka.yml brings it to every broker host of the estate"
            ) from error
        self.connect = connect
        self.client = KazooClient(hosts=connect, timeout=timeout)
        try:
            self.client.start(timeout=timeout)
        except KazooTimeoutError as error:
            raise NoAnswerError(
                f"ZooKeeper {connect} did not answer within {timeout:.0f} s: see that its servers are up"
            ) from error

    def __enter__(self) -> LiveEnsemble:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop()
        self.client.close()

    def read(self) -> Ensemble:
        """Return what a decision about the migration needs; raises ClusterError where it cannot be read."""
        moving = self._get("/admin/reassign_partitions")
        unfinished = [f"topic {name} waits for its deletion" for name in self._children("/admin/delete_topics")]
        return Ensemble(
            cluster_id_from(self._get("/cluster/id")),
            frozenset(int(name) for name in self._children("/brokers/ids")),
            controller_from(self._get("/controller")),
            int(self._get("/controller_epoch") or 0),
            left_from(self._get("/migration")),
            (*unfinished, *(["replicas move (znode admin/reassign_partitions)"] if moving is not None else [])),
            len(self._children("/delegation_token/tokens")),
        )

    def dump(self) -> dict[str, Any]:
        """Return every znode that outlives its session, by its path: content, in base64 where it is no text, and version."""
        return {path: found for path, found in self._walk("/") if found is not None}

    def _walk(self, path: str) -> Iterator[tuple[str, Any]]:
        from kazoo.exceptions import NoNodeError

        try:
            content, stat = self.client.get(path)
        except NoNodeError:
            return
        if stat.ephemeralOwner:
            return
        yield path, {**_text(content), "version": stat.version}
        for name in self._children(path):
            yield from self._walk(f"{path.rstrip('/')}/{name}")

    def raise_epoch(self, above: int) -> int:
        """Make the epoch of ZooKeeper's controllers greater than one that the others have had; return the one that it has now.

        What they wrote last has theirs, and a lower one could move no leader.
        """
        have = int(self._get("/controller_epoch") or 0)
        wanted = max(have, above + 1)
        if wanted > have:
            self._asked(lambda: self.client.set("/controller_epoch", str(wanted).encode()))
        return wanted

    def delete(self, paths: Iterable[str]) -> list[str]:
        """Delete znodes without children; return those that were there."""
        from kazoo.exceptions import NoNodeError

        gone = []
        for path in paths:
            try:
                self._asked(partial(self.client.delete, path))
            except NoNodeError:
                continue
            gone.append(path)
        return gone

    def partition_states(self) -> dict[str, bytes]:
        """Return the state of every partition by the path of its znode."""
        paths = (
            f"/brokers/topics/{topic}/partitions/{number}/state"
            for topic in self._children("/brokers/topics")
            for number in self._children(f"/brokers/topics/{topic}/partitions")
        )
        return {path: found for path in paths if (found := self._get(path)) is not None}

    def rewrite(self, states: Mapping[str, bytes], times: int) -> None:
        """Write the state of every partition again as it is, so many times.

        The version of a znode is what ZooKeeper's controller calls the epoch of a partition. The other controllers, which write
        several changes at once, may have been ahead of it; and a leader takes nothing from an epoch older than its own.
        Raises ClusterError where ZooKeeper does not take one.
        """
        paths = sorted(states)
        for _ in range(times):
            for start in range(0, len(paths), CHUNK):
                transaction = self.client.transaction()
                for path in paths[start : start + CHUNK]:
                    transaction.set_data(path, states[path])
                for result in self._asked(transaction.commit):
                    if isinstance(result, Exception):
                        raise ClusterError(f"ZooKeeper {self.connect}: a partition's state could not be written: {result!r}")

    def _get(self, path: str) -> bytes | None:
        from kazoo.exceptions import NoNodeError

        try:
            found: bytes = self._asked(lambda: self.client.get(path))[0]
        except NoNodeError:
            return None
        return found

    def _children(self, path: str) -> list[str]:
        from kazoo.exceptions import NoNodeError

        try:
            return sorted(self._asked(lambda: self.client.get_children(path)))
        except NoNodeError:
            return []

    def _asked(self, ask: Any) -> Any:
        from kazoo.exceptions import KazooException, NoNodeError

        try:
            return ask()
        except NoNodeError:
            raise
        except KazooException as error:
            raise ClusterError(f"ZooKeeper {self.connect}: {type(error).__name__} {error}".rstrip()) from error


def _text(content: bytes | None) -> dict[str, str]:
    if content is None:
        return {}
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}
