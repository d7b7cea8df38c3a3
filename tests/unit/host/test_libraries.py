"""The libraries of another Python are never loaded, and that is said in words."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.errors import NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.host.libraries import add_host_python, fitting

OWN = f"cp3{sys.version_info[1]}-{platform.machine()}"
OTHER = f"cp3{sys.version_info[1] + 1}-{platform.machine()}"


def link(tmp_path: Path, *builds: str) -> Path:
    """The first build is the current one."""
    for build in builds:
        (tmp_path / build).mkdir()
    (tmp_path / "current").symlink_to(tmp_path / builds[0])
    return tmp_path / "current"


@pytest.mark.parametrize("build", [f"2.16.0-{OWN}", f"2.16.0-{OWN}-2", "2.16.0"])
def test_what_fits_is_taken(build: str, tmp_path: Path) -> None:
    assert fitting(link(tmp_path, build)) == tmp_path / "current"


@pytest.mark.parametrize("again", ["", "-2"])
def test_the_build_beside_it_is_taken_when_the_link_is_for_another_python(again: str, tmp_path: Path) -> None:
    current = link(tmp_path, f"2.16.0-{OTHER}{again}", f"2.16.0-{OWN}{again}", f"2.15.0-{OWN}{again}")
    assert fitting(current) == tmp_path / f"2.16.0-{OWN}{again}"


@pytest.mark.parametrize(
    "build", [f"2.16.0-{OTHER}", f"2.16.0-cp3{sys.version_info[1]}-{'aarch64' if 'x86' in OWN else 'x86_64'}"]
)
def test_nothing_that_fits_is_said_with_both_pythons(build: str, tmp_path: Path) -> None:
    before = list(sys.path)
    with pytest.raises(
        NoAnswerError, match=rf"{build.split('-')[2]}, and this host is asked with Python 3\.{sys.version_info[1]} "
    ):
        add_host_python(link(tmp_path, build))
    assert sys.path == before


def test_a_host_without_any_is_left_alone(tmp_path: Path) -> None:
    before = list(sys.path)
    add_host_python(tmp_path / "current")
    assert sys.path == before
