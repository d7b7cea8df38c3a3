"""The generated documentation is current, and its pictures show what the inventories say."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import (
    COMPONENTS,
    PREFLIGHT_OPTIONS,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.variables import ESTATE_OPTIONS
from ansible_collections.estate.kafka.plugins.module_utils.report.estate_fields import HUES, mirrors, zones_of
from ansible_collections.estate.kafka.plugins.module_utils.report.estate_svg import picture
from ansible_collections.estate.kafka.plugins.module_utils.report.svg_style import DARK, LIGHT
from real_estate import ROOT, real_plan

sys.path.insert(0, str(ROOT / "tools"))

import generated
import variables


@pytest.mark.parametrize(("name", "page"), generated.role_pages().items())
def test_page_is_current(name: str, page: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == page, "run make docs"


@pytest.mark.parametrize(("name", "inventory"), generated.inventories().items())
def test_picture_is_current_and_names_every_host(name: str, inventory: Path) -> None:
    topology = real_plan(inventory).topology
    drawn = (ROOT / name).read_text(encoding="utf-8")
    assert drawn == picture(topology), "run make docs"
    titles = [str(title.text) for title in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}title")]
    assert sorted(titles) == sorted({row["host"] for row in topology["components"]})


def test_the_drawings_show_what_ansible_reads() -> None:
    inventory = ROOT / "inventories/prod"
    assert generated.topology(inventory) == json.loads(json.dumps(real_plan(inventory).topology))


def estate(clusters: dict[str, list[str]], connect: dict[str, str], lonely: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a small topology: cluster to hosts, Connect group to cluster, hosts with Elasticsearch alone."""
    hosts = [host for brokers in clusters.values() for host in brokers]
    return {
        "ensembles": {"zookeeper": {"servers": [{"id": index + 1, "host": host} for index, host in enumerate(hosts[:3])]}},
        "clusters": {
            name: {
                "ensemble": "zookeeper",
                "chroot": f"/{name}",
                "default_replication_factor": 3,
                "min_insync_replicas": 2,
                "brokers": [{"id": index, "host": host, "rack": ""} for index, host in enumerate(brokers)],
            }
            for name, brokers in clusters.items()
        },
        "connect_clusters": {group_id: {"cluster": cluster, "hosts": []} for group_id, cluster in connect.items()},
        "components": [
            *({"component": "kafka_broker", "host": host, "ports": [9092]} for host in hosts),
            *({"component": "elasticsearch", "host": host, "ports": [9200, 9300]} for host in lonely),
        ],
    }


def test_arrow_goes_from_the_upstream_cluster_above_to_the_one_beside_connect() -> None:
    topology = estate({"a": ["h1"], "b": ["h2"]}, {"workers": "a"})
    assert [(flow.source, flow.target, flow.key) for flow in mirrors(topology)] == [("b", "a", "workers")]
    assert [zone.title for zone in zones_of(topology)] == ["Cluster b", "Cluster a"]
    drawn = picture(topology)
    assert 'class="flow"' in drawn
    assert "reads b (upstream), writes a (downstream)" in drawn


@pytest.mark.parametrize(
    "topology",
    [
        estate({"a": ["h1"]}, {"workers": "a"}),
        estate({"a": ["h1"], "b": ["h2"]}, {}),
        estate({"a": ["h1"], "b": ["h2"], "c": ["h3"]}, {"workers": "a"}),
    ],
)
def test_no_arrow_where_the_inventory_does_not_tell_the_source(topology: dict[str, Any]) -> None:
    assert 'class="flow"' not in picture(topology)


def test_hosts_without_a_broker_have_a_field_of_their_own() -> None:
    zones = zones_of(estate({"a": ["h1.x"]}, {}, lonely=("search.x",)))
    assert [(zone.title, zone.hosts) for zone in zones] == [("Cluster a", ["h1.x"]), ("Other hosts", ["search.x"])]


