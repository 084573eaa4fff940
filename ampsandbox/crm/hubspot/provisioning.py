"""Creating an integration's custom objects and properties in HubSpot; nothing that exists is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ampsandbox.crm.desired_schema import (
    CustomFields,
    DesiredField,
    DesiredObject,
    desired_objects,
    refuse_problems,
)
from ampsandbox.crm.http import segment
from ampsandbox.crm.hubspot import identity, schema
from ampsandbox.crm.hubspot.errors import details
from ampsandbox.crm.json_access import mapping, mappings
from ampsandbox.crm.session import ApiRequest, CrmSession, json_request
from ampsandbox.engine.crm import (
    CrmRefusedError,
    ObjectDescription,
    ProvisioningPlan,
    ProvisioningStep,
    StepAction,
)
from ampsandbox.manifest.model import Provider, WriteObject

# The group that Ampersand keeps its properties in.
GROUP: Final = "integrationcreatedproperties"

_SCOPED: Final = frozenset({"contacts", "companies", "deals", "custom"})
GROUP_LABEL: Final = "Integration Created Properties"
_NO_CUSTOM_OBJECTS: Final = (
    "Custom objects need an Enterprise subscription (or a developer test account), and the app the scopes "
    "crm.schemas.custom.read, crm.schemas.custom.write and crm.objects.custom.write."
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A wanted object, and as the portal has it (None: not at all, or not to be seen, as `refusal` says).

    `has_group` tells of the property group where properties are missing.
    """

    wanted: DesiredObject
    described: ObjectDescription | None
    has_group: bool
    refusal: CrmRefusedError | None = None


class HubSpotProvisioner:
    """Plans and carries out what an integration needs in one portal.

    `born_with` is what a mock portal has beyond it; see `desired_objects`.
    """

    def __init__(self, session: CrmSession, born_with: CustomFields | None = None) -> None:
        self._session = session
        self._born_with = born_with

    async def plan(self, items: Sequence[WriteObject]) -> ProvisioningPlan:
        """What `apply` would do.

        Raises:
            CrmRefusedError: The portal cannot be looked at.
        """
        seen = await self._look_at_all(items)
        plan = _plan(seen)
        if not any(step.action is StepAction.CREATE for step in plan.steps):
            return plan
        granted = await identity.scopes(self._session)
        return ProvisioningPlan((*plan.steps, *_missing_scopes(seen, granted)))

    async def apply(self, items: Sequence[WriteObject], on_step: Callable[[ProvisioningStep], None]) -> None:
        """Create what the plan says is missing: schemas with their properties, then groups and properties.

        Raises:
            CrmRefusedError: The plan has problems, or HubSpot refuses a part; what was created before
                stays, and is found by the next run.
        """
        for seen in await self._look_at_all(items):
            plan = _plan([seen])
            refuse_problems(plan)
            created = [step for step in plan.steps if step.action is StepAction.CREATE]
            if seen.described is None:
                await self._create_schema(seen.wanted)
            elif created:
                await self._create_properties(seen.wanted, seen.described, has_group=seen.has_group)
            for step in plan.steps:
                on_step(step)

    # -- looking ---------------------------------------------------------------------------------------------

    async def _look_at_all(self, items: Sequence[WriteObject]) -> list[_Seen]:
        return [
            await self._look(wanted) for wanted in desired_objects(Provider.HUBSPOT, items, self._born_with)
        ]

    async def _look(self, wanted: DesiredObject) -> _Seen:
        try:
            described = await self._describe(wanted)
            # Without new properties the group does not matter, and a request is saved.
            is_needed = described is not None and _missing(wanted, described)
            has_group = bool(described and is_needed and await self._has_group(described.name))
        except CrmRefusedError as error:
            if not _is_forbidden(error):
                raise
            if wanted.is_custom and not error.hint.startswith("Grant the app the scopes crm"):
                error.hint = _NO_CUSTOM_OBJECTS
            return _Seen(wanted, None, has_group=False, refusal=error)
        return _Seen(wanted, described, has_group)

    async def _describe(self, wanted: DesiredObject) -> ObjectDescription | None:
        if not wanted.is_custom:
            return await schema.describe(self._session, wanted.name)
        found = await schema.find_schema(self._session, wanted.name)
        return None if found is None else await schema.describe(self._session, found.type_name)

    async def _has_group(self, object_type: str) -> bool:
        path = f"/crm/v3/properties/{segment(object_type)}/groups/{GROUP}"
        reply = await self._session.send(ApiRequest("GET", path))
        if reply.status != 404 and not reply.is_success:
            raise self._session.refusal(reply)
        return reply.is_success

    # -- doing -----------------------------------------------------------------------------------------------

    async def _create_schema(self, wanted: DesiredObject) -> None:
        fields = [_property(field) for field in wanted.fields]
        label = wanted.label
        content: dict[str, Any] = {
            "name": wanted.name,
            "labels": {"singular": wanted.label, "plural": label if label.endswith("s") else f"{label}s"},
            "primaryDisplayProperty": wanted.fields[0].name if wanted.fields else "name",
            "requiredProperties": [],
            "searchableProperties": [],
            "properties": fields or [_property(_NAME)],
            "associatedObjects": [],
        }
        if wanted.description:
            content["description"] = wanted.description
        reply = await self._session.send(json_request("POST", schema.SCHEMAS, content))
        if not reply.is_success:
            error = self._session.refusal(reply)
            if _is_forbidden(error) or "limit" in error.message.lower():
                error.hint = _NO_CUSTOM_OBJECTS
            raise error

    async def _create_properties(
        self, wanted: DesiredObject, described: ObjectDescription, *, has_group: bool
    ) -> None:
        path = f"/crm/v3/properties/{segment(described.name)}"
        if not has_group:
            await self._create_group(path)
        inputs = [_property(field) | {"groupName": GROUP} for field in _missing(wanted, described)]
        call = json_request("POST", f"{path}/batch/create", {"inputs": inputs}, is_repeatable=True)
        reply = await self._session.send(call)
        if reply.is_success:
            failed = mappings(mapping(reply.json).get("errors"))
            errors = [error for item in failed for error in details(item, 207)]
        else:
            errors = list(self._session.details(reply))
        # Someone created it meanwhile, or the answer of an earlier try was lost: it is there, as wanted.
        final = [
            error
            for error in errors
            if error.code not in ("OBJECT_ALREADY_EXISTS", "CONFLICT")
            and "already exists" not in error.message
        ]
        if final:
            raise self._session.refusal(reply) if not reply.is_success else CrmRefusedError(final[0])

    async def _create_group(self, path: str) -> None:
        content = {"name": GROUP, "label": GROUP_LABEL, "displayOrder": -1}
        reply = await self._session.send(json_request("POST", f"{path}/groups", content, is_repeatable=True))
        if not reply.is_success and reply.status != 409:
            raise self._session.refusal(reply)


