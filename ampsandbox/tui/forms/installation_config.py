"""An installation's config as lines that can be ticked and filled in, and what a change of one makes of it.

The content is the JSON of Ampersand's config; see `ampsandbox.engine.config`. Members that have no line stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from ampsandbox.engine.config import everything_ticked
from ampsandbox.tui.forms.fields import number
from ampsandbox.tui.text.sanitize import as_text

if TYPE_CHECKING:
    from ampsandbox.manifest.model import Integration, ReadObject

Content = dict[str, Any]
Kind = Literal[
    "heading", "object", "deletes", "setting", "new-setting", "field", "mapping", "values", "proxy"
]

_DELETES: Final = "deletionSettings"
_SETTINGS: Final = "selectedFieldSettings"
_FIELDS: Final = "selectedFields"
_MAPPINGS: Final = "selectedFieldMappings"
_VALUES: Final = "selectedValueMappings"
ON_CREATE: Final = ("always", "never")
ON_UPDATE: Final = ("always", "never", "ifEmpty")


class ConfigLine(msgspec.Struct, frozen=True):
    """One line of a config.

    Args:
        kind: What it is about.
        action: The part of the config: `write`, `read` or `proxy`.
        object: The object, by the name that the config has or gets.
        name: The field, or the name that the app has for a mapped one.
        text: What the line says.
        value: What was chosen, where that is more than a tick.
        is_ticked: Whether it is ticked; None where there is nothing to tick.
    """

    kind: Kind
    action: str
    object: str = ""
    name: str = ""
    text: str = ""
    value: str = ""
    is_ticked: bool | None = None

    @property
    def key(self) -> str:
        """Tells lines apart."""
        return json.dumps([self.kind, self.action, self.object, self.name])

    @property
    def depth(self) -> int:
        """How far the line is indented."""
        return {"heading": 0, "proxy": 0, "object": 1}.get(self.kind, 2)


def lines_of(content: Mapping[str, Any], integration: Integration) -> Iterator[ConfigLine]:
    """Everything that a customer can choose, and what was chosen."""
    yield ConfigLine("heading", "write", text="Written")
    written = _objects(content, "write")
    for item in integration.objects:
        name, chosen = _find(written, item.name, *_read_names(integration, item.name))
        yield ConfigLine("object", "write", name, item.name, item.name, is_ticked=chosen is not None)
        if chosen is not None:
            allows = (chosen.get(_DELETES) or {}).get("enabled") is True
            yield ConfigLine("deletes", "write", name, text="deletes", is_ticked=allows)
            for field, setting in (chosen.get(_SETTINGS) or {}).items():
                yield ConfigLine("setting", "write", name, field, field, setting_words(setting))
            yield ConfigLine("new-setting", "write", name, text="a field's default, or when it is written…")
    if integration.reads:
        yield ConfigLine("heading", "read", text="Read, for the mappings that writes inherit")
    for read in integration.reads:
        yield from _read_lines(content, read)
    if integration.proxy is not None and integration.proxy.is_enabled:
        is_ticked = bool((content.get("proxy") or {}).get("enabled"))
        yield ConfigLine("proxy", "proxy", text="Requests passed through (proxy)", is_ticked=is_ticked)


def _read_lines(content: Mapping[str, Any], read: ReadObject) -> Iterator[ConfigLine]:
    names = [read.name, *([read.map_to_name] if read.map_to_name else [])]
    name, chosen = _find(_objects(content, "read"), *names)
    words = f"{read.name} as {read.map_to_name}" if read.map_to_name else read.name
    yield ConfigLine("object", "read", name, read.name, words, is_ticked=chosen is not None)
    if chosen is None:
        return
    fields, mappings = chosen.get(_FIELDS) or {}, chosen.get(_MAPPINGS) or {}
    for each in read.fields:
        required = " *" if each.is_required else ""
        if each.field_name:
            words = f"{each.field_name} as {each.map_to_name}" if each.map_to_name else each.field_name
            is_ticked = fields.get(each.field_name) is True
            yield ConfigLine("field", "read", name, each.field_name, words + required, is_ticked=is_ticked)
        elif each.map_to_name:
            value = as_text(mappings.get(each.map_to_name) or "")
            yield ConfigLine("mapping", "read", name, each.map_to_name, each.map_to_name + required, value)
    for field, values in (chosen.get(_VALUES) or {}).items():
        words = ", ".join(f"{app} = {crm}" for app, crm in values.items())
        yield ConfigLine("values", "read", name, field, f"values of {field}", words)
    yield ConfigLine("values", "read", name, text="values of a field, mapped…")


def setting_words(setting: Mapping[str, Any]) -> str:
    """A field setting in words: its default, and when it is written."""
    found = [as_text(value) for value in (setting.get("default") or {}).values() if value is not None]
    words = [f"default {found[0]}"] if found else []
    words += [f"on create {setting['writeOnCreate']}"] if setting.get("writeOnCreate") else []
    words += [f"on update {setting['writeOnUpdate']}"] if setting.get("writeOnUpdate") else []
    return " · ".join(words) or "no setting"


def summary(content: Mapping[str, Any], integration: Integration) -> str:
    """What was chosen, in a few words."""
    if content == everything_ticked(integration):
        return "everything ticked"
    lines = list(lines_of(content, integration))
    objects = [line.is_ticked for line in lines if line.kind == "object" and line.action == "write"]
    settings = sum(line.kind == "setting" for line in lines)
    words = f"{sum(map(bool, objects))} of {len(objects)} objects ticked"
    return words + (f" · {settings} field setting{'s' * (settings != 1)}" if settings else "")


def refusals(content: Mapping[str, Any], integration: Integration, object_name: str) -> str:
    """What the config keeps from being written to an object; nothing where all is allowed."""
    mine = [
        line
        for line in lines_of(content, integration)
        if line.action == "write" and (line.name == object_name or line.kind == "deletes")
    ]
    found = next((line for line in mine if line.kind == "object"), None)
    if found is None:
        return ""
    if not found.is_ticked:
        return "not ticked at installation: writes are refused"
    allows = next(
        (line.is_ticked for line in mine if (line.kind, line.object) == ("deletes", found.object)), True
    )
    return "" if allows else "no deletes"


# -- changes -------------------------------------------------------------------------------------------------


def toggled(content: Mapping[str, Any], integration: Integration, line: ConfigLine) -> Content:
    """The config with a line ticked, or not ticked any more."""
    changed = deepcopy(dict(content))
    if line.kind == "proxy":
        changed["proxy"] = {"enabled": not line.is_ticked}
    elif line.kind == "object":
        objects = changed.setdefault(line.action, {}).setdefault("objects", {})
        if line.is_ticked:
            del objects[line.object]
        else:
            objects[line.object] = everything_ticked(integration)[line.action]["objects"][line.name]
    elif line.kind == "deletes":
        _chosen(changed, line)[_DELETES] = {"enabled": not line.is_ticked}
    elif line.kind == "field":
        _member(_chosen(changed, line), _FIELDS)[line.name] = not line.is_ticked
    return changed


def mapped(content: Mapping[str, Any], line: ConfigLine, field: str) -> Content:
    """The config with a name of the app mapped to a field of the CRM; to none where it is empty."""
    changed = deepcopy(dict(content))
    mappings = _member(_chosen(changed, line), _MAPPINGS)
    mappings.pop(line.name, None)
    if field:
        mappings[line.name] = field
    return changed


def with_values(content: Mapping[str, Any], line: ConfigLine, field: str, text: str) -> Content:
    """The config with values of a field mapped: `hot = 1, cold = 2`; not any more where the text is empty."""
    changed = deepcopy(dict(content))
    chosen = _chosen(changed, line)
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    values = _member(chosen, _VALUES)
    values.pop(field, None)
    if pairs:
        values[field] = {app.strip(): crm.strip() for app, _, crm in pairs}
    if not values:
        del chosen[_VALUES]
    return changed


def with_setting(
    content: Mapping[str, Any], line: ConfigLine, field: str, default: str, on_create: str, on_update: str
) -> Content:
    """The config with a field's setting; without one where all three are empty."""
    changed = deepcopy(dict(content))
    chosen = _chosen(changed, line)
    settings = _member(chosen, _SETTINGS)
    setting: dict[str, Any] = {"default": _default(default)} if default else {}
    setting |= {"writeOnCreate": on_create} if on_create else {}
    setting |= {"writeOnUpdate": on_update} if on_update else {}
    settings.pop(field, None)
    if setting:
        settings[field] = setting
    if not settings:
        del chosen[_SETTINGS]
    return changed


