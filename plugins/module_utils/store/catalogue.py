# SPDX-License-Identifier: Apache-2.0
"""What the artefact store must hold and where it may come from: pure decisions, no network, no files but the given text.

The I/O is in ``sources``, ``archive`` (trees and archives) and ``store`` (the store itself).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

KINDS = ("publisher", "maven", "wheel", "package")
# Kinds that renew a file under the same version: the file's name has a revision of its own, its client proves who made it, and
# the lock binds the bytes of the names it knows. What is built of such a file is not in the lock.
RENEWED = ("package",)
# Part of every recipe: raise it when the way a tree is built changes, so that stores are built anew.
FORMAT = 1

# The Pythons and machines of hosts that the toolkit's libraries are built for.
PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13")
MACHINES = ("x86_64", "aarch64")

# component -> version -> source kind -> file name -> sha256
Lock = Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]]


class StoreError(Exception):
    """Stops the run: the message names what is wrong and the remedy."""


class Unavailable(Exception):
    """A source cannot give the component; the message is the reason, without the source's name."""


@dataclass(frozen=True)
class Source:
    """One place a component comes from; see artifacts/catalogue.yml for the fields.

    ``version`` is what it has of the component, empty where that is the component's own version.
    """

    kind: str
    version: str = ""
    url: str = ""
    checksum: str = ""
    into: str = ""
    keep_like: str = ""
    package: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    reduced: str = ""

    @property
    def label(self) -> str:
        """The kind, with what the build lacks if it is a reduced one."""
        return f"{self.kind} ({self.reduced})" if self.reduced else self.kind


@dataclass(frozen=True, order=True)
class Target:
    """What wheels are for: Python version ("3.11") and machine ("x86_64") of hosts."""

    python: str = "3.11"
    machine: str = "x86_64"

    @property
    def tag(self) -> str:
        """Suffix of the version of components made of wheels."""
        return f"cp{self.python.replace('.', '')}-{self.machine}"

    def __str__(self) -> str:
        return f"Python {self.python} on {self.machine}"


@dataclass(frozen=True)
class Component:
    """A component of the catalogue in the version that is wanted.

    ``version`` names the build (directory on the hosts, key of the lock); ``upstream`` is what the sources call it.
    They differ for wheels, which ``built_for`` makes builds for one Python of: ``2.16.0-cp311-x86_64`` and ``2.16.0``. What
    else was pinned anew since the first build of a version is told by a number behind it, ``2.16.0-cp311-x86_64-2``.
    ``java`` has the major versions of Java that run it, none where it needs no Java of the host. ``hosts`` need this build.
    """

    name: str
    version: str
    upstream: str
    sources: tuple[Source, ...]
    groups: tuple[str, ...] = ()
    # Conditions for the hosts of some groups or of all; the first one that is for a group counts.
    when: tuple[Mapping[str, Any], ...] = ()
    essential: bool = False
    build: str = ""
    java: tuple[int, ...] = ()
    target: Target | None = None
    hosts: tuple[str, ...] = ()

    @property
    def wheels(self) -> bool:
        """Whether it is made of wheels alone, so that each Python has a build of its own."""
        return all(source.kind == "wheel" for source in self.sources)

    def built_for(self, target: Target, hosts: Iterable[str] = ()) -> Component:
        """Return the build of a component of wheels for one Python and machine, and the hosts that have those."""
        version = f"{self.upstream}-{target.tag}" + (f"-{self.build}" if self.build else "")
        return replace(self, version=version, target=target, hosts=tuple(hosts))

    def of(self, source: Source) -> Component:
        """Return the component in the version which one of its sources has."""
        return replace(self, version=source.version, upstream=source.version) if source.version else self

    def label_of(self, kind: str) -> str:
        """Return the label of its source of this kind."""
        return next(source.label for source in self.sources if source.kind == kind)

    def label(self, source: Source, told: str) -> str:
        """Return the label of one of its sources, with the version where that is not the one already told."""
        version = self.of(source).version
        return source.label if version == told else f"{source.label} in version {version}"

    @property
    def archive(self) -> str:
        """File name of the release in the store."""
        return f"{self.name}-{self.version}.tar"


