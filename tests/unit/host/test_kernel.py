from __future__ import annotations

from ansible_collections.estate.kafka.plugins.module_utils.host import kernel

AT_LEAST = {"vm.max_map_count": 262144}
EXACT = {"vm.swappiness": 1}


def test_a_low_value_is_raised_and_a_high_one_is_left() -> None:
    assert kernel.wanted({"vm.max_map_count": "65530"}, AT_LEAST, {}) == {"vm.max_map_count": "262144"}
    assert kernel.wanted({"vm.max_map_count": "1048576"}, AT_LEAST, {}) == {"vm.max_map_count": "1048576"}


def test_a_second_run_wants_what_the_first_one_set() -> None:
    first = kernel.wanted({"vm.max_map_count": "65530", "vm.swappiness": "60"}, AT_LEAST, EXACT)
    assert kernel.wanted(first, AT_LEAST, EXACT) == first == {"vm.max_map_count": "262144", "vm.swappiness": "1"}


def test_a_setting_the_kernel_does_not_know_is_wanted_all_the_same() -> None:
    assert kernel.wanted({}, AT_LEAST, EXACT) == {"vm.max_map_count": "262144", "vm.swappiness": "1"}
    found = kernel.look(["vm.no_such_setting"], "/no/such/file")
    assert found == {"values": {}, "writable": [], "kept": ""}
    assert kernel.refusals(found, {"vm.no_such_setting": "1"}) == {"vm.no_such_setting": "this kernel has no such setting"}


def test_the_file_is_one_line_for_each_setting() -> None:
    assert kernel.text({"vm.swappiness": "1", "vm.max_map_count": "262144"}).splitlines()[1:] == [
        "vm.max_map_count = 262144",
        "vm.swappiness = 1",
    ]


def test_a_setting_of_several_numbers_is_compared_as_the_kernel_shows_it() -> None:
    assert kernel.wanted({}, {}, {"net.ipv4.tcp_rmem": "4096  65536\t2097152"}) == {"net.ipv4.tcp_rmem": "4096 65536 2097152"}


def test_what_the_host_refuses_is_told_and_changes_nothing() -> None:
    values = {"vm.max_map_count": "262144", "vm.swappiness": "1"}
    found = {"values": values | {"vm.swappiness": "60"}, "writable": ["vm.max_map_count"], "kept": kernel.text(values)}
    refused = kernel.refusals(found, values)
    assert list(refused) == ["vm.swappiness"]
    assert not kernel.outcome(found, values, refused)["changed"]
    assert kernel.warnings(found, values, refused)[0].startswith("vm.swappiness is 60 instead of 1: the host does not let it")


def test_what_is_set_and_kept_is_a_change() -> None:
    values = {"vm.swappiness": "1"}
    found = {"values": {"vm.swappiness": "60"}, "writable": ["vm.swappiness"], "kept": kernel.text(values)}
    done = kernel.outcome(found, values, {})
    assert done["changed"] and done["ansible_facts"] == {"estate_kernel": values}
    again = {**found, "values": values}
    assert not kernel.outcome(again, values, {})["changed"]
    assert kernel.outcome({**again, "kept": ""}, values, {})["changed"]
