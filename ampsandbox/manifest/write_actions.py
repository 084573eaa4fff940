"""Reads write actions of both dialects into write objects."""

from __future__ import annotations

from ampsandbox.errors import nearest
from ampsandbox.manifest import format_keys
from ampsandbox.manifest.format_keys import KeyFormat
from ampsandbox.manifest.model import MANIFEST_MODES, CustomField, Mode, ObjectKind, WriteObject
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.sections import Section, SectionReader
from ampsandbox.manifest.standard_objects import label_of
from ampsandbox.manifest.value_reader import ValueReader, did_you_mean, misspells
from ampsandbox.manifest.yaml_tree import YamlMap, place

_MODE_MEANINGS = {
    "create": "insert",
    "add": "insert",
    "upsert": "update",
    "edit": "update",
    "patch": "update",
}
_TYPE_KEYS = frozenset({"type", "fieldtype", "valuetype", "datatype"})


class WriteReader:
    """Builds write objects, with a finding for everything that is missing or wrong."""

    def __init__(self, values: ValueReader) -> None:
        self.values = values
        self.report = values.report

    def action(self, action: YamlMap) -> list[WriteObject]:
        """The objects of an action of type `write` (2023), standard ones first."""
        self.values.known_keys(action, format_keys.WRITE_ACTION.keys, "a write action")
        objects = [
            *self._objects(action, "standardObjects", ObjectKind.STANDARD, format_keys.STANDARD_OBJECT),
            *self._objects(action, "customObjects", ObjectKind.CUSTOM, format_keys.CUSTOM_OBJECT),
            *self._mixed(action),
        ]
        if not any(action.node_of(key) for key in ("standardObjects", "customObjects", "objects")):
            message = "A write action needs `standardObjects` or `customObjects`."
            self.report.add("write-objects", action.position, message)
        return objects

    def v1(self, write: Section, *, has_mapped_objects: bool) -> list[WriteObject]:
        """The objects of `write.objects` in 1.0.0 and the 1.1.0 drafts: nothing but names."""
        items = write.sections("objects")
        if not items and not has_mapped_objects:
            position = write.position_of("objects")
            self.report.add("write-objects", position, "`write` must contain an 'objects' list.")
        return [built for item in items if (built := _v1_object(item))]

    def _mixed(self, action: YamlMap) -> list[WriteObject]:
        """`objects:` under an action, as in the quickstart of January 2024."""
        objects = []
        for item in self.values.maps(action, "objects"):
            if item.entries.keys() & {"mode", "endpoint"}:
                objects.append(self._object(item, ObjectKind.STANDARD, format_keys.CUSTOM_OBJECT))
            else:
                section = SectionReader(self.report).from_map(
                    item, "a write object of specVersion 1.0.0", format_keys.WRITE_OBJECT_V1
                )
                objects.append(_v1_object(section))
        return [item for item in objects if item is not None]

    def _objects(self, action: YamlMap, key: str, kind: ObjectKind, shape: KeyFormat) -> list[WriteObject]:
        objects = [self._object(item, kind, shape) for item in self.values.maps(action, key)]
        return [item for item in objects if item is not None]

    def _object(self, item: YamlMap, kind: ObjectKind, shape: KeyFormat) -> WriteObject | None:
        values = self.values
        of = f"a {kind} object"
        values.known_keys(item, shape.keys, of)
        name = values.required(item, "objectName", of)
        mode = self._mode(item, of)
        endpoint = values.required(item, "endpoint", of)
        schedule = values.text(item, "schedule")
        fields = [self._field(field) for field in self.values.maps(item, "customFields")]
        custom_fields = tuple(field for field in fields if field is not None)
        if name is None:
            return None
        positions = item.positions()
        return WriteObject(
            name,
            kind,
            mode,
            endpoint,
            schedule,
            self._display_name(item, name) if kind is ObjectKind.CUSTOM else None,
            values.text(item, "prompt") if kind is ObjectKind.CUSTOM else None,
            custom_fields,
            positions["objectName"],
            positions,
        )

    def _mode(self, item: YamlMap, of: str) -> Mode | None:
        text = self.values.required(item, "mode", of)
        if text is None or text in MANIFEST_MODES:
            return Mode(text) if text else None
        meant = _MODE_MEANINGS.get(text.lower()) or nearest(text, MANIFEST_MODES)
        position = item.position_of("mode")
        fix = self.report.replacement(position, text, meant) if meant and misspells(text, meant) else None
        message = f"The mode {shown(text)} is neither `insert` nor `update`."
        self.report.add("mode-value", position, message, did_you_mean(meant), fix)
        return None

    def _field(self, field: YamlMap) -> CustomField | None:
        for key in field.entries:
            if key.lower() in _TYPE_KEYS:
                message = f"Only string fields can be created: `{key}` is ignored."
                position = place(field.entries[key].key_node, field.path_of(key))
                self.report.add(
                    "string-fields-only", position, message, "Remove it, and write the value as text."
                )
        known = {
            key for key in field.entries if key.lower() in _TYPE_KEYS
        } | format_keys.CUSTOM_FIELD.keys.keys()
        self.values.known_keys(field, known, "a custom field")
        name = self.values.required(field, "fieldName", "a custom field")
        if name is None:
            return None
        display_name = self._display_name(field, name)
        prompt = self.values.text(field, "prompt")
        positions = field.positions()
        return CustomField(name, display_name, prompt, positions["fieldName"], positions)

    def _display_name(self, owner: YamlMap, name: str) -> str:
        text = self.values.text(owner, "displayName")
        if text is not None:
            return text
        derived = label_of(name)
        self.report.add(
            "missing-display-name",
            place(owner.node, owner.path),
            f"{shown(name)} has no `displayName`; {shown(derived)} is taken.",
            f"Add `displayName: {shown(derived)[1:-1]}`.",
        )
        return derived


def _v1_object(item: Section) -> WriteObject | None:
    name, defaults = item.text("objectName"), item.section("valueDefaults")
    if name is None:
        return None
    return WriteObject(
        name,
        ObjectKind.STANDARD,
        None,
        None,
        position=item.position_of("objectName"),
        positions=item.positions,
        inherit_mapping=item.values.get("inheritMapping") is True,
        allows_any_default=defaults is not None and defaults.values.get("allowAnyFields") is True,
    )
