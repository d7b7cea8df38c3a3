from __future__ import annotations

from ansible_collections.estate.kafka.plugins.modules import kernel

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
    assert kernel.write_running("vm.no_such_setting", "1", check_mode=False) == "this kernel has no such setting"


def test_the_file_is_one_line_for_each_setting() -> None:
    assert kernel.text({"vm.swappiness": "1", "vm.max_map_count": "262144"}).splitlines()[1:] == [
        "vm.max_map_count = 262144",
        "vm.swappiness = 1",
    ]


def test_a_setting_of_several_numbers_is_compared_as_the_kernel_shows_it() -> None:
    assert kernel.wanted({}, {}, {"net.ipv4.tcp_rmem": "4096  65536\t2097152"}) == {"net.ipv4.tcp_rmem": "4096 65536 2097152"}
