"""Sources that have a component in different versions: what is fetched, locked, served and told is the version installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    KINDS,
    Component,
    Policy,
    Source,
    StoreError,
    read_catalogue,
    recipe,
)
from ansible_collections.estate.kafka.plugins.module_utils.store.mirror import from_mirror
from store_lab import Web, calls, fake_maven, serve, sha256, store, tgz

ENTRY: dict[str, Any] = {
    "version": "3.1",
    "groups": ["tools"],
    "sources": [
        {"kind": "publisher", "url": "http://web/{version}/tool.tgz", "checksum": "http://web/{version}/sums"},
        {"kind": "maven", "version": "2.4"},
    ],
}
ARCHIVE = tgz({"tool-3.1/bin/run": b"new"})


def tool(url: str = "http://web", wanted: str = "") -> Component:
    sources = [{**ENTRY["sources"][0], "url": f"{url}/{{version}}/tool.tgz", "checksum": ""}, ENTRY["sources"][1]]
    catalogue = {"components": {"tool": {**ENTRY, "sources": sources}}}
    return read_catalogue(catalogue, {"tool": wanted} if wanted else {})["tool"]


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        yield server


@pytest.fixture(autouse=True)
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    client: Path = fake_maven(tmp_path / "client", {"x.jar": b"x"})
    monkeypatch.setenv("PATH", str(client), prepend=":")
    return client


def locking(web: Web) -> dict[str, Any]:
    web.files["3.1/tool.tgz"] = ARCHIVE
    return {"tool": {"3.1": {"publisher": {"tool.tgz": sha256(ARCHIVE)}}}}


def test_each_source_has_its_version_and_its_addresses() -> None:
    found = read_catalogue({"components": {"tool": ENTRY}}, {})["tool"]
    assert [found.of(source).version for source in found.sources] == ["3.1", "2.4"]
    assert [found.of(source).upstream for source in found.sources] == ["3.1", "2.4"]
    assert found.sources[0].url == "http://web/3.1/tool.tgz" and found.sources[0].checksum == "http://web/3.1/sums"


@pytest.mark.parametrize("wanted", ["3.1", "2.4", "1.0"])
def test_a_version_of_the_inventory_is_that_of_every_source(wanted: str) -> None:
    found = read_catalogue({"components": {"tool": ENTRY}}, {"tool": wanted})["tool"]
    assert {found.of(source).version for source in found.sources} == {wanted}
    assert found.sources[0].url == f"http://web/{wanted}/tool.tgz"


def test_wheels_have_no_version_beside_the_one_they_are_pinned_to() -> None:
    entry = {"version": "2.0", "groups": [], "sources": [{"kind": "wheel", "version": "1.0"}]}
    with pytest.raises(StoreError, match="tool has a version of its own for wheels"):
        read_catalogue({"components": {"tool": entry}}, {})


def test_a_source_s_own_version_builds_the_same_as_a_component_of_that_version() -> None:
    old = Component("tool", "2.4", "2.4", (Source("maven"),))
    found = tool()
    assert recipe(found.of(found.sources[1]), found.sources[1]) == recipe(old, old.sources[0])


def test_the_release_is_of_the_source_that_served(web: Web, tmp_path: Path) -> None:
    outcome = store(tmp_path).ensure([tool(web.url)])
    assert outcome.releases["tool"]["version"] == "2.4"
    assert outcome.releases["tool"]["file"].endswith("/tool-2.4.tar")
    assert outcome.fetched == ["tool 2.4 from maven"]
    assert (tmp_path / "store/downloads/tool/2.4/maven/x.jar").is_file()


def test_the_first_source_that_serves_gives_its_own_version(web: Web, tmp_path: Path) -> None:
    outcome = store(tmp_path, locking(web)).ensure([tool(web.url)])
    assert (outcome.releases["tool"]["version"], outcome.fetched) == ("3.1", ["tool 3.1 from publisher"])


def test_what_the_store_holds_serves_and_nothing_is_fetched(web: Web, tmp_path: Path, maven: Path) -> None:
    store(tmp_path).ensure([tool(web.url)])
    asked = len(web.asked)
    again = store(tmp_path, locking(web)).ensure([tool(web.url)])
    assert (again.releases["tool"]["version"], again.fetched, len(web.asked), calls(maven)) == ("2.4", [], asked, 1)


def test_allowed_sources_decide_which_of_the_versions_in_the_store(web: Web, tmp_path: Path) -> None:
    lock = locking(web)
    for kinds, version in ((("maven",), "2.4"), (("publisher",), "3.1"), (("maven",), "2.4"), (KINDS, "3.1"), ((), "3.1")):
        found = store(tmp_path, lock, policy=Policy(kinds)).ensure([tool(web.url)]).releases["tool"]
        assert (kinds, found["version"]) == (kinds, version)
    # Where nothing may be fetched, what was carried serves.
    (tmp_path / "store/releases/tool-3.1.tar").unlink()
    assert store(tmp_path, lock, policy=Policy(())).ensure([tool(web.url)]).releases["tool"]["version"] == "2.4"


def test_an_error_tells_the_version_that_each_source_was_asked_for(web: Web, tmp_path: Path, maven: Path) -> None:
    fake_maven(maven, {}, fail="Could not find artifact")
    with pytest.raises(StoreError, match=r"tool 3\.1 is not available: publisher: .*; maven in version 2\.4: Could not find"):
        store(tmp_path).ensure([tool(web.url)])


def test_check_mode_tells_every_version_that_may_come(web: Web, tmp_path: Path) -> None:
    both = store(tmp_path, check_mode=True).ensure([tool(web.url)])
    assert both.would_fetch == ["tool 3.1 from publisher or maven in version 2.4"]
    old = store(tmp_path, check_mode=True, policy=Policy(("maven",))).ensure([tool(web.url)])
    assert old.would_fetch == ["tool 2.4 from maven"] and old.releases["tool"]["version"] == "2.4"


def test_the_lock_has_each_source_under_its_own_version(web: Web, tmp_path: Path) -> None:
    locking(web)
    held = store(tmp_path, {})
    held.update_lock([tool(web.url)])
    assert {version: list(kinds) for version, kinds in held.lock["tool"].items()} == {"2.4": ["maven"], "3.1": ["publisher"]}
    assert "tool-2.4.tar" in held.lock["tool"]["2.4"]["maven"]


def test_a_mirror_gives_the_version_it_has(web: Web, tmp_path: Path) -> None:
    held = store(tmp_path)
    held.ensure([tool(web.url)])
    web.files["releases/index.json"] = (tmp_path / "store/releases/index.json").read_bytes()
    found = from_mirror([tool(web.url)], held.lock, Policy(), web.url).releases["tool"]
    assert (found["version"], found["url"]) == ("2.4", f"{web.url}/releases/tool-2.4.tar")
    with pytest.raises(StoreError, match=r"2\.4 version 2\.4, and the allowed sources have 3\.1"):
        from_mirror([tool(web.url)], held.lock, Policy(("publisher",)), web.url)
