# SPDX-License-Identifier: Apache-2.0
"""Which release of a store serves a component.  Pure; whether a release's file is whole is told by who calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    Component,
    Lock,
    Policy,
    Release,
    differing,
    locked,
    locked_archive,
    recipe,
    refusal,
)


def select(
    index: Mapping[str, Release],
    component: Component,
    lock: Lock,
    policy: Policy,
    intact: Callable[[Release], bool] = lambda release: True,
) -> tuple[Release | None, str]:
    """Return the release that serves, or None and the reason.

    Of several versions the first one in the order of the sources, the allowed sources before the others.
    """
    versions = {component.of(source).archive: component.of(source).version for source in component.sources}
    by_choice = sorted(component.sources, key=lambda source: bool(refusal(source, policy)))
    reasons: dict[str, list[str]] = {}
    for archive in dict.fromkeys(component.of(source).archive for source in by_choice):
        release = index.get(archive)
        reason = objection(release, component, lock, policy)
        if release and not reason:
            if intact(release):
                return release, ""
            reason = "its file is missing or damaged"
        reasons.setdefault(reason, []).append(versions[archive])
    if len(reasons) == 1:
        return None, next(iter(reasons))
    return None, "; ".join(f"{', '.join(found)} {reason}" for reason, found in reasons.items())


def objection(release: Release | None, component: Component, lock: Lock, policy: Policy) -> str:
    """Return why the store's release cannot serve, or '' if it can (its file's bytes apart).

    The allowed kinds matter only for the version, where that differs by source: what a carried store holds was fetched
    elsewhere.
    """
    if release is None:
        return "not in the store"
    source = next((item for item in component.sources if item.kind == release.source), None)
    if source is None:
        return "built in another way than the catalogue says"
    versions = {component.of(item).version for item in component.sources if not refusal(item, policy)}
    component = component.of(source)
    if recipe(component, source) != release.recipe:
        return "built in another way than the catalogue says"
    if versions and component.version not in versions:
        return f"version {component.version}, and the allowed sources have {' or '.join(sorted(versions))}"
    if source.reduced and policy.require_all:
        return f"a reduced build ({source.reduced}), and estate_require_all_artifacts is true"
    expected = locked(lock, component, source.kind)
    if expected and differing(source.kind, expected, release.inputs):
        return "made of other files than the lock has"
    archive = locked_archive(lock, component, source.kind)
    if archive and archive != release.sha256:
        return f"its archive is not the one of the lock (expected {archive}, found {release.sha256})"
    return ""
