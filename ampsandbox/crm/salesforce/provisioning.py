"""Creating an integration's custom objects and fields in Salesforce; nothing that exists is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from ampsandbox.crm.desired_schema import (
    CustomFields,
    DesiredField,
    DesiredObject,
    desired_objects,
    refuse_problems,
)
from ampsandbox.crm.salesforce import schema
from ampsandbox.crm.salesforce.errors import refused
from ampsandbox.crm.salesforce.metadata import Component, MetadataApi
from ampsandbox.crm.salesforce.permissions import PERMISSION_SET, Permissions
from ampsandbox.crm.session import CrmSession
from ampsandbox.engine.crm import (
    CrmRefusedError,
    ObjectDescription,
    ProvisioningPlan,
    ProvisioningStep,
    StepAction,
)
from ampsandbox.manifest.model import Provider, WriteObject

# Types that take a string as it is, in describe calls and in the Metadata API.
_TEXT_TYPES: Final = frozenset({"string", "textarea", "text", "longtextarea", "html"})

# What Salesforce takes at most for a text field, the label of a component, and its description.
_TEXT_LENGTH: Final = 255
_LONGEST_LABEL: Final = 40
_LONGEST_DESCRIPTION: Final = 1000
_NEEDED: Final = "“Customize Application” and “Modify Metadata Through Metadata API Functions”"
_FORBIDDEN: Final = frozenset(
    {
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
    }
)


class _Seen(msgspec.Struct, frozen=True):
    """A wanted object, as the user sees it (None: not at all), and its wanted fields as metadata has them.

    What field-level security or a profile hides is missing in describe calls, but not in metadata.
    """

    wanted: DesiredObject
    visible: ObjectDescription | None
    is_hidden: bool
    field_types: dict[str, str]


class SalesforceProvisioner:
    """Plans and carries out what an integration needs; `root` is `/services/data/vNN.0`.

    `born_with` is what a mock org has beyond it; see `desired_objects`.
    """

    def __init__(self, session: CrmSession, root: str, born_with: CustomFields | None = None) -> None:
        self._session = session
        self._born_with = born_with
        self._root = root
        self._metadata = MetadataApi(session, root.rpartition("/v")[2])
        self._permissions = Permissions(session, self._metadata, root)

    async def plan(self, items: Sequence[WriteObject]) -> ProvisioningPlan:
        """What `apply` would do.

        Raises:
            CrmRefusedError: The org cannot be looked at.
        """
        try:
            seen = [
                await self._look(wanted)
                for wanted in desired_objects(Provider.SALESFORCE, items, self._born_with)
            ]
            steps = [step for one in seen for step in _steps(one)]
            there = [one for one in seen if one.visible or one.wanted.is_custom]
            return ProvisioningPlan((*steps, *await self._permission_steps(there, steps)))
        except CrmRefusedError as error:
            if error.detail.code not in _FORBIDDEN:
                raise
            return ProvisioningPlan(
                (ProvisioningStep(StepAction.MISSING_PERMISSION, "permission", _NEEDED, error.message),)
            )

    async def apply(self, items: Sequence[WriteObject], on_step: Callable[[ProvisioningStep], None]) -> None:
        """Create what the plan says is missing, objects before fields before permissions.

        Raises:
            CrmRefusedError: The plan has problems, or Salesforce refuses a component; what was created
                before stays, and is found by the next run.
        """
        plan = await self.plan(items)
        refuse_problems(plan)
        wanted = desired_objects(Provider.SALESFORCE, items, self._born_with)
        missing = {(step.kind, step.name) for step in plan.steps if step.action is StepAction.CREATE}
        objects = [_custom_object(item) for item in wanted if ("object", item.name) in missing]
        await self._create(objects, plan, on_step)
        await self._create(_field_components(wanted, missing), plan, on_step)
        await self._permit(plan, on_step)
        for step in plan.steps:
            if step.action is StepAction.EXISTS:
                on_step(step)

    # -- looking ---------------------------------------------------------------------------------------------

    async def _look(self, wanted: DesiredObject) -> _Seen:
        visible = await schema.describe(self._session, self._root, wanted.name)
        is_hidden = False
        if wanted.is_custom and visible is None:
            is_hidden = wanted.name in await self._metadata.read("CustomObject", [wanted.name])
        if visible is None and not is_hidden:
            return _Seen(wanted, None, is_hidden=False, field_types={})
        types = {field.name.lower(): field.type for field in visible.fields} if visible else {}
        hidden = [field.name for field in wanted.fields if field.name.lower() not in types]
        names = {f"{wanted.name}.{name}": name.lower() for name in hidden}
        for full_name, content in (await self._metadata.read("CustomField", list(names))).items():
            if full_name in names:
                types[names[full_name]] = str(content.get("type", [""])[0])
        return _Seen(wanted, visible, is_hidden, types)

    async def _permission_steps(
        self, seen: Sequence[_Seen], steps: Sequence[ProvisioningStep]
    ) -> list[ProvisioningStep]:
        """The grants that fields and objects need which are new, or exist without being visible."""
        created = {step.name.lower() for step in steps if step.action is StepAction.CREATE}
        objects = [one.wanted.name for one in seen if one.wanted.is_custom]
        fields = [f"{one.wanted.name}.{field.name}" for one in seen for field in one.wanted.fields]
        if not objects and not fields:
            return []
        visible = {name for one in seen if one.visible for name in _visible_names(one.visible)}
        seen_already = visible - created
        unseen = {name for name in (*objects, *fields) if name.lower() not in seen_already}
        needed = unseen and unseen - await self._permissions.granted()
        grants = [
            ProvisioningStep(
                StepAction.CREATE if name in needed else StepAction.EXISTS,
                "permission",
                name,
                f"read and edit, in the permission set {PERMISSION_SET}",
            )
            for name in (*objects, *fields)
        ]
        is_assigned = not unseen or await self._permissions.is_assigned()
        action = StepAction.EXISTS if is_assigned else StepAction.CREATE
        return [
            *grants,
            ProvisioningStep(action, "assignment", PERMISSION_SET, "to the user of this connection"),
        ]

    # -- doing -----------------------------------------------------------------------------------------------

    async def _create(
        self,
        components: Sequence[Component],
        plan: ProvisioningPlan,
        on_step: Callable[[ProvisioningStep], None],
    ) -> None:
        planned = {(step.kind, step.name): step for step in plan.steps}
        for component, error in await self._metadata.upsert(components):
            if error is not None:
                raise refused(error)
            on_step(planned[_KINDS[component.type], component.full_name])

    async def _permit(self, plan: ProvisioningPlan, on_step: Callable[[ProvisioningStep], None]) -> None:
        steps = [step for step in plan.steps if step.action is StepAction.CREATE]
        grants = [step for step in steps if step.kind == "permission"]
        if grants:
            names = [step.name for step in grants]
            await self._permissions.grant(
                [name for name in names if "." not in name], [name for name in names if "." in name]
            )
        for step in grants:
            on_step(step)
        for step in steps:
            if step.kind == "assignment":
                await self._permissions.assign()
                on_step(step)


_KINDS: Final = {"CustomObject": "object", "CustomField": "field"}


def _steps(seen: _Seen) -> list[ProvisioningStep]:
    wanted = seen.wanted
    steps = [_object_step(seen)]
    if steps[0].action is StepAction.CONFLICT:
        return steps
    return steps + [_field_step(wanted, field, seen.field_types) for field in wanted.fields]


def _object_step(seen: _Seen) -> ProvisioningStep:
    wanted = seen.wanted
    if seen.visible is not None or seen.is_hidden:
        return ProvisioningStep(StepAction.EXISTS, "object", wanted.name)
    if wanted.is_custom:
        return ProvisioningStep(StepAction.CREATE, "object", wanted.name, f"custom object “{wanted.label}”")
    reason = "the org has no such object, or the user's profile hides it"
    return ProvisioningStep(StepAction.CONFLICT, "object", wanted.name, reason)


def _field_step(wanted: DesiredObject, field: DesiredField, types: dict[str, str]) -> ProvisioningStep:
    name = f"{wanted.name}.{field.name}"
    kind = types.get(field.name.lower())
    if kind is None:
        return ProvisioningStep(StepAction.CREATE, "field", name, f"Text({_TEXT_LENGTH}) “{field.label}”")
    if kind.lower() in _TEXT_TYPES:
        return ProvisioningStep(StepAction.EXISTS, "field", name)
    return ProvisioningStep(
        StepAction.CONFLICT, "field", name, f"exists with type {kind}; the integration needs Text"
    )


def _visible_names(visible: ObjectDescription) -> list[str]:
    """Lower-cased names of the object and of the fields that the user may write."""
    fields = (f"{visible.name}.{field.name}" for field in visible.fields if field.is_writable)
    return [name.lower() for name in (visible.name, *fields)]


def _field_components(wanted: Sequence[DesiredObject], missing: set[tuple[str, str]]) -> list[Component]:
    return [
        _custom_field(item.name, field)
        for item in wanted
        for field in item.fields
        if ("field", f"{item.name}.{field.name}") in missing
    ]


def _custom_object(wanted: DesiredObject) -> Component:
    label = wanted.label[:_LONGEST_LABEL]
    content = {
        "fullName": wanted.name,
        "deploymentStatus": "Deployed",
        "description": wanted.description[:_LONGEST_DESCRIPTION] or None,
        "label": label,
        "nameField": {"label": f"{label[: _LONGEST_LABEL - 5]} Name", "type": "Text"},
        "pluralLabel": label if label.endswith("s") else f"{label[: _LONGEST_LABEL - 1]}s",
        "sharingModel": "ReadWrite",
    }
    return Component("CustomObject", content)


def _custom_field(object_name: str, field: DesiredField) -> Component:
    content = {
        "fullName": f"{object_name}.{field.name}",
        "description": field.description[:_LONGEST_DESCRIPTION] or None,
        "label": field.label[:_LONGEST_LABEL],
        "length": _TEXT_LENGTH,
        "type": "Text",
    }
    return Component("CustomField", content)
