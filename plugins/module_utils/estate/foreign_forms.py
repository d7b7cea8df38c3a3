# SPDX-License-Identifier: Apache-2.0
"""Variables in the form of another program: rules of Prometheus, routes and receivers of Alertmanager, exports of Kibana.  Pure.

Only what the program refuses whatever else there is, so that it is named before a host is touched.  Expressions are left to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.consoles.kibana_plan import OBJECT_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.estate.conversion import Mistake, wrong_keys

DURATION = re.compile(r"0|(?=\d)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?")
GROUP_KEYS = ("name", "interval", "query_offset", "limit", "labels", "rules")
RULE_KEYS = ("alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations")
ROUTE_KEYS = (
    *("receiver", "routes", "continue", "group_by", "group_wait", "group_interval", "repeat_interval"),
    *("matchers", "match", "match_re", "mute_time_intervals", "active_time_intervals"),
)
# Of an alert of the toolkit, what an inventory may change.
CHANGES = ("for", "expr", "labels", "annotations")
BRACKETS = {"(": ")", "[": "]", "{": "}"}
# Ways to tell somebody: what each needs, any of several, and the setting under global that may stand for it.
NEEDS: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "email_configs": ((("to",), ""), (("from",), "smtp_from"), (("smarthost",), "smtp_smarthost")),
    "webhook_configs": ((("url", "url_file"), ""),),
    "slack_configs": ((("api_url", "api_url_file"), "slack_api_url"),),
    "pagerduty_configs": ((("routing_key", "routing_key_file", "service_key", "service_key_file"), ""),),
    "opsgenie_configs": ((("api_key", "api_key_file"), "opsgenie_api_key"),),
    "telegram_configs": ((("chat_id", "chat_id_file"), ""),),
    "msteams_configs": ((("webhook_url", "webhook_url_file"), ""),),
    "discord_configs": ((("webhook_url", "webhook_url_file"), ""),),
}
ADDRESS = re.compile(r"https?://[^\s/]")
IN_TIME = "It must be a duration such as 30s, 5m or 1h, with its unit and without blanks"


def wrong_rules(files: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield what Prometheus refuses in ``prometheus_rules``: files by name, each with groups of rules."""
    for name, content in files.items():
        yield from wrong_keys(content, ("groups",), f".{name}")
        yield from _not_lists(content, ("groups",), f".{name}")
        names: set[str] = set()
        for where, group in _mappings(content.get("groups"), f".{name}.groups"):
            yield from wrong_keys(group, GROUP_KEYS, where)
            title = group.get("name")
            if not isinstance(title, str) or not title or title in names:
                yield Mistake(f"{where}.name", title, "Give each group of a file a name of its own")
            names.add(str(title))
            yield from _wrong_durations(group, ("interval", "query_offset"), where)
            yield from _not_lists(group, ("rules",), where)
            for place, rule in _mappings(group.get("rules"), f"{where}.rules"):
                yield from _wrong_rule(rule, place)


def _wrong_rule(rule: Mapping[str, Any], where: str) -> Iterator[Mistake]:
    yield from wrong_keys(rule, RULE_KEYS, where)
    given = [key for key in ("alert", "record") if rule.get(key)]
    if len(given) != 1:
        yield Mistake(where, dict(rule), "A rule has one of alert and record, with its name: give one")
    expression = rule.get("expr")
    if expression in (None, "") or isinstance(expression, (Mapping, list)):
        yield Mistake(f"{where}.expr", expression, "Write an expression of PromQL")
    if given == ["record"]:
        for key in ("for", "keep_firing_for", "annotations"):
            if rule.get(key):
                yield Mistake(f"{where}.{key}", rule[key], "Only an alert has it: take it out of a rule with record")
    else:
        yield from _open_brackets(expression, f"{where}.expr")
    yield from _wrong_durations(rule, ("for", "keep_firing_for"), where)
    yield from _wrong_texts(rule, where)


def wrong_alerts(alerts: Any) -> Iterator[Mistake]:
    """Yield the changes of the toolkit's alerts that are none; whether there is such an alert is told elsewhere."""
    for name, change in alerts.items() if isinstance(alerts, Mapping) else ():
        where = f".{name}"
        if change is not None and not isinstance(change, Mapping):
            yield Mistake(where, change, f"Write a mapping with some of {', '.join(CHANGES)}, or null to remove the alert")
        elif change:
            yield from wrong_keys(change, CHANGES, where)
            yield from _wrong_durations(change, ("for",), where)
            yield from _wrong_texts(change, where)
            yield from _open_brackets(change.get("expr"), f"{where}.expr")


