"""Circles of mirrors: refused exactly if a record could go round, also among many clusters."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.flow import Flow
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.plan import plan
from hypothesis import given, settings
from hypothesis import strategies as st
from test_mirrors import CLUSTERS, CONNECT, SAME, flow, refused


def both(one: dict[str, Any], other: dict[str, Any]) -> list[dict[str, Any]]:
    return [flow("a", "b", **one), flow("b", "a", **other)]


def test_identity_may_take_a_topic_that_is_named_and_leave_out_more_than_it_must() -> None:
    exclude = [*plan([flow(policy="identity")], CLUSTERS, CONNECT)[0][0].excluded, "x"]
    assert refused(flow(policy="identity", topics_exclude=exclude)) == ""
    assert refused(flow(policy="identity", topics=["orders-.*"], topics_exclude=["x"])) == ""
    assert refused(flow(policy="identity", topics=["_schemas", "orders"], topics_exclude=["x"])) == ""


def by(policy: str) -> dict[str, Any]:
    return {"config": {"source": {"replication.policy.class": policy}}}


def separated(separator: str) -> dict[str, Any]:
    return {"config": {"all": {"replication.policy.separator": separator}}}


@pytest.mark.parametrize(
    ("flows", "loops"),
    [
        (both({}, {}), False),
        (both(SAME, SAME), True),
        (both({**SAME, "topics": ["t"]}, {**SAME, "topics": ["u"]}), False),
        (both({**SAME, "topics": ["t", "u"]}, {**SAME, "topics": ["u"]}), True),
        (both({**SAME, "topics": ["t"]}, {**SAME}), True),
        (both({**SAME, "topics": ["t"]}, {**SAME, "topics": ["t.*"], "topics_exclude": ["t"]}), False),
        (both({**SAME, "topics": ["eu-.*"]}, {**SAME, "topics": ["us-.*"]}), False),
        (both({**SAME, "topics": ["e\\.u.*"]}, {**SAME, "topics": ["e.*"]}), True),
        (both({**SAME, "topics": ["x|y"]}, {**SAME, "topics": ["z.*"]}), True),
        (both(SAME, {}), True),
        (both(SAME, {"config": {"source": {"replication.policy.class": "x.IdentityReplicationPolicy"}}}), True),
        (both({**SAME, "topics": ["t"]}, {}), False),
        ([flow("a", "b", **SAME), flow("b", "c", **SAME)], False),
        ([flow("a", "b", **SAME), flow("b", "c", **SAME), flow("c", "a", **SAME)], True),
        ([flow("b", "c", **SAME), flow("c", "a", **SAME), flow("a", "b", **SAME, topics=["t"])], True),
        ([flow("a", "b"), flow("b", "c"), flow("c", "a")], False),
        # A dot in a name is a dot and in a pattern any character.
        (both({**SAME, "topics": ["a.b"]}, {**SAME, "topics": ["a-b"]}), False),
        (both({**SAME, "topics": ["a.b"]}, {**SAME, "topics": ["a-.*"]}), False),
        (both({**SAME, "topics": ["a.b"]}, {**SAME, "topics": ["a.*"]}), True),
        (both({**SAME, "topics": ["a.b*"]}, {**SAME, "topics": ["a-b"]}), True),
        # t, A.t, B_A.t, A.B_A.t: neither direction knows what the other has put in front.
        (both({}, separated("_")), True),
        (both(separated("_"), separated("_")), False),
        (both({}, {**separated("_"), "topics": ["a.t"]}), False),
        (both({**SAME, **separated("_"), "topics": ["t"]}, {"topics": ["u"]}), False),
        (both({}, by("x.OwnPolicy")), True),
        (both({"topics": ["t"]}, {**by("x.OwnPolicy"), "topics": ["u"]}), True),
        (both({}, by("org.apache.kafka.connect.mirror.DefaultReplicationPolicy")), False),
        ([flow("a", "b", **by("x.OwnPolicy"))], False),
    ],
)
def test_a_circle_is_refused_exactly_if_a_record_could_go_round(flows: list[dict[str, Any]], loops: bool) -> None:
    problems = refused(*flows)
    assert ("a circle a → b" in problems) == loops
    assert loops or problems == ""


NAMES = [f"c{number}" for number in range(12)]


def estate(names: list[str]) -> dict[str, dict[str, Any]]:
    return {name: {"bootstrap": f"{name}:9092", "brokers": [1]} for name in names}


def mesh(names: list[str], **options: Any) -> list[dict[str, Any]]:
    return [flow(one, other, **options) for one in names for other in names if one != other]


def test_many_clusters_that_all_mirror_each_other_are_judged_at_once() -> None:
    begun = time.process_time()
    assert plan(mesh(NAMES), estate(NAMES), CONNECT)[1] == []
    mixed = [*mesh(NAMES[:11]), flow("c11", "c0", **separated("_")), flow("c0", "c11")]
    assert [found for found, _ in plan(mixed, estate(NAMES), CONNECT)[1]] == [
        "a circle c0 → c11 → c0 with the separators '.' and '_'"
    ]
    assert len(plan(mesh(NAMES, **SAME), estate(NAMES), CONNECT)[1]) == 1
    assert time.process_time() - begun < 20


def simple_circles(flows: list[Flow]) -> Iterator[list[Flow]]:
    """Return every circle, once from each of its flows."""

    def walk(path: list[Flow]) -> Iterator[list[Flow]]:
        if path[-1].target.cluster == path[0].source.cluster:
            yield path
            return
        for one in flows:
            if one.source.cluster == path[-1].target.cluster and one.target.cluster not in [p.target.cluster for p in path]:
                yield from walk([*path, one])

    for one in flows:
        yield from walk([one])


def goes_round(circle: list[Flow]) -> bool:
    """Return whether a record may go round one circle for ever, by MirrorMaker's own rules."""
    identity, endless = ([getattr(one, what) for one in circle] for what in ("identity", "endless"))
    if any("Own" in one.policy for one in circle):
        return True
    if all(endless) and len({one.separator for one in circle if not one.identity}) > 1:
        return True
    # Both topics of these tests begin alike only in the pattern t.*.
    same = any(all(one.carries(topic) for one in circle) for topic in ("t1", "u1"))
    return any(identity) and same and (all(identity) or all(endless))


KINDS: list[dict[str, Any]] = [
    {},
    SAME,
    {**SAME, "topics": ["t.*"]},
    {"topics": ["u.*"]},
    {**SAME, "topics": ["u1"]},
    separated("_"),
    by("x.OwnPolicy"),
]


ENDS = st.sampled_from([(one, other) for one in "abcd" for other in "abcd" if one != other])


COMMON = st.sampled_from(KINDS[:1] * 6 + KINDS)


@settings(max_examples=120, deadline=None)
@given(st.dictionaries(ENDS, COMMON, min_size=2, max_size=8))
def test_circles_are_refused_exactly_if_one_of_all_lets_a_record_go_round(wanted: dict[tuple[str, str], dict[str, Any]]) -> None:
    flows, problems = plan([flow(*ends, **options) for ends, options in wanted.items()], estate([*"abcd"]), CONNECT)
    assert any(map(goes_round, simple_circles(flows))) == any("a circle " in found for found, _ in problems), problems
