# SPDX-License-Identifier: Apache-2.0
"""The artefact store on disk: what is in it, filling it, and serving it.

    <store>/downloads/<component>/<version>/<kind>/   files as their source gave them
    <store>/releases/<component>-<version>.tar        what hosts install; releases/index.json describes them
    <store>/lock                                      held by the run that writes to the store

Every finished file got its name by a rename, so what has its name is whole. Names in the index are relative: the
directory can be carried elsewhere, also on media that cannot be written.
"""

from __future__ import annotations

import errno
import fcntl
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.host.digest import file_digest
from ansible_collections.estate.kafka.plugins.module_utils.host.paths import write_whole
from ansible_collections.estate.kafka.plugins.module_utils.store.archive import (
    ArchiveError,
    pack,
    place,
    place_package,
)
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    RENEWED,
    Attempt,
    Component,
    Lock,
    Policy,
    Release,
    Source,
    StoreError,
    Unavailable,
    as_fact,
    built_otherwise,
    compare,
    locked,
    locked_archive,
    read_catalogue,
    recipe,
    refusal,
    tried_text,
    with_locked,
)
from ansible_collections.estate.kafka.plugins.module_utils.store.outcome import REMEDY, Outcome
from ansible_collections.estate.kafka.plugins.module_utils.store.selection import select
from ansible_collections.estate.kafka.plugins.module_utils.store.sources import Request, fetch

# Components fetched at once.
PARALLEL = 4
# What writing to a carried store meets where that is not allowed.
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


@dataclass(frozen=True)
class Settings:
    """Everything a run of the store is told."""

    store: Path
    artifacts: Path
    policy: Policy = field(default_factory=Policy)
    machine: str = "x86_64"
    verify: bool = False
    check_mode: bool = False
    update_lock: bool = False
    report: Callable[[str], None] = lambda text: None


def load_catalogue(artifacts: Path, versions: Mapping[str, str]) -> dict[str, Component]:
    """Return the components of artifacts/catalogue.yml by name, in the operator's versions where there are such."""
    return read_catalogue(yaml_load((artifacts / "catalogue.yml").read_text(encoding="utf-8")), versions)


def read_lock(artifacts: Path) -> Lock:
    """Return artifacts/lock.json."""
    lock: Lock = json.loads((artifacts / "lock.json").read_text())
    return lock