def wrong_scrapes(scrapes: Any) -> Iterator[Mistake]:
    """Yield scrapes without a name, or with that of another: Prometheus refuses the whole file for it."""
    names: set[str] = set()
    for place, scrape in _mappings(scrapes, ""):
        yield from _no_own_name(scrape, "job_name", place, names, "Give each scrape a name that no other has")
        for where, config in _mappings(scrape.get("static_configs"), f"{place}.static_configs"):
            for number, target in enumerate(config["targets"] if isinstance(config.get("targets"), list) else ()):
                if isinstance(target, str) and "/" in target and "{{" not in target:
                    remedy = "Write host:port; scheme and metrics_path are settings of the scrape"
                    yield Mistake(f"{where}.targets[{number}]", target, remedy)


def _no_own_name(item: Mapping[str, Any], key: str, place: str, names: set[str], remedy: str) -> Iterator[Mistake]:
    """Yield an item without a name, or with one of ``names``, those before it, to which its own is added."""
    name = item.get(key)
    if not isinstance(name, str) or not name or name in names:
        yield Mistake(f"{place}.{key}", name, remedy)
    names.add(str(name))


def _open_brackets(expression: Any, where: str) -> Iterator[Mistake]:
    """Yield an expression of PromQL in which a bracket is open, or closed without having been opened."""
    if not isinstance(expression, str) or "{{" in expression:
        return
    waiting: list[str] = []
    for sign in re.sub(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`|#[^\n]*", "", expression):
        if sign in BRACKETS:
            waiting.append(BRACKETS[sign])
        elif sign in BRACKETS.values() and (not waiting or waiting.pop() != sign):
            yield Mistake(where, expression, f"The {sign} in it closes no bracket: correct the expression")
            return
    if waiting:
        yield Mistake(where, expression, f"A {waiting[-1]} is missing in it: correct the expression")


def _wrong_texts(rule: Mapping[str, Any], where: str) -> Iterator[Mistake]:
    for key in ("labels", "annotations"):
        found = rule.get(key)
        if found is not None and not (isinstance(found, Mapping) and not any(map(_is_several, found.values()))):
            yield Mistake(f"{where}.{key}", found, "Write a mapping of names and texts")


def wrong_routes(routes: Any, where: str = "") -> Iterator[Mistake]:
    """Yield what Alertmanager refuses in routes, and in all routes below them."""
    for place, route in _mappings(routes, where):
        yield from wrong_keys(route, ROUTE_KEYS, place)
        yield from _wrong_durations(route, ("group_wait", "group_interval", "repeat_interval"), place)
        yield from _wrong_matchers(route, ("matchers",), place)
        for key in ("match", "match_re"):
            if route.get(key) is not None and not isinstance(route[key], Mapping):
                yield Mistake(f"{place}.{key}", route[key], "Write a mapping of labels and values")
        yield from _not_lists(route, ("routes", "group_by", "mute_time_intervals", "active_time_intervals"), place)
        yield from wrong_routes(route.get("routes"), f"{place}.routes")


def wrong_inhibitions(rules: Any) -> Iterator[Mistake]:
    """Yield what Alertmanager refuses in rules of inhibition."""
    for place, rule in _mappings(rules, ""):
        yield from _not_lists(rule, ("equal",), place)
        yield from _wrong_matchers(rule, ("source_matchers", "target_matchers"), place)


def wrong_receivers(receivers: Any) -> Iterator[Mistake]:
    """Yield the receivers without a name of their own, and the keys that are no lists of ways to tell somebody."""
    names: set[str] = set()
    for place, receiver in _mappings(receivers, ""):
        yield from _no_own_name(receiver, "name", place, names, "Give each receiver a name of its own")
        for key, found in receiver.items():
            if key == "name":
                continue
            if not str(key).endswith("_configs"):
                remedy = f"Write {key}s" if str(key).endswith("_config") else "Write name, and lists such as webhook_configs"
                yield Mistake(f"{place}.{key}", found, f"A receiver has no such key. {remedy}")
            elif found is not None and not (isinstance(found, list) and all(isinstance(one, Mapping) for one in found)):
                yield Mistake(f"{place}.{key}", found, "Write a list of mappings")


def unreachable(receivers: Any, whole: Any) -> Iterator[Mistake]:
    """Yield the ways to tell somebody that lack an address; ``whole`` is what stands under ``global``."""
    given = whole if isinstance(whole, Mapping) else {}
    for place, receiver in _mappings(receivers, ""):
        for kind, needs in NEEDS.items():
            for where, way in _mappings(receiver.get(kind), f"{place}.{kind}"):
                for keys, of_all in needs:
                    of_estate = of_all and (given.get(of_all) or given.get(f"{of_all}_file"))
                    if not of_estate and not any(way.get(key) for key in keys):
                        instead = f", or {of_all} in alertmanager_global" if of_all else ""
                        yield Mistake(f"{where}.{keys[0]}", None, f"Write {keys[0]}{instead}: nobody is told without it")
                url = way.get("url")
                if kind == "webhook_configs" and isinstance(url, str) and "{{" not in url and not ADDRESS.match(url):
                    yield Mistake(f"{where}.url", url, "Write an address that begins with http:// or https://")


def wrong_views(views: Any) -> Iterator[Mistake]:
    """Yield the data views of Kibana whose id is none, or that of another."""
    yield from _twice(views, lambda view: (view.get("id"),), "Give each data view an id of its own")


def wrong_objects(objects: Any) -> Iterator[Mistake]:
    """Yield what Kibana's import refuses in saved objects, and those that are one object twice."""
    for place, one in _mappings(objects, ""):
        if "exportedCount" in one:
            yield Mistake(place, dict(one), "It is the summary at the end of an export, and no object: remove it")
            continue
        yield from wrong_keys(one, OBJECT_SPEC, place)
        if not isinstance(one.get("attributes"), Mapping):
            yield Mistake(f"{place}.attributes", one.get("attributes"), "Write a mapping, as Kibana exports it")
        yield from _not_lists(one, ("references",), place)
        for number, reference in enumerate(one["references"] if isinstance(one.get("references"), list) else ()):
            if not (
                isinstance(reference, Mapping) and all(isinstance(reference.get(key), str) for key in ("type", "id", "name"))
            ):
                yield Mistake(f"{place}.references[{number}]", reference, "Write a mapping with type, id and name")
    remedy = "Give each object its type, and an id that no other of the type has"
    yield from _twice(objects, lambda one: (one.get("id"), one.get("type")), remedy)


# What judges a variable by its name.
FORMS: Mapping[str, Callable[[Any], Iterator[Mistake]]] = {
    "prometheus_rules": wrong_rules,
    "prometheus_alerts": wrong_alerts,
    "prometheus_scrape_configs": wrong_scrapes,
    "alertmanager_routes": wrong_routes,
    "alertmanager_inhibit_rules": wrong_inhibitions,
    "alertmanager_receivers": wrong_receivers,
    "kibana_data_views": wrong_views,
    "kibana_saved_objects": wrong_objects,
}


def _is_several(value: Any) -> bool:
    return isinstance(value, (Mapping, list))


def _mappings(items: Any, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield place and item of those items of a list that are mappings; the type of the others is told elsewhere."""
    for number, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, Mapping):
            yield f"{where}[{number}]", item


def _not_lists(value: Mapping[str, Any], keys: Collection[str], where: str) -> Iterator[Mistake]:
    for key in keys:
        if value.get(key) is not None and not isinstance(value[key], list):
            yield Mistake(f"{where}.{key}", value[key], "It must be a list")


def _wrong_durations(value: Mapping[str, Any], keys: Collection[str], where: str) -> Iterator[Mistake]:
    for key in keys:
        found = value.get(key)
        if found not in (None, "", "0", 0) and not (isinstance(found, str) and DURATION.fullmatch(found)):
            yield Mistake(f"{where}.{key}", found, IN_TIME)


def _wrong_matchers(value: Mapping[str, Any], keys: Collection[str], where: str) -> Iterator[Mistake]:
    for key in keys:
        found = value.get(key)
        for number, matcher in enumerate(found if isinstance(found, list) else ()):
            if not isinstance(matcher, str) or not re.search(r"=|!~", matcher):
                yield Mistake(f"{where}.{key}[{number}]", matcher, 'Write a matcher such as severity="critical"')
    yield from _not_lists(value, keys, where)


def _twice(items: Any, key: Callable[[Mapping[str, Any]], tuple[Any, ...]], remedy: str) -> Iterator[Mistake]:
    seen: set[tuple[str, ...]] = set()
    for place, item in _mappings(items, ""):
        found = key(item)
        if not all(isinstance(part, str) and part for part in found) or found in seen:
            yield Mistake(f"{place}.id", item.get("id"), remedy)
        seen.add(tuple(map(str, found)))