_NAME: Final = DesiredField("name", "Name", "")


def _plan(seen: Sequence[_Seen]) -> ProvisioningPlan:
    return ProvisioningPlan(tuple(step for one in seen for step in _steps(one)))


def _steps(seen: _Seen) -> list[ProvisioningStep]:
    wanted = seen.wanted
    if seen.refusal is not None:
        detail = seen.refusal.hint or seen.refusal.message
        return [ProvisioningStep(StepAction.MISSING_PERMISSION, "object", wanted.name, detail)]
    if seen.described is None and not wanted.is_custom:
        return [
            ProvisioningStep(StepAction.CONFLICT, "object", wanted.name, "the account has no such object")
        ]
    if seen.described is None:
        step = ProvisioningStep(StepAction.CREATE, "object", wanted.name, f"custom object “{wanted.label}”")
        return [step, *(_new_field(wanted, field) for field in wanted.fields)]
    types = {field.name: field.type for field in seen.described.fields}
    steps = [ProvisioningStep(StepAction.EXISTS, "object", wanted.name)]
    if _missing(wanted, seen.described):
        action = StepAction.EXISTS if seen.has_group else StepAction.CREATE
        steps.append(ProvisioningStep(action, "property group", f"{wanted.name}.{GROUP}", f"“{GROUP_LABEL}”"))
    return steps + [_field_step(wanted, field, types.get(field.name)) for field in wanted.fields]


def _missing_scopes(seen: Sequence[_Seen], granted: frozenset[str]) -> list[ProvisioningStep]:
    """The scopes that creating takes and the token lacks, where HubSpot tells what the token has.

    Other standard objects go by scopes that changed their names, so only HubSpot itself can say.
    """
    needed: list[str] = []
    for one in seen:
        name = "custom" if one.wanted.is_custom else one.wanted.name
        is_changed = one.described is None or bool(_missing(one.wanted, one.described))
        if is_changed and name in _SCOPED:
            needed += [f"crm.schemas.{name}.write", f"crm.objects.{name}.write"]
    missing = [scope for scope in dict.fromkeys(needed) if granted and scope not in granted]
    reason = "the app lacks this scope: add it in HubSpot's app settings"
    return [ProvisioningStep(StepAction.MISSING_PERMISSION, "scope", scope, reason) for scope in missing]


def _field_step(wanted: DesiredObject, field: DesiredField, kind: str | None) -> ProvisioningStep:
    name = f"{wanted.name}.{field.name}"
    if kind is None:
        return _new_field(wanted, field)
    if kind == "string":
        return ProvisioningStep(StepAction.EXISTS, "field", name)
    return ProvisioningStep(
        StepAction.CONFLICT, "field", name, f"exists with type {kind}; the integration needs string"
    )


def _new_field(wanted: DesiredObject, field: DesiredField) -> ProvisioningStep:
    return ProvisioningStep(
        StepAction.CREATE, "field", f"{wanted.name}.{field.name}", f"string “{field.label}”"
    )


def _missing(wanted: DesiredObject, described: ObjectDescription) -> list[DesiredField]:
    known = {field.name for field in described.fields}
    return [field for field in wanted.fields if field.name not in known]


def _property(field: DesiredField) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "description": field.description,
        "type": "string",
        "fieldType": "text",
    }


def _is_forbidden(error: CrmRefusedError) -> bool:
    return error.detail.code in ("MISSING_SCOPES", "HTTP_403", "FORBIDDEN", "BANNED")
