"""What preflight saw answers for a host only where it is enough; otherwise the host is asked."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants
from ansible_collections.estate.kafka.plugins.action import release, system_user
from ansible_collections.estate.kafka.plugins.module_utils.host.releases import trees
from ansible_collections.estate.kafka.plugins.plugin_utils.seen import Steady, seen

KAFKA = {"dest": "/opt/kafka", "release": {"version": "3.9.2", "sha256": "aaa"}}
CLIENT = {"dest": "/opt/kafka-estate/python", "release": {"version": "1", "sha256": "bbb"}}
TREES = {"/opt/kafka": {"3.9.2": "aaa"}, "/opt/kafka-estate/python": {"1": "bbb"}}
USER = {"name": "kafka", "home": "/var/lib/kafka"}
LOGIN = {"uid": 990, "gid": 980, "home": "/var/lib/kafka", "shell": "/usr/sbin/nologin"}


def test_releases_that_are_there_need_no_host() -> None:
    done = release.known_result([KAFKA, CLIENT], TREES, check_mode=False)
    assert done is not None and not done["changed"]
    assert done["paths"] == ["/opt/kafka/3.9.2", "/opt/kafka-estate/python/1"]


@pytest.mark.parametrize(
    "trees_seen", [None, {}, {"/opt/kafka": {}}, {"/opt/kafka": {"3.9.2": ""}}, {"/opt/kafka": {"3.9.2": "x"}}]
)
def test_a_release_that_is_not_there_or_another_one_is_for_the_host(trees_seen: Any) -> None:
    assert release.known_result([KAFKA], trees_seen, check_mode=False) is None


def test_check_mode_tells_of_a_missing_release_without_the_host() -> None:
    done = release.known_result([KAFKA, CLIENT], {"/opt/kafka": {"3.9.2": "aaa"}}, check_mode=True)
    assert done is not None and done["changed"] and done["diff"]["after"] == "/opt/kafka-estate/python/1\n"
    assert release.known_result([KAFKA], {"/opt/kafka": {"3.9.2": "x"}}, check_mode=True) is None, "the module refuses it"
    assert release.known_result([KAFKA | {"dest": "/srv/kafka"}], {}, check_mode=True) is None, "nobody looked there"


def test_trees_have_the_versions_and_what_they_were_made_from(tmp_path: Path) -> None:
    (tmp_path / "kafka/3.9.2").mkdir(parents=True)
    (tmp_path / "kafka/3.9.2/.release-sha256").write_text("aaa\n")
    (tmp_path / "kafka/by-hand").mkdir()
    (tmp_path / "kafka/current").symlink_to("3.9.2")
    assert trees([tmp_path, tmp_path / "none"]) == {f"{tmp_path}/kafka": {"3.9.2": "aaa", "by-hand": ""}}


def user(args: dict[str, Any] | None = None, login: Any = LOGIN, groups: Any = None, check_mode: bool = False) -> Any:
    observed = {"logins": {"kafka": login}, "accounts": {"groups": groups or {}}}
    return system_user.known_result(USER | (args or {}), observed, check_mode)


def test_a_user_as_wanted_needs_no_host() -> None:
    assert user() == {"changed": False, "uid": 990}
    assert user({"uid": 990, "group": "streaming", "gid": 980}, groups={"streaming": 980}) == {"changed": False, "uid": 990}


@pytest.mark.parametrize(
    ("args", "login", "groups"),
    [
        ({"home": "/srv"}, LOGIN, {}),
        ({}, LOGIN | {"shell": "/bin/sh"}, {}),
        ({"uid": 7}, LOGIN, {}),
        ({"group": "streaming"}, LOGIN, {}),
        ({"group": "streaming"}, LOGIN, {"streaming": 7}),
        ({"gid": 7}, LOGIN, {"kafka": 980}),
        ({}, None, {}),
        ({"name": "other"}, LOGIN, {}),
    ],
)
def test_a_user_that_is_other_or_missing_is_for_the_host(args: Any, login: Any, groups: Any) -> None:
    assert user(args, login, groups) is None


def test_check_mode_tells_of_a_missing_user_without_the_host() -> None:
    assert user(login=None, check_mode=True) == {"changed": True}
    assert system_user.known_result(USER, {}, check_mode=True) is None, "preflight has not looked"


def test_only_what_was_seen_of_the_own_host_counts() -> None:
    registered = {"__preflight_host": {"observed": {"root": True}}}
    assert seen(SimpleNamespace(delegate_to=None), registered) == {"root": True}
    assert seen(SimpleNamespace(delegate_to="b"), registered) == {}
    for nothing in (None, {}, {"__preflight_host": {"skipped": True}}):
        assert seen(SimpleNamespace(delegate_to=None), nothing) == {}


def test_a_service_is_steady_as_long_as_it_was_seen_so_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    assert not Steady("a", "kafka")
    Steady("a", "kafka").keep(True)
    assert Steady("a", "kafka") and not Steady("a", "zookeeper") and not Steady("b", "kafka")
    Steady("a", "kafka").keep(False)
    assert not Steady("a", "kafka")
