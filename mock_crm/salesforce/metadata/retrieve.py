"""Retrieving components as a package: the other direction of a deployment, done at once as well."""

from __future__ import annotations

import io
import zipfile
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element

from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.metadata.api import file_properties
from mock_crm.salesforce.metadata.components import NAMESPACE, Component, written
from mock_crm.salesforce.metadata.package import CHILD_ELEMENTS
from mock_crm.salesforce.metadata.registry import component_type
from mock_crm.salesforce.soap.document import is_true, render, text
from mock_crm.salesforce.soap.envelope import Envelope, SoapFaultError
from mock_crm.salesforce.soap.session import soap_moment, user_record

RETRIEVAL_PREFIX: Final = "09S"
_RESULTS: Final = "retrievals"
_KEPT: Final = 10
_FOLDER: Final = "unpackaged/"
_FOLDERS: Final = {"CustomObject": "objects", "PermissionSet": "permissionsets", "Profile": "profiles"}
_SUFFIXES: Final = {"CustomObject": "object", "PermissionSet": "permissionset", "Profile": "profile"}
# A ZIP entry needs a time; a fixed one keeps equal packages equal.
_ZIP_TIME: Final = (2020, 1, 1, 0, 0, 0)


def retrieve(org: SalesforceContext, call: Envelope) -> Component:
    """Make the package that the request describes, and keep it until it is asked for."""
    request = call.body.find("retrieveRequest")
    if request is None:
        request = call.body.find("request")
    if request is None:
        raise SoapFaultError("INVALID_TYPE", "Must specify a retrieveRequest")
    prefix = "" if is_true(text(request, "singlePackage")) else _FOLDER
    result = _result(org, list(_asked_for(request)), text(request, "apiVersion") or "60.0", prefix)
    kept = org.store.meta(_RESULTS, {}) | {result["id"][:15]: result}
    org.store.set_meta(_RESULTS, dict(list(kept.items())[-_KEPT:]))
    return {"done": False, "id": result["id"], "state": "Queued"}


def check_retrieve_status(org: SalesforceContext, call: Envelope) -> Component:
    """Hand out the package."""
    retrieval_id = text(call.body, "asyncProcessId")
    kept: dict[str, Component] = org.store.meta(_RESULTS, {})
    found = kept.get(retrieval_id[:15])
    if found is None:
        raise SoapFaultError("INVALID_CROSS_REFERENCE_KEY", f"invalid cross reference id: {retrieval_id}")
    wants_zip = text(call.body, "includeZip", "true")
    return (
        found if is_true(wants_zip) else {name: value for name, value in found.items() if name != "zipFile"}
    )


def _asked_for(request: Element) -> Iterator[tuple[str, str]]:
    """The (type, member) pairs of a request; `*` is every component of a type."""
    for types in request.iter("types"):
        for member in types.iter("members"):
            yield text(types, "name"), text(member)


def _result(
    org: SalesforceContext, asked: Iterable[tuple[str, str]], api_version: str, prefix: str
) -> Component:
    files: dict[str, Component] = {}
    properties: list[Component] = []
    messages: list[Component] = []
    manifest: dict[str, list[str]] = {}
    for type_, member in asked:
        found = [
            listed
            for listed in file_properties(org, type_)
            if listed["fullName"] == member or (member == "*" and _is_own(listed))
        ]
        if not found and member != "*":
            problem = f"Entity of type '{type_}' named '{member}' cannot be found"
            messages.append({"fileName": f"{prefix}package.xml", "problem": problem})
        for listed in found:
            manifest.setdefault(type_, []).append(listed["fullName"])
            properties.append(listed | {"fileName": prefix + listed["fileName"]})
            _add(org, files, type_, listed["fullName"])
    properties.append(_package_properties(org, f"{prefix}package.xml"))
    return {
        "done": True,
        "fileProperties": properties,
        "id": org.ids.next(RETRIEVAL_PREFIX),
        "messages": messages,
        "status": "Succeeded",
        "success": True,
        "zipFile": b64encode(_zipped(files, manifest, api_version, prefix)).decode(),
    }


def _package_properties(org: SalesforceContext, name: str) -> Component:
    """What is said of the package's own list of components."""
    user, moment = org.identity.user_id, soap_moment(org.clock.now())
    whose = str(user_record(org)["Name"])
    return {
        "createdById": user, "createdByName": whose, "createdDate": moment, "fileName": name,
        "fullName": name, "id": "", "lastModifiedById": user, "lastModifiedByName": whose,
        "lastModifiedDate": moment, "manageableState": "unmanaged", "type": "Package",
    }  # fmt: skip


def _is_own(listed: Component) -> bool:
    """Whether `*` covers a component: of objects, only the custom ones."""
    return listed["type"] != "CustomObject" or bool(listed["id"])


def _add(org: SalesforceContext, files: dict[str, Component], type_: str, full_name: str) -> None:
    """Put a component into the file it belongs to; a part of an object into the object's."""
    component = _definition(org, type_, full_name)
    element = next((name for name, child in CHILD_ELEMENTS.items() if child == type_), None)
    if element is None:
        name = f"{_FOLDERS[type_]}/{full_name}.{_SUFFIXES[type_]}"
        files[name] = files.get(name, {}) | component
        return
    object_name, _, part_name = full_name.partition(".")
    content = files.setdefault(f"objects/{object_name}.object", {})
    parts = content.setdefault(element, [])
    if part_name not in [part["fullName"] for part in parts]:
        parts.append({"fullName": part_name} | component)


def _definition(org: SalesforceContext, kind_name: str, full_name: str) -> Component:
    type_ = component_type(org, kind_name)
    component = (type_.read(full_name) if type_ else None) or {}
    item = org.schema.definition(full_name) if kind_name == "CustomObject" else None
    if item is not None and not item.custom:
        component = {"fields": component.get("fields", [])}
    return {name: value for name, value in component.items() if name != "fullName"}


def _zipped(
    files: dict[str, Component], manifest: dict[str, list[str]], api_version: str, prefix: str
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, component in files.items():
            type_ = next(type_ for type_, folder in _FOLDERS.items() if name.startswith(f"{folder}/"))
            archive.writestr(_entry(prefix + name), _document(type_, written(component, type_)))
        types = [{"members": sorted(members), "name": type_} for type_, members in sorted(manifest.items())]
        package: dict[str, Any] = {"types": types, "version": api_version}
        archive.writestr(_entry(f"{prefix}package.xml"), _document("Package", package))
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _ZIP_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _document(root: str, content: Component) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + render(root, {"@xmlns": NAMESPACE} | content)
