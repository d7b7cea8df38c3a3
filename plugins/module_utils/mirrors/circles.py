# SPDX-License-Identifier: Apache-2.0
"""Circles of flows in which a record could go round for ever: one witness of each kind, not every circle.  Pure functions.

A circle of flows lies in a set of clusters that all reach one another. Such sets, and the shortest way back from the end of a
flow to its start, are found in a time that grows with the product of clusters and flows; the number of circles grows with the
faculty of the clusters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ansible_collections.estate.kafka.plugins.module_utils.mirrors.flow import DEFAULT, IDENTITY, POLICY, SEPARATOR, Flow
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.patterns import LITERAL, beginning

Circle = Sequence[Flow]


def circles(flows: Sequence[Flow]) -> list[tuple[str, str]]:
    """Return what was found of each kind of circle, with its path, and the remedy."""
    refused = []
    for inside in _connected(flows):
        for names, found, remedy in _wrong(inside):
            refused.append((f"a circle {names} with {found}", remedy))
            break
    return refused


def _wrong(inside: Sequence[Flow]) -> Iterator[tuple[str, str, str]]:
    """Why a record could go round among clusters that all reach one another, with the clusters."""
    unknown = [flow for flow in inside if flow.policy not in (DEFAULT, IDENTITY) and not flow.identity]
    for flow in unknown:
        policies = ", ".join(sorted({one.policy for one in unknown}))
        yield (
            _path(_through(flow, inside)),
            f"{POLICY} {policies}",
            "Use MirrorMaker's own in a circle: what another one lets go round is not known",
        )
    for block in _blocks([flow for flow in inside if flow.endless]):
        separators = sorted({flow.separator for flow in block if not flow.identity})
        if len(separators) > 1:
            yield (
                _path(_through(block[0], block)) if len({*_clusters(block)}) == 2 else f"among {', '.join(_clusters(block))}",
                f"the separators {' and '.join(map(repr, separators))}",
                f"Give all its flows one {SEPARATOR}: a loop is seen by it, and a record would go round for ever",
            )
    for circle in _loops(inside):
        yield (
            _path(circle),
            "policy identity and topics that can be the same",
            "Use policy default in every direction, or name topics or patterns that have no topic in common: "
            "a record would go round for ever",
        )


def _loops(flows: Sequence[Flow]) -> Iterator[Circle]:
    """Return circles in which a record may come back under a name that goes round again.

    The default policy knows its own topics by their prefix.  Identity forgets where a topic came from, so a circle of it carries
    the same name round, and a mixed one a name that grows, which only a pattern takes.
    """
    names = dict.fromkeys(name for flow in flows for name in flow.names)
    literal = [name for name in names if LITERAL.fullmatch(name)]
    alike = [[flow for flow in flows if flow.carries(name)] for name in literal]
    beginnings = dict.fromkeys(beginning(name) for name in names if name not in literal)
    alike += [[flow for flow in flows if _may_take(flow, start)] for start in beginnings]
    for chosen in alike:
        for some in ([flow for flow in chosen if flow.identity], [flow for flow in chosen if flow.endless]):
            for inside in _connected(some):
                yield from (_through(flow, inside) for flow in inside if flow.identity)


def _may_take(flow: Flow, start: str) -> bool:
    """Return whether a flow has a pattern for names that begin so, or a name that does."""
    return any(start.startswith(beginning(name)) for name in flow.names if not LITERAL.fullmatch(name))


def _clusters(flows: Iterable[Flow]) -> list[str]:
    return sorted({cluster for flow in flows for cluster in (flow.source.cluster, flow.target.cluster)})


def _path(circle: Circle) -> str:
    """Return the clusters of a circle in their order, from the first by name."""
    first = min(range(len(circle)), key=lambda number: circle[number].source.cluster)
    turned = [*circle[first:], *circle[:first]]
    return " → ".join([turned[0].source.cluster, *(flow.target.cluster for flow in turned)])


def _ways(flows: Iterable[Flow]) -> dict[str, list[Flow]]:
    result: dict[str, list[Flow]] = {}
    for flow in flows:
        result.setdefault(flow.source.cluster, []).append(flow)
    return result


def _reached(start: str, ways: Mapping[str, Sequence[Flow]]) -> dict[str, Circle]:
    """Return each cluster that flows lead to from one, with the shortest way there."""
    found: dict[str, Circle] = {start: ()}
    order = [start]
    for here in order:
        for flow in ways.get(here, ()):
            if flow.target.cluster not in found:
                found[flow.target.cluster] = (*found[here], flow)
                order.append(flow.target.cluster)
    return found


def _through(flow: Flow, flows: Sequence[Flow]) -> Circle:
    """Return the shortest circle through a flow that lies on one."""
    return (flow, *_reached(flow.target.cluster, _ways(flows))[flow.source.cluster])


def _connected(flows: Sequence[Flow]) -> list[list[Flow]]:
    """Return the flows of each set of clusters that all reach one another; those on no circle are left out."""
    ways = _ways(flows)
    reached = {cluster: {*_reached(cluster, ways)} for cluster in _clusters(flows)}
    sets: dict[str, list[Flow]] = {}
    for flow in flows:
        source, target = flow.source.cluster, flow.target.cluster
        if source in reached[target]:
            sets.setdefault(min(other for other in reached[source] if source in reached[other]), []).append(flow)
    return list(sets.values())


def _blocks(flows: Sequence[Flow]) -> list[list[Flow]]:
    """Return the flows on circles in groups: two in one group are on a common circle, or each is on one with others of it.

    A circle never passes a cluster twice, so it does not leave a group: without the cluster that joins two groups these fall
    apart.
    """
    result: list[list[Flow]] = []
    for inside in _connected(flows):
        groups: dict[tuple[str, ...], list[Flow]] = {}
        parts = [(cluster, _parts(inside, cluster)) for cluster in _clusters(inside)]
        for flow in inside:
            ends = [flow.source.cluster, flow.target.cluster]
            key = tuple(part[next(end for end in ends if end != without)] for without, part in parts)
            groups.setdefault(key, []).append(flow)
        result += groups.values()
    return result


def _parts(flows: Sequence[Flow], without: str) -> dict[str, str]:
    """Return the part that each cluster is in when one is taken away, by the first name in that part."""
    beside: dict[str, set[str]] = {}
    for flow in flows:
        ends = {flow.source.cluster, flow.target.cluster} - {without}
        for end in ends:
            beside.setdefault(end, set()).update(ends)
    result: dict[str, str] = {}
    for cluster in sorted(beside):
        order = [] if cluster in result else [cluster]
        for here in order:
            result[here] = cluster
            order += [other for other in beside[here] if other not in result and other not in order]
    return result