@dataclass(frozen=True)
class Policy:
    """What the operator allows: source kinds, and whether every component has to be complete."""

    kinds: tuple[str, ...] = KINDS
    require_all: bool = True


@dataclass(frozen=True)
class Release:
    """An entry of the store's index: a finished archive and what it was made of."""

    component: str
    version: str
    file: str
    sha256: str
    size: int
    mtime_ns: int
    source: str
    reduced: str
    recipe: str
    inputs: Mapping[str, str]


@dataclass(frozen=True)
class Attempt:
    """A source that was tried, or not, and why it did not serve."""

    label: str
    reason: str

    def __str__(self) -> str:
        return f"{self.label}: {self.reason}"


def read_catalogue(data: Any, versions: Mapping[str, str]) -> dict[str, Component]:
    """Return the components by name from the parsed catalogue, with the operator's versions over its own.

    Raises StoreError for a version of a component that the catalogue does not have, and for a build of what is no wheel.
    """
    entries: Mapping[str, Any] = data["components"]
    for name in versions:
        if name not in entries:
            raise StoreError(f"estate_versions names '{name}', found no such component; known are: {', '.join(entries)}")
    return {name: _component(name, entry, versions.get(name)) for name, entry in entries.items()}


def _component(name: str, entry: Mapping[str, Any], wanted: str | None) -> Component:
    upstream = str(wanted or entry["version"])
    if not re.fullmatch(r"[\w.+-]+", upstream):
        raise StoreError(f"estate_versions: '{upstream}' for {name} is not a version; write one as '{entry['version']}'")
    component = Component(
        name=name,
        version=upstream,
        upstream=upstream,
        sources=tuple(_source(fields, upstream, bool(wanted)) for fields in entry["sources"]),
        groups=tuple(entry["groups"]),
        when=_conditions(entry.get("when", ())),
        essential=entry.get("essential", False),
        build=str(entry.get("build", "")) if upstream == entry["version"] else "",
        java=_java(entry.get("java", ()), upstream),
    )
    if "build" in entry and not component.wheels:
        raise StoreError(f"catalogue: {name} has 'build', found sources that are not wheels; take it out")
    if any(source.kind == "wheel" and source.version for source in component.sources):
        raise StoreError(f"catalogue: {name} has a version of its own for wheels; pin the component's version in their list")
    return component


def _conditions(when: Any) -> tuple[Mapping[str, Any], ...]:
    """Return the conditions of an entry, which has one or a list of them."""
    return (when,) if isinstance(when, Mapping) else tuple(when)


def _source(fields: Mapping[str, Any], upstream: str, wanted: bool) -> Source:
    """Return a source; the version that is wanted of the component goes before one of the source's own."""
    source = Source(**fields)
    own = "" if wanted or source.version == upstream else source.version
    version = own or upstream
    return replace(source, version=own, url=source.url.format(version=version), checksum=source.checksum.format(version=version))


def _java(majors: Any, version: str) -> tuple[int, ...]:
    """Return the majors of a version: from a list for all, or from the longest beginning of it, '4.2' before '4'."""
    if not isinstance(majors, Mapping):
        return tuple(majors)
    parts = version.split(".")
    beginnings = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return next((tuple(majors[start]) for start in beginnings if start in majors), ())


def target_of(facts: Mapping[str, Any]) -> Target | None:
    """Return Python and machine of a host from its facts; None where nobody looked at it."""
    version, machine = facts.get("python", {}).get("version"), facts.get("architecture")
    return Target(f"{version['major']}.{version['minor']}", str(machine)) if version and machine else None


