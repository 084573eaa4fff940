"""Deployments: packages carried out at once, with a result that is asked for afterwards.

A real deployment runs for a while; here it is done when `deploy` answers, so the first look at its status
finds it finished.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from functools import partial
from typing import Any, Final

from mock_crm.salesforce.context import SalesforceContext
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.metadata.component_type import ComponentLog, ComponentType, not_simulated
from mock_crm.salesforce.metadata.components import Component
from mock_crm.salesforce.metadata.package import Package, PackageError, PackageMember, read_package
from mock_crm.salesforce.metadata.registry import ComponentChange, carry_out, component_type
from mock_crm.salesforce.soap.document import is_true, text
from mock_crm.salesforce.soap.envelope import Envelope, SoapFaultError
from mock_crm.salesforce.soap.session import soap_moment, user_record

DEPLOYMENT_PREFIX: Final = "0Af"
_RESULTS: Final = "deployments"
_KEPT: Final = 50


def deploy(org: SalesforceContext, call: Envelope) -> Component:
    """Carry out the package in `ZipFile`."""
    options = call.body.find("DeployOptions")
    chosen = {
        name: is_true(text(options, name))
        for name in ("checkOnly", "rollbackOnError", "ignoreWarnings", "purgeOnDelete")
    }
    deployment = run_deployment(org, text(call.body, "ZipFile"), chosen)
    return {"done": False, "id": deployment["id"], "state": "Queued"}


def check_deploy_status(org: SalesforceContext, call: Envelope) -> Component:
    """Tell what became of a deployment."""
    return deployment_result(
        org, text(call.body, "asyncProcessId"), with_details=is_true(text(call.body, "includeDetails"))
    )


def cancel_deploy(org: SalesforceContext, call: Envelope) -> Component:
    """Refuse to cancel, since every deployment is finished already."""
    deployment_id = text(call.body, "asyncProcessId") or text(call.body, "id") or text(call.body, "String")
    deployment_result(org, deployment_id, with_details=False)
    raise SoapFaultError("INVALID_ID_FIELD", "Deployment already completed")


def deployment_result(org: SalesforceContext, deployment_id: str, *, with_details: bool) -> Component:
    """Return a deployment's result.

    Raises:
        SoapFaultError: there is no such deployment.
    """
    kept: dict[str, Component] = org.store.meta(_RESULTS, {})
    found = kept.get(deployment_id[:15])
    if found is None:
        raise SoapFaultError("INVALID_CROSS_REFERENCE_KEY", f"invalid cross reference id: {deployment_id}")
    return found if with_details else {name: value for name, value in found.items() if name != "details"}


def run_deployment(org: SalesforceContext, zip_file: str, options: dict[str, bool]) -> Component:
    """Carry out a package and keep its result.

    Args:
        org: The org that is changed.
        zip_file: The package in base 64.
        options: `checkOnly` tries it out; `rollbackOnError` undoes all of it when a part fails.
    """
    problem = ""
    package = Package()
    try:
        package = read_package(b64decode(zip_file, validate=False))
    except (PackageError, binascii.Error) as error:
        problem = str(error)
    entries = [*package.deletions, *package.unknown, *package.entries]
    changes = [_change(org, entry) for entry in entries]
    carry_out(org, changes, all_or_none=options["rollbackOnError"], is_trial=options["checkOnly"])
    result = _result(org, list(zip(entries, changes, strict=True)), options, problem)
    _keep(org, result)
    return result


def _change(org: SalesforceContext, entry: PackageMember) -> ComponentChange:
    type_ = component_type(org, entry.type)
    if type_ is None:
        return ComponentChange(
            entry.type, entry.full_name, partial(_refuse, not_simulated(f"components of {entry.type}"))
        )
    if entry.problem:
        return ComponentChange(entry.type, entry.full_name, partial(_refuse, _unreadable(entry)))
    if entry.component is None:
        return ComponentChange(entry.type, entry.full_name, partial(_delete, org, type_, entry.full_name))
    return ComponentChange(entry.type, entry.full_name, partial(type_.upsert, entry.component))


def _refuse(error: SalesforceError) -> bool:
    raise error


def _delete(org: SalesforceContext, type_: ComponentType, full_name: str) -> bool:
    type_.delete(full_name)
    ComponentLog(org).forget(type_.name, full_name)
    return False


def _unreadable(entry: PackageMember) -> SalesforceError:
    return SalesforceError("INVALID_TYPE", f"Error parsing file: {entry.problem}")


def _result(
    org: SalesforceContext,
    parts: list[tuple[PackageMember, ComponentChange]],
    options: dict[str, bool],
    problem: str,
) -> Component:
    now = soap_moment(org.clock.now())
    failures = [_message(now, entry, change) for entry, change in parts if change.error]
    successes = [_message(now, entry, change) for entry, change in parts if not change.error]
    success = not failures and not problem
    is_partial = failures and successes and not options["rollbackOnError"]
    return {
        "checkOnly": options["checkOnly"],
        "completedDate": now,
        "createdBy": org.identity.user_id,
        "createdByName": user_record(org)["Name"],
        "createdDate": now,
        "details": {
            "componentFailures": failures,
            "componentSuccesses": successes,
            "runTestResult": {"numFailures": 0, "numTestsRun": 0, "totalTime": 0.0},
        },
        "done": True,
        "errorMessage": problem or None,
        "errorStatusCode": "UNKNOWN_EXCEPTION" if problem else None,
        "id": org.ids.next(DEPLOYMENT_PREFIX),
        "ignoreWarnings": options["ignoreWarnings"],
        "lastModifiedDate": now,
        "numberComponentErrors": len(failures),
        "numberComponentsDeployed": len(successes),
        "numberComponentsTotal": len(parts),
        "numberTestErrors": 0,
        "numberTestsCompleted": 0,
        "numberTestsTotal": 0,
        "rollbackOnError": options["rollbackOnError"],
        "runTestsEnabled": False,
        "startDate": now,
        "status": "SucceededPartial" if is_partial else "Succeeded" if success else "Failed",
        "success": success,
    }


def _message(now: str, entry: PackageMember, change: ComponentChange) -> dict[str, Any]:
    error = change.error
    return {
        "changed": error is None,
        "componentType": entry.type,
        "created": change.created,
        "createdDate": now,
        "deleted": entry.component is None and error is None,
        "fileName": entry.file_name,
        "fullName": entry.full_name,
        "problem": error.message if error else None,
        "problemType": "Error" if error else None,
        "success": error is None,
    }


def _keep(org: SalesforceContext, result: Component) -> None:
    kept = org.store.meta(_RESULTS, {}) | {result["id"][:15]: result}
    org.store.set_meta(_RESULTS, dict(list(kept.items())[-_KEPT:]))
