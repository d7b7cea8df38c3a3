"""What keeps the controllers of a cluster from their last step, by what their leader says."""

from __future__ import annotations

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration import read
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import Quorum, Replica, View

CLUSTER = {
    "controller_bootstrap": "c1:9095,c2:9095",
    "controllers": [{"id": 3001, "host": "c1", "port": 9095}, {"id": 3002, "host": "c2", "port": 9095}],
}


@pytest.mark.parametrize(
    ("quorum", "wanted"),
    [
        (None, ["no controller leads the quorum"]),
        (Quorum(3001, 4, (Replica(3001, 9, 0), Replica(3002, 9, 400)), ()), []),
        (
            Quorum(3001, 4, (Replica(3001, 9, 0), Replica(3002, 2, 60000)), ()),
            ["controller 3002 (c2) does not vote, or has not caught up with the leader 3001"],
        ),
        # It follows, with another directory than the one that votes.
        (
            Quorum(3001, 4, (Replica(3001, 9, 0, "a"), Replica(3002, -1, None, "b")), (Replica(3002, 9, 0, "c"),)),
            ["controller 3002 (c2) does not vote, or has not caught up with the leader 3001"],
        ),
    ],
)
def test_every_controller_votes_and_keeps_up(monkeypatch: pytest.MonkeyPatch, quorum: Quorum | None, wanted: list[str]) -> None:
    monkeypatch.setattr(read, "ask", lambda addresses: View(quorum, {}))
    assert read.behind(CLUSTER) == wanted
