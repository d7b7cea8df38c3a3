from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.filter.release import release

RELEASES = {"kafka": {"version": "3.9.2"}}


def test_the_release_of_a_component() -> None:
    assert release(RELEASES, "kafka") == {"version": "3.9.2"}


def test_a_component_that_is_left_out_is_named_with_the_reason() -> None:
    with pytest.raises(AnsibleFilterError, match="'elasticsearch' is not in the artefact store: no source reached"):
        release(RELEASES, "elasticsearch", {"elasticsearch": "no source reached"})


def test_a_component_nobody_asked_for_says_what_to_run() -> None:
    with pytest.raises(AnsibleFilterError, match=r"artifacts\.yml"):
        release({}, "kafka")


BUILDS = {"client": {"builds": {"cp39-x86_64": {"version": "1-cp39-x86_64"}, "cp313-aarch64": {"version": "1-cp313-aarch64"}}}}


def host(python: tuple[int, int], machine: str = "x86_64") -> dict[str, object]:
    return {"python": {"version": {"major": python[0], "minor": python[1], "micro": 1}}, "architecture": machine}


def test_a_host_gets_the_build_for_its_python() -> None:
    assert release(BUILDS, "client", {}, host((3, 9))) == {"version": "1-cp39-x86_64"}
    assert release(BUILDS, "client", {}, host((3, 13), "aarch64")) == {"version": "1-cp313-aarch64"}
    # What is not made of wheels is the same for all.
    assert release(RELEASES, "kafka", {}, host((3, 9))) == {"version": "3.9.2"}


def test_a_host_whose_python_has_no_build_gets_none_of_another() -> None:
    with pytest.raises(AnsibleFilterError, match=r"'client' for Python 3\.13 on x86_64 is not in the artefact store: no wheel"):
        release(BUILDS, "client", {"client": "no wheel"}, host((3, 13)))
    with pytest.raises(AnsibleFilterError, match="nobody looked which Python this host has"):
        release(BUILDS, "client", {}, {})
