"""Checking the bodies of write requests: fast when they are right, thorough when they are not."""

from __future__ import annotations

from typing import Any

import msgspec

from ampsandbox.manifest.model import Mode, WriteObject
from ampsandbox.server.json_errors import UNREADABLE, not_json
from ampsandbox.server.problems import Issue, Problem


class InsertBody(msgspec.Struct):
    """The body of a write in insert mode."""

    groupId: str  # noqa: N815 - Ampersand's name on the wire
    fields: dict[str, Any]


class UpdateBody(InsertBody):
    """The body of a write in update mode; `primaryKey` is the CRM's own id of the record."""

    primaryKey: str  # noqa: N815 - Ampersand's name on the wire


class WriteRequest(msgspec.Struct, frozen=True):
    """A write request that keeps the rules."""

    group: str
    primary_key: str | None
    fields: dict[str, Any]


class _Addressee(msgspec.Struct):
    groupId: Any = ""  # noqa: N815 - Ampersand's name on the wire


_addressee = msgspec.json.Decoder(_Addressee).decode


def group_in(body: bytes) -> str:
    """The group that a refused body names, as far as it can be read."""
    try:
        group = _addressee(body).groupId
    except UNREADABLE:
        return ""
    return group if isinstance(group, str) else ""


class RequestChecker:
    """Checks the bodies sent to one endpoint."""

    def __init__(self, item: WriteObject, mode: Mode) -> None:
        self._is_update = mode is Mode.UPDATE
        self._decoder = msgspec.json.Decoder(UpdateBody if self._is_update else InsertBody)
        self._custom = frozenset(custom.name.lower() for custom in item.custom_fields)

    def check(self, body: bytes) -> WriteRequest | Problem:
        """The request in `body`, or the problem that names everything that is wrong with it."""
        try:
            return self._check(body)
        except UNREADABLE as error:
            return not_json(body, error)

    def _check(self, body: bytes) -> WriteRequest | Problem:
        try:
            decoded = self._decoder.decode(body)
        except msgspec.ValidationError:
            return self._explain(body)
        key: str | None = decoded.primaryKey if isinstance(decoded, UpdateBody) else None
        if not decoded.groupId or (self._is_update and not key) or self._wrong_strings(decoded.fields):
            return self._explain(body)
        return WriteRequest(decoded.groupId, key, decoded.fields)

    def _wrong_strings(self, fields: dict[str, Any]) -> list[str]:
        if not self._custom:
            return []
        return [
            name
            for name, value in fields.items()
            if not isinstance(value, str) and name.lower() in self._custom
        ]

    def _explain(self, body: bytes) -> Problem:
        """Say everything that is wrong at once, so that one round is enough to mend it."""
        content = msgspec.json.decode(body)
        if not isinstance(content, dict):
            issues = [Issue("body", "", f"must be an object, and is {_kind(content)}")]
        else:
            issues = self._issues(content)
        return Problem(400, "The request body breaks the rules of this endpoint.", issues=tuple(issues))

    def _issues(self, content: dict[str, Any]) -> list[Issue]:
        issues = [_text_issue(content, "groupId", "the group whose CRM is written to")]
        if self._is_update:
            issues.append(_text_issue(content, "primaryKey", "the CRM's id of the record to update"))
        fields = content.get("fields")
        if not isinstance(fields, dict):
            problem = (
                "is missing" if "fields" not in content else f"must be an object, and is {_kind(fields)}"
            )
            issues.append(
                Issue("body", "fields", f"{problem}: the values to write, by field name", "/fields")
            )
        else:
            issues += [_string_issue(name, fields[name]) for name in self._wrong_strings(fields)]
        return [issue for issue in issues if issue is not None]


def _text_issue(content: dict[str, Any], name: str, meaning: str) -> Issue | None:
    value = content.get(name)
    if isinstance(value, str) and value:
        return None
    if name not in content:
        hint = " (today's API calls it groupRef)" if name == "groupId" and "groupRef" in content else ""
        return Issue("body", name, f"is missing: {meaning}{hint}", f"/{name}")
    kind = "empty" if value == "" else _kind(value)
    return Issue("body", name, f"must be a non-empty string, and is {kind}: {meaning}", f"/{name}")


def _string_issue(name: str, value: Any) -> Issue:
    pointer = "/fields/" + name.replace("~", "~0").replace("/", "~1")
    return Issue(
        "body", name, f"must be a string, since custom fields hold strings, and is {_kind(value)}", pointer
    )


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "an array",
        dict: "an object",
    }
    return names[type(value)]