def test_nothing_leaves_the_page_however_many_hosts_there_are() -> None:
    hosts = [f"a-host-with-a-rather-long-name-{number}.example.com" for number in range(73)]
    root = ElementTree.fromstring(picture(estate({"big": hosts}, {}, lonely=tuple(hosts[:5]))))
    width, height = (float(size) for size in root.attrib["viewBox"].split()[2:])
    for shape in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(shape.attrib["x"]) + float(shape.attrib["width"]) <= width
        assert float(shape.attrib["y"]) + float(shape.attrib["height"]) <= height


def test_every_class_of_the_picture_has_a_style_and_every_field_a_dark_one() -> None:
    drawn = picture(estate({name: [f"h-{name}"] for name in "abcd"}, {}, lonely=("search",)))
    used = {one for found in re.findall(r'class="([^"]+)"', drawn) for one in found.split()} - {"item"}
    assert {one for one in used if f".{one} {{" not in LIGHT} == set()
    assert {hue for hue in (*HUES, "grey", "host", "page") if f".{hue} {{" not in DARK} == set()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Use V(open) or O(estate_store).", "Use `open` or `estate_store`."),
        (["One.", "I(Two) B(words)."], "One. *Two* **words**."),
        (None, ""),
    ],
)
def test_marks_of_ansible_become_markdown(written: Any, shown: str) -> None:
    assert generated.prose(written) == shown


def test_table_escapes_and_names_suboptions() -> None:
    spec = {"x": {"type": "dict", "description": "a|b", "options": {"y": {"type": "int", "required": True}}}}
    assert list(generated.rows(spec, {"x": {}})) == ["| `x` | dict | `{}` | a\\|b |", "| `x.y` | int | **required** |  |"]


def test_guide_to_the_inventory_knows_every_group_and_every_variable_of_the_estate() -> None:
    guide = (ROOT / "docs/inventory.md").read_text(encoding="utf-8")
    wanted = [*ESTATE_OPTIONS, *(name for component in COMPONENTS for name in (component.group, *component.required))]
    assert [name for name in wanted if f"`{name}`" not in guide] == []


def test_every_variable_of_a_playbook_is_in_the_list() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "playbooks").glob("*.yml"))
    used = set(re.findall(r"(?<![\w.])(?:controllers|report|exercise|ports|consumer_group_offsets|artifacts)_[a-z_]+", text))
    used |= set(re.findall(r"(?<![\w.])consumer_group_offsets(?= *[|}])", text))
    known = {name for options in variables.PLAYBOOK_OPTIONS.values() for name in options}
    assert used - {"report_question"} == known


def test_every_variable_is_in_the_list_once_and_described_where_it_says() -> None:
    text = (ROOT / "docs/variables.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \|.* \| \[[^]]*\]\(([^)#]+)[^)]*\) \|$", text, re.MULTILINE)
    names = [name for name, _ in listed]
    assert names == sorted(set(names))
    defaults = {name for path in (ROOT / "roles").glob("*/defaults/main.yml") for name in generated.load(path)}
    assert sorted({*ESTATE_OPTIONS, *PREFLIGHT_OPTIONS, *defaults} - set(names)) == []
    pages = {page: (ROOT / "docs" / page).read_text(encoding="utf-8") for _, page in listed}
    assert [name for name, page in listed if f"`{name}`" not in pages[page] and name not in pages[page]] == []


def test_documented_playbooks_and_make_targets_are_there() -> None:
    pages = (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "artifacts/README.md")
    words = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    playbooks = set(re.findall(r"\b(?:playbooks/[a-z_]+|site)\.yml\b", words))
    assert sorted(name for name in playbooks if not (ROOT / name).is_file()) == []
    targets = set(re.findall(r"^([a-z-]+)[a-z-]*:.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for name in re.findall(r"(?:`|^    )make ([a-z-]+)", words, re.MULTILINE) if not name.startswith("molecule-")}
    assert sorted(named - targets) == []


@pytest.mark.parametrize("role", sorted(path.name for path in (ROOT / "roles").iterdir()))
def test_a_role_is_tested_by_the_scenario_of_its_name(role: str) -> None:
    scenario = ROOT / "molecule" / role
    assert (scenario / "molecule.yml").is_file()
    # Java and what all roles have in common are installed with any component, and have no group.
    groups = set(generated.load(scenario / "inventory/hosts.yml"))
    assert role in groups or role in ("common", "java")