def carried_targets(pythons: Any, machines: Any) -> list[Target]:
    """Return what wheels are fetched for where no host was looked at; raises StoreError for what is no Python or machine."""
    for name, found, known in (("estate_host_pythons", pythons, PYTHONS), ("estate_host_machines", machines, MACHINES)):
        if not isinstance(found, (list, tuple)) or not found or not set(map(str, found)) <= set(known):
            raise StoreError(f"{name} is {found!r}; it has to be a list of some of: {', '.join(known)}, each in quotes")
    return [Target(python, machine) for python in pythons for machine in machines]


def hosts_of(component: Component, groups: Mapping[str, Iterable[str]], variable: Callable[[str, str], Any]) -> list[str]:
    """Return the hosts of an inventory that need a component.

    ``groups`` maps group to hosts; ``variable(host, name)`` gives a host's variable, or None when nobody set it.
    """
    hosts = list(dict.fromkeys(host for group in component.groups for host in groups.get(group, ())))
    if not component.when:
        return hosts
    chosen = set()
    for group in component.groups:
        when = next((one for one in component.when if group in one.get("groups", component.groups)), None)
        chosen |= {host for host in groups.get(group, ()) if when is None or _holds(when, variable(host, when["variable"]))}
    return [host for host in hosts if host in chosen]


def _holds(when: Mapping[str, Any], value: Any) -> bool:
    """Whether the condition of a component holds for a variable's value."""
    value = when.get("default") if value in (None, "") else value
    if "line" in when:
        return str(value).split(".", maxsplit=1)[0] == str(when["line"])
    if isinstance(when["value"], bool):  # from the command line it comes as text
        value = boolean(value, strict=False)
    return bool(value == when["value"])


def needed(
    components: Iterable[Component],
    groups: Mapping[str, Iterable[str]],
    variable: Callable[[str, str], Any],
    targets: Mapping[str, Target],
    carried: Iterable[Target],
) -> list[Component]:
    """Return the components an inventory needs, in the catalogue's order; of wheels a build for each Python of its hosts.

    ``targets`` has the hosts that were looked at. Where none was, wheels are for all of ``carried``.
    """
    result = []
    for component in components:
        hosts = hosts_of(component, groups, variable)
        if component.wheels and hosts:
            result += _builds(component, hosts, targets, carried)
        elif hosts:
            result.append(component)
    return result


def _builds(
    component: Component, hosts: Iterable[str], targets: Mapping[str, Target], carried: Iterable[Target]
) -> list[Component]:
    if not targets:
        return [component.built_for(target) for target in carried]
    found = sorted({targets[host] for host in hosts if host in targets})
    return [component.built_for(target, (host for host in hosts if targets.get(host) == target)) for target in found]


def chosen(
    components: Mapping[str, Component], names: Iterable[str], carried: Iterable[Target], wanted: Iterable[Component] | None
) -> list[Component]:
    """Return those of the wanted components that have these names; without ``wanted`` all that have them.

    Raises StoreError for a name that the catalogue does not have.
    """
    names = list(names)
    for name in names:
        if name not in components:
            raise StoreError(f"artifacts_only names '{name}', found no such component; known are: {', '.join(components)}")
    if wanted is not None:
        return [component for component in wanted if component.name in names]
    builds = [component for name, component in components.items() if name in names]
    return [
        item
        for component in builds
        for item in ([component.built_for(target) for target in carried] if component.wheels else [component])
    ]


def check_policy(kinds: Any) -> tuple[str, ...]:
    """Return the allowed kinds as a tuple; raises StoreError for anything but a list of known kinds."""
    if not isinstance(kinds, (list, tuple)) or not set(kinds) <= set(KINDS):
        raise StoreError(f"estate_artifact_sources is {kinds!r}; it has to be a list of some of: {', '.join(KINDS)}")
    return tuple(kinds)