class Store:
    """One store directory and the lock file its contents are held against."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.releases = settings.store / "releases"
        self.lock = read_lock(settings.artifacts)
        self.index = self._read_index()
        # Releases whose files got new times when the store was carried.
        self.carried: list[Release] = []

    def ensure(self, components: list[Component]) -> Outcome:
        """Make sure the store holds the components; fetch what is missing, or in check mode say so.

        Raises StoreError for a checksum that does not match, or when something that is required is not available.
        """
        outcome = Outcome()
        missing = self._serve(components, outcome)
        remedy = REMEDY
        if self.settings.check_mode:
            self._foresee(missing, outcome)
        elif missing or self.carried:
            try:
                with self._exclusive():
                    # Another run may have filled the store meanwhile.
                    self.index = self._read_index()
                    self._keep_times()
                    self._fill(self._serve(missing, outcome), outcome)
            except OSError as error:
                if error.errno not in READ_ONLY:
                    raise
                for component in self._serve(missing, outcome):
                    outcome.leave_out(
                        component, tried_text(component, [Attempt(str(self.settings.store), self._lack(component))])
                    )
                remedy = f"{self.settings.store} cannot be written ({error.strerror}): carry a store that has this too"
        outcome.check(components, self.settings.policy.require_all, remedy)
        return outcome

    def _keep_times(self) -> None:
        """Put the new times of carried files into the index, unless another run replaced the files."""
        same = [item for item in self.carried if item.file in self.index and self.index[item.file].sha256 == item.sha256]
        if same:
            self._record(*same)

    def _lack(self, component: Component) -> str:
        """Return why no release of the store serves a component."""
        return select(self.index, component, self.lock, self.settings.policy, self._intact)[1]

    def update_lock(self, components: list[Component]) -> Outcome:
        """Fetch the components from every allowed source anew and write what came to artifacts/lock.json.

        Entries of other sources, and of those that cannot be reached, stay; ``left_out`` has them by name, with reasons.
        """
        outcome = Outcome()
        allowed = Policy(self.settings.policy.kinds, require_all=False)
        # The first choice comes last: it needs the lists of the others, and its archive is the one to stay.
        pairs = [(component.of(source), source) for component in components for source in reversed(component.sources)]
        with self._exclusive():
            for component, source in pairs:
                label = f"{component.name} {component.version} from {source.label}"
                if reason := refusal(source, allowed):
                    outcome.left_out[label] = reason
                elif self.settings.check_mode:
                    outcome.would_fetch.append(label)
                else:
                    self._lock_source(component, source, label, outcome)
        return outcome

    def _lock_source(self, component: Component, source: Source, label: str, outcome: Outcome) -> None:
        self.settings.report(f"{label}: fetching")
        shutil.rmtree(self._downloads(component, source), ignore_errors=True)
        before, self.lock = self.lock, with_locked(self.lock, component, source.kind, {})
        try:
            release = self._build(component, source, self._originals(component, source, trust=True))
        except Unavailable as error:
            outcome.left_out[label] = str(error)
            self.lock = before
            return
        files = dict(release.inputs) | ({} if source.kind in RENEWED else {release.file: release.sha256})
        self.lock = with_locked(self.lock, component, source.kind, files)
        _write_json(self.settings.artifacts / "lock.json", self.lock)
        self._record(release)
        if self.lock != before:
            outcome.fetched.append(label)

    def _serve(self, components: list[Component], outcome: Outcome) -> list[Component]:
        """Put what the store holds into the outcome and return what it does not."""
        missing = []
        for component in components:
            release, _ = select(self.index, component, self.lock, self.settings.policy, self._intact)
            if release is None:
                missing.append(component)
            else:
                self._offer(component, release, outcome)
        return missing

    def _offer(self, component: Component, release: Release, outcome: Outcome) -> None:
        file = str(self.releases / release.file)
        outcome.offer(component, as_fact(release.version, file, release.sha256, component.label_of(release.source), ""))

    def _intact(self, release: Release) -> bool:
        """Whether the file is the one of the index: by size and time; by its sha256 when those say nothing, or to verify."""
        path = self.releases / release.file
        if not path.is_file():
            return False
        status = path.stat()
        if status.st_size != release.size:
            return False
        if status.st_mtime_ns == release.mtime_ns and not self.settings.verify:
            return True
        if file_digest(path) != release.sha256:
            return False
        if status.st_mtime_ns != release.mtime_ns and not self.settings.check_mode:
            self.carried.append(replace(release, mtime_ns=status.st_mtime_ns))
        return True

    def _foresee(self, missing: list[Component], outcome: Outcome) -> None:
        for component in missing:
            usable = [source for source in component.sources if not refusal(source, self.settings.policy)]
            if not usable:
                outcome.leave_out(component, tried_text(component, self._refused(component)))
                continue
            first = component.of(usable[0]).version
            labels = " or ".join(component.label(source, first) for source in usable)
            outcome.would_fetch.append(f"{component.name} {first} from {labels}")
            # The lock already knows the archive that will be built.
            locks = [(locked_archive(self.lock, component.of(source), source.kind), source) for source in usable]
            sha256, known = next((pair for pair in locks if pair[0]), locks[0])
            file = str(self.releases / component.of(known).archive)
            outcome.offer(component, as_fact(component.of(known).version, file, sha256, known.label, ""))

    def _refused(self, component: Component) -> list[Attempt]:
        reasons = ((source, refusal(source, self.settings.policy)) for source in component.sources)
        return [Attempt(component.label(source, component.version), reason) for source, reason in reasons if reason]

    def _fill(self, missing: list[Component], outcome: Outcome) -> None:
        """Fetch and build in parallel; each finished release is in the index before the next is waited for."""
        for rest in self.releases.glob(".*"):
            shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
        failure: Exception | None = None
        with ThreadPoolExecutor(PARALLEL) as pool:
            jobs = {pool.submit(self._obtain, component): component for component in missing}
            for job in as_completed(jobs):
                component = jobs[job]
                if job.cancelled():
                    continue
                try:
                    release = job.result()
                except Unavailable as error:
                    outcome.leave_out(component, str(error))
                except Exception as error:
                    # What is under way is finished and kept: the next run does not fetch it again.
                    failure = failure or error
                    for other in jobs:
                        other.cancel()
                else:
                    self._record(release)
                    self._offer(component, release, outcome)
                    outcome.fetched.append(f"{component.name} {release.version} from {component.label_of(release.source)}")
        if failure:
            raise failure

    def _obtain(self, component: Component) -> Release:
        """Return a release from the first source that serves; raises Unavailable with all that were tried."""
        attempts = []
        for source in component.sources:
            reason = refusal(source, self.settings.policy)
            if not reason:
                build = component.of(source)
                try:
                    self.settings.report(f"{build.name} {build.version}: fetching from {source.label}")
                    return self._build(build, source, self._originals(build, source))
                except Unavailable as error:
                    reason = str(error)
            attempts.append(Attempt(component.label(source, component.version), reason))
        raise Unavailable(tried_text(component, attempts))

    def _downloads(self, component: Component, source: Source) -> Path:
        return self.settings.store / "downloads" / component.name / component.version / source.kind

    def _originals(self, component: Component, source: Source, trust: bool = False) -> dict[str, Path]:
        """Return the source's files by name, checked against the lock; fetched only if they are not there."""
        directory = self._downloads(component, source)
        expected = locked(self.lock, component, source.kind)
        files = _files(directory)
        if source.kind == "package" and not all(path.suffix == ".deb" for path in files.values()):
            # Earlier versions kept only what they took out of it.
            shutil.rmtree(directory)
            files = {}
        if not files:
            request = Request(component, source, self.settings.artifacts, self.settings.machine, expected, trust)
            fetch(request, directory)
            files = _files(directory)
        if expected:
            try:
                compare(component, source, expected, {name: file_digest(path) for name, path in files.items()})
            except StoreError:
                shutil.rmtree(directory)
                raise
        return files

    def _build(self, component: Component, source: Source, files: Mapping[str, Path]) -> Release:
        """Make the release's archive of the source's files."""
        tree, part = (self.releases / f".{component.archive}.{suffix}" for suffix in ("tree", "part"))
        shutil.rmtree(tree, ignore_errors=True)
        (tree / source.into).mkdir(parents=True)
        keep = self._keep(component, source)
        for path in files.values():
            try:
                if source.kind == "package":
                    if lacking := place_package(path, source.files, tree / source.into):
                        raise Unavailable(f"the package has no file {', '.join(lacking)}")
                else:
                    place(path, tree / source.into, lambda name: not keep or name in keep)
            except ValueError as error:
                raise StoreError(f"{component.name} {component.version}: {path.name} from {source.label}: {error}") from error
            except ArchiveError as error:
                shutil.rmtree(self._downloads(component, source))
                raise Unavailable(f"{path.name}: {error}") from error
        if lacking := sorted(name for name in keep if not (tree / name).is_file()):
            raise Unavailable(f"its archive lacks {', '.join(lacking)}")
        sha256 = pack(tree, part, f"{component.name} {component.version}", source.reduced)
        shutil.rmtree(tree)
        expected = locked_archive(self.lock, component, source.kind)
        if expected and expected != sha256:
            raise built_otherwise(component, source, expected, sha256)
        target = self.releases / component.archive
        part.rename(target)
        status = target.stat()
        inputs = {name: file_digest(path) for name, path in sorted(files.items())}
        return Release(
            component=component.name,
            version=component.version,
            file=component.archive,
            sha256=sha256,
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
            source=source.kind,
            reduced=source.reduced,
            recipe=recipe(component, source),
            inputs=inputs,
        )

    def _keep(self, component: Component, source: Source) -> set[str]:
        """Return the only paths to take from the source's archive; empty for all."""
        if not source.keep_like:
            return set()
        model = next(item for item in component.sources if item.kind == source.keep_like)
        names = locked(self.lock, component, model.kind)
        if not names:
            raise Unavailable(
                f"artifacts/lock.json has no list of files for {component.name} {component.version} from {model.kind}; "
                "run 'make artifacts-lock' for this version"
            )
        return {f"{model.into}/{name}" for name in names}

    def _read_index(self) -> dict[str, Release]:
        path = self.releases / "index.json"
        if not path.is_file():
            return {}
        try:
            return {name: Release(**entry) for name, entry in json.loads(path.read_text()).items()}
        except (ValueError, TypeError) as error:
            raise StoreError(f"{path} is not an index of this store ({error}); remove it, everything is checked anew") from error

    def _record(self, *releases: Release) -> None:
        """Add releases to the index; only for who holds the store."""
        index = dict(sorted((self.index | {release.file: release for release in releases}).items()))
        if index != self.index:
            self.index = index
            _write_json(self.releases / "index.json", {name: asdict(item) for name, item in index.items()})

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Hold the store for this run alone; waits for another run."""
        self.releases.mkdir(parents=True, exist_ok=True)
        with (self.settings.store / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.settings.report(f"another run is filling {self.settings.store}: waiting for it")
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _files(directory: Path) -> dict[str, Path]:
    if not directory.is_dir():
        return {}
    return {path.name: path for path in sorted(directory.iterdir()) if path.suffix != ".part"}


def _write_json(path: Path, data: Any) -> None:
    write_whole(path, (json.dumps(data, indent=2) + "\n").encode())
