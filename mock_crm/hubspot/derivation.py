"""What HubSpot fills in by itself when a record is created or changed.

Both functions work on the values of a record in the form in which they are kept.
Sources: for contacts recorded answers (evidence/hubspot.md#answers), else HubSpot's public documentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mock_crm.hubspot.model import ObjectType
from mock_crm.hubspot.timestamps import parse_timestamp
from mock_crm.hubspot.values import domain

Values = dict[str, str]
StageMetadata = Callable[[str, str], Mapping[str, str] | None]

_LIFECYCLE = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
_LIFECYCLE_ORDER = {stage: order for order, stage in enumerate(_LIFECYCLE)}
_DAY_MS = 86_400_000

_CONTACT = {
    "hs_associated_target_accounts": "0",
    "hs_currently_enrolled_in_prospecting_agent": "false",
    "hs_is_contact": "true",
    "hs_is_unworked": "true",
    "hs_membership_has_accessed_private_content": "0",
    "hs_pipeline": "contacts-lifecycle-pipeline",
    "hs_prospecting_agent_actively_enrolled_count": "0",
    "hs_prospecting_agent_total_enrolled_count": "0",
    "hs_registered_member": "0",
    "hs_sequences_actively_enrolled_count": "0",
    "lifecyclestage": "lead",
    "num_notes": "0",
}
_COMPANY = {
    "hs_num_blockers": "0",
    "hs_num_child_companies": "0",
    "hs_num_contacts_with_buying_roles": "0",
    "hs_num_decision_makers": "0",
    "hs_num_open_deals": "0",
    "hs_pipeline": "companies-lifecycle-pipeline",
    "lifecyclestage": "lead",
    "num_notes": "0",
}
_TASK = {"hs_task_priority": "NONE", "hs_task_status": "NOT_STARTED", "hs_task_type": "TODO"}
_DEFAULTS = {"0-1": _CONTACT, "0-2": _COMPANY, "0-27": _TASK}
_NUMBERS = (
    ("phone", "hs_calculated_phone_number", "hs_searchable_calculated_phone_number"),
    ("mobilephone", "hs_calculated_mobile_number", "hs_searchable_calculated_mobile_number"),
)
_NOT_DIALLED = re.compile(r"[^\d+]")


@dataclass(frozen=True, slots=True)
class Derivation:
    """What deriving needs to know.

    Attributes:
        now_ms: The moment of the change, epoch milliseconds.
        now: The same, as property values show it.
        app_id: The number of the app that writes.
        stage_metadata: The metadata of a stage by object type id and stage id; None for unknown stages.
    """

    now_ms: int
    now: str
    app_id: str
    stage_metadata: StageMetadata


def blank(kind: ObjectType, context: Derivation) -> Values:
    """What every new record of a type has, unless its own values say otherwise."""
    values = {
        **_DEFAULTS.get(kind.id, {}),
        "hs_object_source": "INTEGRATION",
        "hs_object_source_id": context.app_id,
        "hs_object_source_label": "INTEGRATION",
        kind.created: context.now,
    }
    if kind.id == "0-3":
        values["hs_createdate"] = context.now
    return values


def on_create(kind: ObjectType, start: Values, given: Values, record_id: str, context: Derivation) -> Values:
    """The complete values of a new record; `start` is what `blank` gives for its type."""
    values = {**start, **given, "hs_object_id": record_id}
    if kind.id == "0-1":
        values["hs_all_contact_vids"] = record_id
    elif kind.id == "0-2":
        _complete_web_address(values)
    elif kind.id == "0-5":
        values["hs_ticket_id"] = record_id
    on_change(kind, {}, values, values, context)
    return values


def on_change(
    kind: ObjectType, before: Mapping[str, str], changed: Mapping[str, str | None], values: Values,
    context: Derivation,
) -> None:  # fmt: skip
    """Bring what depends on other values up to date.

    Args:
        kind: The object type.
        before: The record's values before the change.
        changed: What the change sets or, by None, clears.
        values: The record's values after it, completed in place.
        context: See `Derivation`.
    """
    values[kind.modified] = context.now
    if changed.get("hubspot_owner_id") and changed["hubspot_owner_id"] != before.get("hubspot_owner_id"):
        values["hubspot_owner_assigneddate"] = context.now
        values["hs_all_owner_ids"] = values["hubspot_owner_id"]
    derive = _BY_TYPE.get(kind.id)
    if derive is not None:
        derive(before, changed, values, context)


def hold_lifecycle(before: Mapping[str, str], changed: dict[str, str | None]) -> None:
    """Drop a step back in the lifecycle: HubSpot ignores it until the value has been cleared."""
    wanted, current = changed.get("lifecyclestage"), before.get("lifecyclestage")
    if wanted is None or current is None:
        return
    if _LIFECYCLE_ORDER.get(wanted, 99) < _LIFECYCLE_ORDER.get(current, -1):
        del changed["lifecyclestage"]


# -- by object type ------------------------------------------------------------------------------------------


def _contact(
    before: Mapping[str, str], changed: Mapping[str, str | None], values: Values, context: Derivation
) -> None:
    email = values.get("email")
    if "email" in changed:
        _set(values, "hs_email_domain", email.rpartition("@")[2] if email else None)
    if "email" in changed or "firstname" in changed or "lastname" in changed:
        first, last = values.get("firstname", ""), values.get("lastname", "")
        _set(values, "hs_full_name_or_email", f"{first} {last}".strip() or email)
    for source, calculated, searchable in _NUMBERS:
        if source in changed:
            number = _NOT_DIALLED.sub("", values.get(source, "")) or None
            _set(values, calculated, number)
            _set(values, searchable, number.lstrip("+")[-10:] if number else None)
    _lifecycle(before, changed, values, context)


def _company(
    before: Mapping[str, str], changed: Mapping[str, str | None], values: Values, context: Derivation
) -> None:
    _lifecycle(before, changed, values, context)


def _lifecycle(
    before: Mapping[str, str], changed: Mapping[str, str | None], values: Values, context: Derivation
) -> None:
    stage = values.get("lifecyclestage")
    if stage is not None and "lifecyclestage" in changed and stage != before.get("lifecyclestage"):
        values.setdefault(f"hs_lifecyclestage_{stage}_date", context.now)


def _deal(
    before: Mapping[str, str], changed: Mapping[str, str | None], values: Values, context: Derivation
) -> None:
    stage = values.get("dealstage")
    metadata = context.stage_metadata("0-3", stage) if stage else None
    share = float((metadata or {}).get("probability", "0") or 0)
    is_closed = (metadata or {}).get("isClosed") == "true"
    is_won = is_closed and share >= 1
    if is_closed and "dealstage" in changed:
        values.setdefault("closedate", context.now)
    values["hs_is_closed"] = _flag(is_closed)
    values["hs_is_closed_won"] = _flag(is_won)
    values["hs_is_closed_lost"] = _flag(is_closed and not is_won)
    if metadata is not None:
        values["hs_deal_stage_probability"] = f"{share:g}"
    amount = values.get("amount")
    weighted = f"{float(amount) * share:g}" if amount is not None else None
    _set(values, "amount_in_home_currency", amount)
    _set(values, "hs_projected_amount", weighted)
    _set(values, "hs_projected_amount_in_home_currency", weighted)
    _set(values, "hs_forecast_amount", amount)
    closed = (amount if is_won else "0") if amount is not None else "0"
    values["hs_closed_amount"] = values["hs_closed_amount_in_home_currency"] = closed
    days = _days_between(values.get("createdate"), values.get("closedate"))
    _set(values, "days_to_close", None if days is None else str(int(days)))
    _set(values, "hs_days_to_close_raw", None if days is None else f"{days:g}")


def _ticket(
    before: Mapping[str, str], changed: Mapping[str, str | None], values: Values, context: Derivation
) -> None:
    stage = values.get("hs_pipeline_stage")
    if stage is None or "hs_pipeline_stage" not in changed:
        return
    metadata = context.stage_metadata("0-5", stage) or {}
    if metadata.get("ticketState") == "CLOSED":
        values.setdefault("closed_date", context.now)
        opened = parse_timestamp(values.get("createdate", "")) or context.now_ms
        values["time_to_close"] = str(max(context.now_ms - opened, 0))
    elif "closed_date" not in changed:
        values.pop("closed_date", None)
        values.pop("time_to_close", None)


def _line_item(
    before: Mapping[str, str], changed: Mapping[str, str | None], values: Values, context: Derivation
) -> None:
    if "price" not in values:
        return
    full = float(values["price"]) * float(values.get("quantity", "1"))
    share = float(values.get("hs_discount_percentage", "0")) / 100
    discount = (
        full * share if share else float(values.get("discount", "0")) * float(values.get("quantity", "1"))
    )
    values["hs_pre_discount_amount"] = f"{full:.10g}"
    values["hs_total_discount"] = f"{discount:.10g}"
    values["amount"] = f"{full - discount:.10g}"


def _task(
    before: Mapping[str, str], changed: Mapping[str, str | None], values: Values, context: Derivation
) -> None:
    is_done = values.get("hs_task_status") == "COMPLETED"
    values["hs_task_is_completed"] = "1" if is_done else "0"
    if is_done:
        values.setdefault("hs_task_completion_date", context.now)
    else:
        values.pop("hs_task_completion_date", None)
    _preview("hs_task_body", changed, values)


def _note(
    before: Mapping[str, str], changed: Mapping[str, str | None], values: Values, context: Derivation
) -> None:
    _preview("hs_note_body", changed, values)


_BY_TYPE = {
    "0-1": _contact,
    "0-2": _company,
    "0-3": _deal,
    "0-5": _ticket,
    "0-8": _line_item,
    "0-27": _task,
    "0-46": _note,
}


def _preview(source: str, changed: Mapping[str, str | None], values: Values) -> None:
    if source in changed:
        plain = re.sub(r"<[^>]*>", " ", values.get(source, ""))
        _set(values, "hs_body_preview", " ".join(plain.split())[:200] or None)


def _complete_web_address(values: Values) -> None:
    if "domain" in values:
        values.setdefault("website", values["domain"])
    elif "website" in values and (host := domain(values["website"])):
        values["domain"] = host


def _set(values: Values, name: str, value: str | None) -> None:
    if value is None:
        values.pop(name, None)
    else:
        values[name] = value


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _days_between(start: str | None, end: str | None) -> float | None:
    first = parse_timestamp(start) if start else None
    last = parse_timestamp(end) if end else None
    if first is None or last is None:
        return None
    return max((last - first) / _DAY_MS, 0.0)