def refusal(source: Source, policy: Policy) -> str:
    """Return why a source must not be tried, or '' if it may be."""
    if source.kind not in policy.kinds:
        return f"not tried, estate_artifact_sources has only {', '.join(policy.kinds) or 'nothing'}"
    if source.reduced and policy.require_all:
        return f"not used, it is a reduced build ({source.reduced}) and estate_require_all_artifacts is true"
    return ""


def locked(lock: Lock, component: Component, kind: str) -> dict[str, str]:
    """Return file name -> sha256 of the source's files as the lock has them; empty when it has none."""
    files = dict(lock.get(component.name, {}).get(component.version, {}).get(kind, {}))
    files.pop(component.archive, None)
    return files


def locked_archive(lock: Lock, component: Component, kind: str) -> str:
    """Return the sha256 which the lock has for the finished archive made from this kind of source, or ''."""
    return lock.get(component.name, {}).get(component.version, {}).get(kind, {}).get(component.archive, "")


def with_locked(lock: Lock, component: Component, kind: str, files: Mapping[str, str]) -> dict[str, Any]:
    """Return a copy of the lock in which this source's entry is ``files`` (the finished archive included)."""
    result = json.loads(json.dumps(lock))
    builds = result.setdefault(component.name, {})
    builds.setdefault(component.version, {})[kind] = dict(sorted(files.items()))
    result[component.name] = dict(sorted(builds.items()))
    return dict(sorted(result.items()))


def differing(kind: str, expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Return the names of files (name -> sha256) that are not what the lock expects of a kind of source."""
    names = expected.keys() & found.keys() if kind in RENEWED else expected.keys() | found.keys()
    return sorted(name for name in names if expected.get(name) != found.get(name))


def compare(component: Component, source: Source, expected: Mapping[str, str], found: Mapping[str, str]) -> None:
    """Raise StoreError unless the files found (name -> sha256) are those the lock expects."""
    for name in differing(source.kind, expected, found):
        raise mismatch(component, source.label, name, expected.get(name, "no such file"), found.get(name, "no file"))


def mismatch(component: Component, source: str, file: str, expected: str, found: str) -> StoreError:
    """The error for a file of a source that is not what it should be."""
    return StoreError(
        f"{component.name} {component.version}: {file} from {source}: sha256 expected {expected}, found {found}. "
        "No host was touched and the file is not used. Do not go on before you know why it differs: run again if the "
        "transfer may have been damaged; if the publisher changed the file on purpose, check it and run "
        "'make artifacts-lock'"
    )


def built_otherwise(component: Component, source: Source, expected: str, found: str) -> StoreError:
    """The error for an archive that came out differently although the source's files are the right ones."""
    return StoreError(
        f"{component.name} {component.version}: {component.archive}, built here of the right files from {source.label}: "
        f"sha256 expected {expected}, found {found}. No host was touched. artifacts/lock.json is of another state of this "
        "project, or the way archives are built changed: in the second case run 'make artifacts-lock'"
    )


def recipe(component: Component, source: Source) -> str:
    """Return a fingerprint of how a component is built from a source, its files' contents apart."""
    # A field that came to Source later must not change the fingerprint of a source that does not use it. Its own version is
    # the component's here.
    fields = {name: value for name, value in vars(source).items() if name != "version" and (name != "files" or value)}
    text = json.dumps([FORMAT, component.name, component.version, fields], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def as_fact(version: str, file: str, sha256: str, source: str, url: str) -> dict[str, str]:
    """Return the entry of ``estate_releases`` for a component, or for one of its builds."""
    return {"version": version, "file": file, "sha256": sha256, "source": source, "url": url}


def tried_text(component: Component, attempts: Iterable[Attempt]) -> str:
    """Return one sentence with every source of a component and why it did not serve."""
    who = f" (for {component.target}: {', '.join(component.hosts)})" if component.target and component.hosts else ""
    return f"{component.name} {component.version}{who} is not available: " + "; ".join(str(item) for item in attempts)
