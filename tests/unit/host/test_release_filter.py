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
