"""The public rules of `read`, `subscribe`, `proxy` and `watchSchema` in 1.0.0.

The sandbox does not exercise these parts. What `amp deploy` calls an error in them is a warning here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import yaml

from ampsandbox.manifest.format_keys import INTEGRATION_V1, KeyFormat
from ampsandbox.manifest.model import Position, Provider
from ampsandbox.manifest.quoting import shown, visible
from ampsandbox.manifest.report import SoftReport
from ampsandbox.manifest.schedule import CronSchedule, ScheduleError, parse_schedule, upcoming
from ampsandbox.manifest.value_reader import ValueReader, did_you_mean, nearest
from ampsandbox.manifest.yaml_tree import YamlMap, place

MAX_SALESFORCE_SUBSCRIPTIONS = 5
PAGE_SIZES = range(50, 501)
LARGE_BACKFILL_DAYS = 180
_MIN_INTERVAL = timedelta(minutes=10)
_FREQUENT = timedelta(minutes=15)
_REFERENCE = datetime(2024, 1, 1, tzinfo=UTC)
_EVENTS = ("createEvent", "updateEvent", "deleteEvent", "associationChangeEvent")


class InertReader:
    """Looks through the parts of one integration that are loaded but not exercised."""

    def __init__(self, report: SoftReport) -> None:
        self.report = report
        self.values = ValueReader(report)

    def check(self, integration: YamlMap, provider: str | None) -> None:
        """Report what `amp deploy` would reject, and what it would warn of."""
        for key in ("read", "subscribe", "proxy", "watchSchema"):
            node = integration.node_of(key)
            if node is not None:
                self._keys(node, integration.path_of(key), INTEGRATION_V1.keys[key], f"`{key}`")
        read = _child(integration, "read")
        if read is not None:
            self._read(read)
        subscribe = _child(integration, "subscribe")
        if subscribe is not None:
            self._subscribe(subscribe, provider, has_read=read is not None)

    def scan(self, node: yaml.Node, path: str) -> None:
        """Report odd and repeated keys anywhere in a part whose format is not looked at any further."""
        if isinstance(node, yaml.MappingNode):
            owner = self.values.as_map(node, path, path)
            for key, entry in owner.entries.items() if owner else ():
                self.scan(entry.node, f"{path}.{visible(key)}")
        elif isinstance(node, yaml.SequenceNode):
            for index, child in enumerate(node.value):
                self.scan(child, f"{path}[{index}]")

    def _keys(self, node: yaml.Node, path: str, shape: KeyFormat, where: str) -> None:
        """Compare a part with its shape: kinds of values and known keys, all the way down."""
        if shape.type == "object" and shape.keys:
            owner = self.values.as_map(node, path, where.strip("`"))
            if owner is None:
                return
            self.values.known_keys(owner, shape.keys, where)
            for key in shape.required:
                if key != "objects" and owner.node_of(key) is None:
                    self.values.missing(owner, key, where)
            for key, child in shape.keys.items():
                value = owner.node_of(key)
                if value is not None:
                    self._keys(value, owner.path_of(key), child, f"`{key}`")
        elif shape.items is not None and isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self._keys(item, f"{path}[{index}]", shape.items, where)
        elif shape.enum and isinstance(node, yaml.ScalarNode) and node.value not in shape.enum:
            self._wrong_value(node.value, place(node, path), shape, where)

    def _wrong_value(self, value: str, position: Position, shape: KeyFormat, where: str) -> None:
        message = f"{where} is {shown(value)}, but must be {' or '.join(shape.enum)}."
        rule = "delivery-mode" if where == "`mode`" else "allowed-value"
        self.report.add(rule, position, message, did_you_mean(nearest(value, shape.enum)))

    def _read(self, read: YamlMap) -> None:
        if not read.items("objects"):
            self.report.add("read-objects", read.position, "`read` must contain an 'objects' list.")
        seen: dict[str, Position] = {}
        for item in _children(read, "objects"):
            name = self._named(item, "read", seen)
            if name is not None:
                self._read_object(item)

    def _named(self, item: YamlMap, action: str, seen: dict[str, Position]) -> str | None:
        name = _scalar(item, "objectName")
        if name is not None and name in seen:
            message = f"The object {shown(name)} is already in line {seen[name].line}."
            position = item.position_of("objectName")
            self.report.add(f"duplicate-{action}-object", position, message, "Remove one of them.")
        if name is not None:
            seen.setdefault(name, item.position_of("objectName"))
        return name

    def _read_object(self, item: YamlMap) -> None:
        schedule = self.values.text(item, "schedule")
        if schedule is not None:
            self._read_schedule(schedule, item.position_of("schedule"))
        self._delivery(item)
        self._backfill(item)
        self._mappings(item)

    def _read_schedule(self, text: str, position: Position) -> None:
        try:
            schedule = parse_schedule(text)
        except ScheduleError as error:
            self.report.add("schedule-syntax", position, f"The schedule {error.message}.", error.hint)
            return
        if not isinstance(schedule, CronSchedule):
            message = f"The schedule of a read is five-field cron, not {shown(text)}."
            self.report.add("schedule-syntax", position, message, "Use cron, such as `0 */2 * * *`.")
            return
        first, second, third = upcoming(schedule, 3, _REFERENCE)
        shortest = min(second - first, third - second)
        if shortest < _MIN_INTERVAL:
            message = f"{shown(text)} reads more often than every 10 minutes."
            self.report.add(
                "schedule-minimum-interval", position, message, "Use `*/10 * * * *` or less often."
            )
        elif shortest <= _FREQUENT:
            message = f"{shown(text)} reads every {shortest // timedelta(minutes=1)} minutes."
            self.report.add(
                "frequent-schedule-risk", position, message, "Mind the rate limits of the provider."
            )

    def _delivery(self, item: YamlMap) -> None:
        delivery = _child(item, "delivery")
        if delivery is None:
            return
        mode, size = _scalar(delivery, "mode"), _scalar(delivery, "pageSize")
        position = delivery.position_of("pageSize")
        if mode == "auto" and size is not None:
            self.report.add("delivery-mode", position, "`pageSize` cannot be set with `mode: auto`.")
        if mode == "onRequest" and (size is None or not size.isdecimal() or int(size[:9]) not in PAGE_SIZES):
            message = f"`mode: onRequest` needs a `pageSize` from {PAGE_SIZES[0]} to {PAGE_SIZES[-1]}."
            self.report.add("delivery-mode", position, message)

    def _backfill(self, item: YamlMap) -> None:
        backfill = _child(item, "backfill")
        period = _child(backfill, "defaultPeriod") if backfill else None
        if period is None:
            return
        days, full = _scalar(period, "days"), _scalar(period, "fullHistory")
        is_full = full is not None and full.lower() == "true"
        if (days is not None) == (full is not None):
            message = "`defaultPeriod` needs either `days` or `fullHistory`."
            self.report.add("backfill-config", period.position, message)
        elif days is not None and not days.isdecimal():
            self.report.add("backfill-config", period.position_of("days"), "`days` must be 0 or more.")
        elif is_full or (days is not None and int(days[:9]) > LARGE_BACKFILL_DAYS):
            position = period.position_of("days" if days else "fullHistory")
            message = "A backfill this large may take very long."
            self.report.add("large-backfill-risk", position, message, "Try a shorter period first.")

    def _mappings(self, item: YamlMap) -> None:
        seen: dict[str, Position] = {}
        for key in ("requiredFields", "optionalFields"):
            for field in _children(item, key):
                name = _scalar(field, "mapToName")
                if name is not None and name in seen:
                    message = f"{shown(name)} is already mapped to in line {seen[name].line}."
                    self.report.add("field-mapping-unique", field.position_of("mapToName"), message)
                if name is not None:
                    seen.setdefault(name, field.position_of("mapToName"))

    def _subscribe(self, subscribe: YamlMap, provider: str | None, *, has_read: bool) -> None:
        report, position = self.report, subscribe.position
        objects = _children(subscribe, "objects")
        if not has_read:
            report.add("subscribe-requires-read", position, "`subscribe` needs a `read` beside it.")
        if not objects:
            report.add("subscribe-objects", position, "`subscribe` must contain an 'objects' list.")
        if provider == Provider.SALESFORCE and len(objects) > MAX_SALESFORCE_SUBSCRIPTIONS:
            message = f"Salesforce lets an integration watch at most {MAX_SALESFORCE_SUBSCRIPTIONS} objects."
            report.add("salesforce-subscribe-limit", subscribe.position_of("objects"), message)
        seen: dict[str, Position] = {}
        for item in objects:
            self._named(item, "subscribe", seen)
            self._subscription(item)

    def _subscription(self, item: YamlMap) -> None:
        inherit = _scalar(item, "inheritFieldsAndMapping")
        if inherit is None or inherit.lower() != "true":
            position = item.position_of("inheritFieldsAndMapping")
            message = "`inheritFieldsAndMapping` must be true."
            self.report.add("subscribe-inherit-fields", position, message)
        if not any(item.node_of(event) for event in (*_EVENTS, "otherEvents")):
            message = "No event of this object is enabled."
            self.report.add(
                "subscribe-minimum-events", item.position, message, f"Add one of {', '.join(_EVENTS)}."
            )
        update = _child(item, "updateEvent")
        if update is not None:
            self._update_event(update)

    def _update_event(self, update: YamlMap) -> None:
        fields, auto = update.items("requiredWatchFields"), _scalar(update, "watchFieldsAuto")
        if bool(fields) == (auto is not None):
            message = "`updateEvent` needs either `requiredWatchFields` or `watchFieldsAuto`."
            self.report.add("update-event-watch-fields", update.position, message)
        for node in fields:
            if isinstance(node, yaml.ScalarNode) and re.search(r"[.\[]", node.value):
                position = place(node, update.path_of("requiredWatchFields"))
                message = f"{shown(node.value)} is a nested path; only fields of the object can be watched."
                self.report.add("watch-fields-no-nesting", position, message)


def _child(owner: YamlMap, key: str) -> YamlMap | None:
    node = owner.node_of(key)
    return YamlMap(node, owner.path_of(key)) if isinstance(node, yaml.MappingNode) else None


def _children(owner: YamlMap, key: str) -> list[YamlMap]:
    path = owner.path_of(key)
    nodes = enumerate(owner.items(key))
    return [YamlMap(node, f"{path}[{i}]") for i, node in nodes if isinstance(node, yaml.MappingNode)]


def _scalar(owner: YamlMap, key: str) -> str | None:
    node = owner.node_of(key)
    return node.value if isinstance(node, yaml.ScalarNode) and node.value else None