def setting_of(content: Mapping[str, Any], line: ConfigLine) -> tuple[str, str, str]:
    """The default, the rule for creates and that for updates of a field, as texts."""
    chosen = _objects(content, line.action).get(line.object) or {}
    setting = (chosen.get(_SETTINGS) or {}).get(line.name) or {}
    found = [as_text(value) for value in (setting.get("default") or {}).values() if value is not None]
    return (found or [""])[0], setting.get("writeOnCreate") or "", setting.get("writeOnUpdate") or ""


def _default(text: str) -> dict[str, Any]:
    if text in ("true", "false"):
        return {"booleanValue": text == "true"}
    value = number(text)
    return {"integerValue": value} if type(value) is int else {"stringValue": text}


# -- inside --------------------------------------------------------------------------------------------------


def _objects(content: Mapping[str, Any], action: str) -> Mapping[str, Any]:
    return (content.get(action) or {}).get("objects") or {}


def _chosen(content: Content, line: ConfigLine) -> dict[str, Any]:
    found: dict[str, Any] = content[line.action]["objects"][line.object]
    return found


def _member(chosen: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = chosen.get(name) or {}
    chosen[name] = found
    return found


def _find(objects: Mapping[str, Any], *names: str) -> tuple[str, Mapping[str, Any] | None]:
    """An object that is known by any of these names, and the name it has in the config, or gets."""
    for name in names:
        if name in objects:
            return name, objects[name]
    for name, item in objects.items():
        if item.get("objectName") in names:
            return name, item
    return names[0], None


def _read_names(integration: Integration, object_name: str) -> Sequence[str]:
    """What the app calls an object that inherits its mapping."""
    return [read.map_to_name for read in integration.reads if read.name == object_name and read.map_to_name]
