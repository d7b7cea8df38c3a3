# SPDX-License-Identifier: Apache-2.0
"""What Prometheus and Alertmanager are told, all levels merged, held against itself: they refuse the whole file for it.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.conversion import Mistake, undefined_in
from ansible_collections.estate.kafka.plugins.module_utils.estate.foreign_forms import (
    unreachable,
    wrong_inhibitions,
    wrong_receivers,
    wrong_routes,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.forms import milliseconds
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found, Undefined
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory

# Keys of prometheus.yml that hold what the estate is watched by, with the variables that add to it.
WHOLE = {
    "scrape_configs": "Add yours with prometheus_scrape_configs: without the toolkit's own nothing of the estate is watched",
    "rule_files": "Add yours with prometheus_rules: without the toolkit's own there are no alerts",
}
# By role and key of its file: the variables of which nothing is left when an option gives that key.
HIDES: Mapping[str, Mapping[str, Collection[str]]] = {
    "alertmanager": {
        "global": ("global",),
        "inhibit_rules": ("inhibit_rules",),
        "receivers": ("receivers",),
        "route": ("receiver", "routes", "group_by", "group_wait", "group_interval", "repeat_interval"),
    },
    "prometheus": {"global": ("scrape_interval", "scrape_timeout", "evaluation_interval", "external_labels")},
}
FORMS: Mapping[str, Callable[[Any], Iterator[Mistake]]] = {
    "route": lambda value: wrong_routes([value]),
    "receivers": wrong_receivers,
    "inhibit_rules": wrong_inhibitions,
}
# Milliseconds. What alerts look at has two samples then, whichever end of it counts: Prometheus 3 leaves its first moment out.
LONGEST_INTERVAL = 120_000
# What the role writes where nobody is to be told.
NOBODY = {"name": "nobody"}


def check_monitoring(inventory: Inventory) -> None:
    """Tell the inventory what Prometheus and Alertmanager would refuse, and what would leave the estate unwatched."""
    for host in inventory.hosts_of("prometheus"):
        for name in ("prometheus_scrape_interval", "prometheus_evaluation_interval"):
            every = inventory.value(host, name, True)
            if isinstance(every, str) and milliseconds(every) > LONGEST_INTERVAL:
                remedy = "The toolkit's alerts look back 5 minutes, and Prometheus itself does not look further: write at most 2m"
                inventory.problem(host, name, every, remedy)
        interval, timeout = (inventory.value(host, f"prometheus_scrape_{name}", True) for name in ("interval", "timeout"))
        if isinstance(interval, str) and isinstance(timeout, str) and 0 < milliseconds(interval) < milliseconds(timeout):
            inventory.problem(
                host, "prometheus_scrape_timeout", timeout, f"prometheus_scrape_interval is {interval}: write at most as much"
            )
        for key in (one for one in WHOLE if one in inventory.options(host, "prometheus")):
            place = f"{inventory.level_of(host, 'prometheus', key)}.{key}"
            inventory.problem(host, place, Found("a value in place of all that the toolkit has there"), WHOLE[key])
    for role, keys in HIDES.items():
        for host in inventory.hosts_of(role):
            _check_hidden(inventory, host, role, keys)
    for host in inventory.hosts_of("alertmanager"):
        _check_forms(inventory, host)
        _check_ways(inventory, host)
        _check_names(inventory, host)


def _check_hidden(inventory: Inventory, host: str, role: str, keys: Mapping[str, Collection[str]]) -> None:
    """Variables that somebody wrote and an option of the same file takes the place of."""
    options = inventory.options(host, role)
    for key in (one for one in keys if options.get(one) is not None):
        place = f"{inventory.level_of(host, role, key)}.{key}"
        for variable in (f"{role}_{name}" for name in keys[key]):
            if variable in inventory.written.get(host, {}):
                remedy = f"{place} stands in its place, whole: keep one of them"
                inventory.problem(host, variable, inventory.hostvars[host][variable], remedy)


def _check_forms(inventory: Inventory, host: str) -> None:
    """What Alertmanager refuses in a part of its file that options give; the variables are looked at by themselves."""
    options = inventory.options(host, "alertmanager")
    for key, wrong in FORMS.items():
        value = options.get(key)
        for mistake in wrong(value) if value is not None and not undefined_in(value) else ():
            inside = mistake.path.removeprefix("[0]") if key == "route" else mistake.path
            place = f"{inventory.level_of(host, 'alertmanager', key)}.{key}{inside}"
            inventory.problem(host, place, mistake.found, mistake.remedy)


def _check_ways(inventory: Inventory, host: str) -> None:
    """Receivers that lack an address."""
    options = inventory.options(host, "alertmanager")
    place = "alertmanager_receivers"
    if "receivers" in options:
        place = f"{inventory.level_of(host, 'alertmanager', 'receivers')}.receivers"
    receivers = options.get("receivers", inventory.value(host, "alertmanager_receivers", True))
    whole = options.get("global", inventory.value(host, "alertmanager_global", True))
    for mistake in () if undefined_in([receivers, whole]) else unreachable(receivers, whole):
        found = Found("nothing") if mistake.found is None else mistake.found
        inventory.problem(host, f"{place}{mistake.path}", found, mistake.remedy)


def _check_names(inventory: Inventory, host: str) -> None:
    """Receivers and times that routes name and nobody defines."""
    options = inventory.options(host, "alertmanager")

    def given(key: str, variable: str) -> tuple[Any, str]:
        found = options.get(key)
        if found is not None:
            return found, f"{inventory.level_of(host, 'alertmanager', key)}.{key}"
        return inventory.value(host, variable, True), variable

    receivers, place = given("receivers", "alertmanager_receivers")
    receivers = receivers or ([NOBODY] if "route" in options else [])
    if not isinstance(receivers, list):
        return
    names = [one.get("name") for one in receivers if isinstance(one, Mapping)]
    if len(names) != len(set(map(str, names))) or not all(isinstance(name, (str, Undefined)) and name for name in names):
        if place == "alertmanager_receivers":
            remedy = "Give each receiver a name of its own"
            inventory.problem(host, place, Found("a receiver without a name, or with that of another"), remedy)
        return
    if isinstance(options.get("route"), Mapping):
        _, where = given("route", "")
        routes, used = [options["route"]], [(f"{where}.receiver", name) for _, name in _receivers([options["route"]])]
    else:
        where, routes = "alertmanager_routes", inventory.value(host, "alertmanager_routes", True) or []
        used = [("alertmanager_receiver", inventory.value(host, "alertmanager_receiver", True))]
        used += [(f"alertmanager_routes[{number}].receiver", name) for number, name in _receivers(routes)]
    times = [*(options.get("time_intervals") or ()), *(options.get("mute_time_intervals") or ())]
    known_times = [one.get("name") for one in times if isinstance(one, Mapping)]
    for inside, name in _times(routes):
        if isinstance(name, str) and name not in known_times and not undefined_in(times):
            remedy = "Define it under time_intervals in alertmanager_config, or take it out"
            inventory.problem(host, f"{where}{inside if where == 'alertmanager_routes' else ''}", name, remedy)
    for variable, name in used:
        if isinstance(name, str) and name and name not in names and not any(isinstance(one, Undefined) for one in names):
            known = ", ".join(map(str, names)) or "none"
            inventory.problem(host, variable, Found(repr(name)), f"Write the name of one of {place}: there are {known}")


def _receivers(routes: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Yield the receivers of routes and of all routes below them, with the number of the route on top."""
    for number, route in enumerate(routes):
        if isinstance(route, Mapping):
            if route.get("receiver"):
                yield number, route["receiver"]
            yield from ((number, name) for _, name in _receivers(route.get("routes") or []))


def _times(routes: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the names of times that routes and all routes below them are quiet or active in, with their places."""
    for number, route in enumerate(routes if isinstance(routes, list) else ()):
        if isinstance(route, Mapping):
            for key in ("mute_time_intervals", "active_time_intervals"):
                found = route.get(key)
                for place, name in enumerate(found if isinstance(found, list) else ()):
                    yield f"{where}[{number}].{key}[{place}]", name
            yield from _times(route.get("routes"), f"{where}[{number}].routes")
