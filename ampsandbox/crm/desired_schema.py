"""What an integration wants to exist in a CRM, gathered from its objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from ampsandbox.engine.crm import CrmRefusedError, ProvisioningPlan
from ampsandbox.events import ErrorDetail
from ampsandbox.manifest.crm_names import crm_field_name, crm_object_name, custom_name
from ampsandbox.manifest.model import CustomField, ObjectKind, WriteObject
from ampsandbox.manifest.standard_objects import standard_object


class DesiredField(msgspec.Struct, frozen=True):
    """A custom string field by its API name, with its label and description."""

    name: str
    label: str
    description: str


class DesiredObject(msgspec.Struct, frozen=True):
    """An object by its API name, with the custom fields it needs. Only custom ones may be created."""

    name: str
    label: str
    description: str
    is_custom: bool
    fields: tuple[DesiredField, ...]


CustomFields = Mapping[str, Sequence[str]]
"""Custom text fields by the object they belong to, both named as in a manifest or as in the CRM."""


def desired_objects(
    provider: str, items: Sequence[WriteObject], born_with: CustomFields | None = None
) -> list[DesiredObject]:
    """One entry per CRM object in the manifest's order; what is written in two modes is wanted once.

    Args:
        provider: Whose names are meant.
        items: What the integration writes to.
        born_with: For a mock org, the fields that it has beyond those of the manifest. It also gets the
            custom objects that a manifest of today's format writes to, which a customer's org has and the
            manifest does not define. None for a real org, which is as it is.
    """
    gathered: dict[str, tuple[WriteObject, dict[str, CustomField]]] = {}
    for item in items if born_with is None else _as_in_a_customers_org(provider, items, born_with):
        name = crm_object_name(provider, item)
        _, fields = gathered.setdefault(name, (item, {}))
        for custom in item.custom_fields:
            fields.setdefault(crm_field_name(provider, custom.name), custom)
    return [_wanted(name, item, fields) for name, (item, fields) in gathered.items()]


def _as_in_a_customers_org(
    provider: str, items: Sequence[WriteObject], born_with: CustomFields
) -> Iterator[WriteObject]:
    fields = {name.lower(): names for name, names in born_with.items()}
    for item in items:
        api_name = crm_object_name(provider, item)
        is_theirs = (
            item.mode is None
            and standard_object(provider, item.name) is None
            and api_name == custom_name(provider, item.name)
        )
        names = fields.get(item.name.lower()) or fields.get(api_name.lower(), ())
        yield replace(
            item,
            kind=ObjectKind.CUSTOM if is_theirs else item.kind,
            custom_fields=(*item.custom_fields, *(CustomField(name, name) for name in names)),
        )


def _wanted(name: str, item: WriteObject, fields: dict[str, CustomField]) -> DesiredObject:
    return DesiredObject(
        name=name,
        label=item.display_name or item.name,
        description=item.prompt or "",
        is_custom=item.kind is ObjectKind.CUSTOM,
        fields=tuple(
            DesiredField(field_name, custom.display_name or custom.name, custom.prompt or "")
            for field_name, custom in fields.items()
        ),
    )


def refuse_problems(plan: ProvisioningPlan) -> None:
    """Stop before anything is created when the plan has a conflict or lacks a permission.

    Raises:
        CrmRefusedError: Names the first problem; the message holds all of them.
    """
    if not plan.problems:
        return
    words = "; ".join(f"{step.kind} {step.name}: {step.detail}" for step in plan.problems)
    error = CrmRefusedError(ErrorDetail(words, plan.problems[0].action.value.upper()))
    error.hint = "See the whole plan with “ampsandbox plan”; rename the field or grant what is missing."
    raise error
