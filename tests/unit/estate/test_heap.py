"""The heap filter: shares of the host, steps, limits, and errors."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.filter.heap import FilterModule
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import COMPONENTS
from ansible_collections.estate.kafka.plugins.module_utils.estate.heap import heap_mb

heap = FilterModule().filters()["heap"]
# Small beside what holds data; a host that carries all of them is preflight's matter.
CONSOLES = ("kibana", "grafana", "cmak", "akhq")


@pytest.mark.parametrize(
    ("role", "memory", "size"),
    [
        ("kafka_broker", 8192, "2048m"),
        ("kafka_broker", 8100, "1984m"),  # rounded down to 64 MiB
        ("kafka_broker", 65536, "6144m"),  # no more than the most
        ("kafka_broker", 512, "256m"),  # no less than the least
        ("zookeeper", 8192, "512m"),
        ("kafka_connect", 8192, "1024m"),
        ("elasticsearch", 262144, "31744m"),  # below the limit of compressed pointers
    ],
)
def test_share_of_the_host(role: str, memory: int, size: str) -> None:
    assert heap(role, memory) == size


@pytest.mark.parametrize("memory", [4096, 8192, 16384, 65536, 262144])
def test_everything_with_data_on_one_host_leaves_room(memory: int) -> None:
    # A controller stands in place of a ZooKeeper server, and has the same share.
    assert heap("kafka_controller", memory) == heap("zookeeper", memory)
    others = (*CONSOLES, "kafka_controller")
    roles = [component.role for component in COMPONENTS if component.heap and component.name not in others]
    assert sum(heap_mb(heap(role, memory)) for role in roles) <= 0.75 * memory


def test_unknown_role_is_an_error_of_the_template() -> None:
    with pytest.raises(AnsibleFilterError, match="no heap is known for role 'nginx'"):
        heap("nginx", 8192)


@pytest.mark.parametrize(("size", "mb"), [("512m", 512), ("2g", 2048), ("2G", 2048), ("1048576k", 1024)])
def test_size_strings(size: str, mb: int) -> None:
    assert heap_mb(size) == mb


@pytest.mark.parametrize("size", ["300", "1.5g", "", "2gb", "lots"])
def test_what_is_no_size(size: str) -> None:
    with pytest.raises(ValueError, match="JVM size"):
        heap_mb(size)
