"""Making new fields and objects visible: a permission set of the sandbox's own, assigned to the running user.

A field that the Metadata API creates is hidden from everyone until someone is permitted to see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec

from ampsandbox.crm.salesforce.errors import refused
from ampsandbox.crm.salesforce.metadata import Component, MetadataApi
from ampsandbox.crm.session import ApiRequest, CrmSession, json_request
from ampsandbox.engine.crm import CrmRefusedError
from ampsandbox.events import ErrorDetail

PERMISSION_SET: Final = "AmpSandboxFieldVisibility"

_LABEL: Final = "ampsandbox: fields and objects it created"
_ALREADY_ASSIGNED: Final = "Duplicate PermissionSetAssignment"
_OBJECT_RIGHTS: Final = {
    "allowCreate": True,
    "allowDelete": True,
    "allowEdit": True,
    "allowRead": True,
    "modifyAllRecords": False,
}


class _User(msgspec.Struct, frozen=True):
    user_id: str


class _Row(msgspec.Struct, frozen=True, rename="pascal"):
    id: str


class _Rows(msgspec.Struct, frozen=True):
    records: tuple[_Row, ...]


class Permissions:
    """The permission set in one org; `root` is `/services/data/vNN.0`."""

    def __init__(self, session: CrmSession, metadata: MetadataApi, root: str) -> None:
        self._session = session
        self._metadata = metadata
        self._root = root

    async def granted(self) -> frozenset[str]:
        """Full names of the fields and names of the objects that the permission set opens."""
        content = await self._read()
        return frozenset(_names(content, "fieldPermissions", "field", "editable")) | frozenset(
            _names(content, "objectPermissions", "object", "allowEdit")
        )

    async def is_assigned(self) -> bool:
        """Whether the running user has the permission set."""
        set_id = await self._set_id()
        if set_id is None:
            return False
        user_id = await self._user_id()
        where = f"PermissionSetId = '{set_id}' AND AssigneeId = '{user_id}'"
        return bool(await self._query(f"SELECT Id FROM PermissionSetAssignment WHERE {where}"))

    async def grant(self, objects: Sequence[str], fields: Sequence[str]) -> None:
        """Add objects and fields (`Contact.warmthScore__c`) to the permission set, keeping what it has.

        Raises:
            CrmRefusedError: Salesforce refuses the permission set.
        """
        content = await self._read()
        merged = {
            "fullName": PERMISSION_SET,
            "fieldPermissions": _merge(
                content, "fieldPermissions", "field", {"editable": True, "readable": True}, fields
            ),
            "label": _LABEL,
            "objectPermissions": _merge(
                content, "objectPermissions", "object", _OBJECT_RIGHTS | {"viewAllRecords": False}, objects
            ),
        }
        [(_, error)] = await self._metadata.upsert([Component("PermissionSet", merged)])
        if error is not None:
            raise refused(error)

    async def assign(self) -> None:
        """Give the permission set to the running user; having it already is success.

        Raises:
            CrmRefusedError: Salesforce refuses the assignment.
        """
        set_id = await self._set_id()
        if set_id is None:
            raise CrmRefusedError(
                ErrorDetail(f"The permission set {PERMISSION_SET} is not there.", "NOT_FOUND")
            )
        content = {"AssigneeId": await self._user_id(), "PermissionSetId": set_id}
        path = f"{self._root}/sobjects/PermissionSetAssignment"
        reply = await self._session.send(json_request("POST", path, content, is_repeatable=True))
        if reply.is_success:
            return
        detail = self._session.details(reply)[0]
        if not (detail.code == "DUPLICATE_VALUE" and detail.message.startswith(_ALREADY_ASSIGNED)):
            raise self._session.refusal(reply)

    async def _read(self) -> Mapping[str, Any]:
        found = await self._metadata.read("PermissionSet", [PERMISSION_SET])
        content = found.get(PERMISSION_SET, {})
        return content if isinstance(content, Mapping) else {}

    async def _set_id(self) -> str | None:
        rows = await self._query(f"SELECT Id FROM PermissionSet WHERE Name = '{PERMISSION_SET}'")
        return rows[0].id if rows else None

    async def _user_id(self) -> str:
        return (await self._session.read(ApiRequest("GET", "/services/oauth2/userinfo"), _User)).user_id

    async def _query(self, soql: str) -> tuple[_Row, ...]:
        call = ApiRequest("GET", f"{self._root}/query?q={quote(soql, safe='')}")
        return (await self._session.read(call, _Rows)).records


def _names(content: Mapping[str, Any], part: str, key: str, right: str) -> Iterable[str]:
    for entry in content.get(part, ()):
        if isinstance(entry, Mapping) and entry.get(right, [""])[0] == "true":
            yield str(entry[key][0])


def _merge(
    content: Mapping[str, Any], part: str, key: str, rights: Mapping[str, bool], added: Sequence[str]
) -> list[dict[str, Any]]:
    """The entries that are there, and full rights for the added names; keys in the schema's order."""
    entries: dict[str, dict[str, Any]] = {
        str(entry[key][0]): {name: values[0] for name, values in entry.items()}
        for entry in content.get(part, ())
        if isinstance(entry, Mapping)
    }
    entries |= {name: {**rights, key: name} for name in added}
    return [dict(sorted(entry.items())) for entry in entries.values()]
