"""The operations of the Metadata API that answer at once: create, read, update, upsert, delete, describe."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from xml.etree.ElementTree import Element

from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.metadata.component_type import ComponentLog, ComponentType
from mock_crm.salesforce.metadata.components import Component, ShapeError, read_component, written
from mock_crm.salesforce.metadata.describe import describe_metadata, describe_value_type
from mock_crm.salesforce.metadata.registry import ComponentChange, carry_out, component_type, mark_rolled_back
from mock_crm.salesforce.soap.document import NIL, text
from mock_crm.salesforce.soap.envelope import ClientFaultError, Envelope, SoapFaultError
from mock_crm.salesforce.soap.session import soap_moment, user_record

# Salesforce's limits of one call.
MAX_COMPONENTS: Final = 10
MAX_LIST_QUERIES: Final = 3

Operation = Callable[["SalesforceContext", Envelope], Any]


def _create(type_: ComponentType, component: Component) -> bool:
    type_.create(component)
    return True


def _update(type_: ComponentType, component: Component) -> bool:
    type_.update(component)
    return False


def _upsert(type_: ComponentType, component: Component) -> bool:
    return type_.upsert(component)


def _write(
    action: Callable[[ComponentType, Component], bool], org: SalesforceContext, call: Envelope
) -> list[Component]:
    given = call.body.findall("metadata")
    _check_count(given)
    changes = []
    for element in given:
        type_, component = _component(org, element)
        name = component["fullName"]
        changes.append(ComponentChange(type_.name, name, partial(action, type_, component)))
    _carry_out(org, changes, call)
    return [_result(change, with_created=action is _upsert) for change in changes]


def _delete(org: SalesforceContext, call: Envelope) -> list[Component]:
    type_ = _kind(org, text(call.body, "type"))
    names = [text(element) for element in call.body.findall("fullNames")]
    _check_count(names)

    def delete(name: str) -> bool:
        type_.delete(name)
        ComponentLog(org).forget(type_.name, name)
        return False

    changes = [ComponentChange(type_.name, name, partial(delete, name)) for name in names]
    _carry_out(org, changes, call)
    return [_result(change) for change in changes]


def _carry_out(org: SalesforceContext, changes: list[ComponentChange], call: Envelope) -> None:
    carry_out(org, changes, all_or_none=call.all_or_none)
    if call.all_or_none:
        mark_rolled_back(changes)


def _rename(org: SalesforceContext, call: Envelope) -> Component:
    type_ = _kind(org, text(call.body, "type"))
    old, new = text(call.body, "oldFullName"), text(call.body, "newFullName")

    def rename() -> bool:
        type_.rename(old, new)
        return False

    change = ComponentChange(type_.name, new, rename)
    carry_out(org, [change], all_or_none=False)
    return _result(change)


def _read(org: SalesforceContext, call: Envelope) -> Component:
    type_ = _kind(org, text(call.body, "type"))
    names = [text(element) for element in call.body.findall("fullNames")]
    _check_count(names)
    found = [type_.read(name) for name in names]
    return {
        "records": [
            {"@xsi:type": type_.name} | written(component, type_.name) if component else NIL
            for component in found
        ]
    }


def _list(org: SalesforceContext, call: Envelope) -> list[Component]:
    queries = call.body.findall("queries")
    if len(queries) > MAX_LIST_QUERIES:
        raise SoapFaultError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {MAX_LIST_QUERIES} records in this operation",
        )
    return [listed for query in queries for listed in file_properties(org, text(query, "type"))]


def file_properties(org: SalesforceContext, type_name: str) -> list[Component]:
    """What `listMetadata` tells of a type's components; nothing for types that the mock does not have."""
    type_ = component_type(org, type_name)
    if type_ is None:
        return []
    log, user_name = ComponentLog(org), user_record(org)["Name"]
    listed = []
    for item in type_.listing():
        stamps = log.stamps(type_.name, item.full_name)
        listed.append(
            {
                "createdById": org.identity.user_id,
                "createdByName": user_name,
                "createdDate": soap_moment(stamps.created),
                "fileName": item.file_name,
                "fullName": item.full_name,
                "id": item.id,
                "lastModifiedById": org.identity.user_id,
                "lastModifiedByName": user_name,
                "lastModifiedDate": soap_moment(stamps.modified),
                "manageableState": "unmanaged",
                "type": type_.name,
            }
        )
    return listed


def _describe_metadata(org: SalesforceContext, call: Envelope) -> Component:
    return describe_metadata()


def _describe_value_type(org: SalesforceContext, call: Envelope) -> Component:
    name = text(call.body, "type").rpartition("}")[2]
    described = describe_value_type(name)
    if described is None:
        raise _not_simulated_type(name)
    return described


OPERATIONS: Final[dict[str, Operation]] = {
    "createMetadata": partial(_write, _create),
    "updateMetadata": partial(_write, _update),
    "upsertMetadata": partial(_write, _upsert),
    "deleteMetadata": _delete,
    "renameMetadata": _rename,
    "readMetadata": _read,
    "listMetadata": _list,
    "describeMetadata": _describe_metadata,
    "describeValueType": _describe_value_type,
}
"""What each operation answers as `result`; a list is repeated results."""


def _component(org: SalesforceContext, element: Element) -> tuple[ComponentType, Component]:
    type_name = element.get("type", "")
    if not type_name:
        raise ClientFaultError("Must specify an xsi:type for each metadata component")
    type_ = _kind(org, type_name)
    try:
        component = read_component(element, type_name)
    except ShapeError as error:
        raise ClientFaultError(str(error)) from error
    return type_, {"fullName": ""} | component


def _kind(org: SalesforceContext, type_name: str) -> ComponentType:
    type_ = component_type(org, type_name)
    if type_ is None:
        raise _not_simulated_type(type_name)
    return type_


def _not_simulated_type(type_name: str) -> SoapFaultError:
    return SoapFaultError("FUNCTIONALITY_NOT_ENABLED", f"ampsandbox does not simulate the type {type_name}.")


def _check_count(given: list[Any]) -> None:
    if len(given) > MAX_COMPONENTS:  # [A]
        raise SoapFaultError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {MAX_COMPONENTS} records in this operation",
        )


def _result(change: ComponentChange, *, with_created: bool = False) -> Component:
    """A result of a change, in the order of the WSDL, which is alphabetical."""
    error = change.error
    return {
        "created": change.created if with_created else None,
        "errors": None
        if error is None
        else {"fields": list(error.fields), "message": error.message, "statusCode": error.code},
        "fullName": change.full_name,
        "success": error is None,
    }
