"""What HubSpot fills in by itself when a record is created or changed.

All functions work on the values of a record in the form in which they are kept, in which the empty text is a
cleared value. Sources: recorded answers to creations and changes (NangoHQ/integration-templates, March 2026;
captaincontrat/hubspot-api-ruby, 2022 and 2024); HubSpot's public documentation for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from functools import cache, lru_cache
from itertools import repeat
from typing import NamedTuple

from mock_crm.hubspot.documents import Columns
from mock_crm.hubspot.model import ObjectType
from mock_crm.hubspot.portal import CURRENCY
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
_PREVIEW_CHARACTERS = 200
_EXACT = Context(prec=200)
_NO_DIGIT = re.compile(r"\D")
_NO_ASCII_DIGIT = bytes(code for code in range(128) if not chr(code).isdigit())

_FIRST_STAGE = "lead"
_NEW: dict[str, Values] = {
    "0-1": {
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
        "lifecyclestage": _FIRST_STAGE,
        "num_notes": "0",
    },
    "0-2": {
        "hs_annual_revenue_currency_code": CURRENCY,
        "hs_num_blockers": "0",
        "hs_num_child_companies": "0",
        "hs_num_contacts_with_buying_roles": "0",
        "hs_num_decision_makers": "0",
        "hs_num_open_deals": "0",
        "hs_pipeline": "companies-lifecycle-pipeline",
        "lifecyclestage": _FIRST_STAGE,
        "num_associated_contacts": "0",
        "num_notes": "0",
    },
    "0-3": {
        "hs_has_last_conversation_follow_ups": "false",
        "hs_has_last_meeting_followups": "false",
        "hs_is_deal_split": "false",
        "hs_num_associated_active_deal_registrations": "0",
        "hs_num_associated_deal_registrations": "0",
        "hs_num_associated_deal_splits": "0",
        "hs_num_of_associated_line_items": "0",
        "hs_num_target_accounts": "0",
        "hs_number_of_call_engagements": "0",
        "hs_number_of_inbound_calls": "0",
        "hs_number_of_outbound_calls": "0",
        "hs_number_of_overdue_tasks": "0",
        "num_associated_contacts": "0",
        "num_notes": "0",
    },
    "0-5": {
        "hs_is_visible_in_help_desk": "true",
        "hs_last_email_activity": "ORIGINAL_FROM_CONTACT",
        "hs_last_message_from_visitor": "false",
        "hs_num_associated_companies": "0",
        "hs_num_associated_conversations": "0",
        "hs_num_times_contacted": "0",
        "num_notes": "0",
    },
    "0-27": {
        "hs_task_family": "SALES",
        "hs_task_for_object_type": "OWNER",
        "hs_task_is_all_day": "false",
        "hs_task_is_sub_task": "false",
        "hs_task_priority": "NONE",
        "hs_task_status": "NOT_STARTED",
        "hs_task_type": "TODO",
    },
    "0-47": {"hs_meeting_source": "CRM_UI"},
}
"""What a new record has, by object type id, unless its own values say otherwise."""

_ECHOED_ALWAYS = frozenset(
    {
        "createdate",
        "hs_lastmodifieddate",
        "hs_object_id",
        "hs_object_source",
        "hs_object_source_id",
        "hs_object_source_label",
        "lastmodifieddate",
    }
)
_REFERRING = ("associatedcompanyid", "hs_additional_emails", "hs_product_id", "hubspot_owner_id")
"""Properties whose values have to do with other records, beside pipelines and stages."""
_STAGE_TIMES = ("hs_v2_date_entered_current_stage", "hs_v2_time_in_current_stage")
_PREVIEW = ("hs_body_preview", "hs_body_preview_html", "hs_body_preview_is_truncated")
_OWNER = ("hs_all_owner_ids", "hs_user_ids_of_all_owners", "hubspot_owner_assigneddate", "hubspot_owner_id")
_ACTIVITY = ("hs_createdate", "hs_obj_coords", *_PREVIEW, *_OWNER)
_ECHOED: dict[str, tuple[str, ...]] = {
    "0-1": ("hs_is_unworked", "hs_pipeline", "lifecyclestage", "notes_last_updated", *_STAGE_TIMES),
    "0-2": ("domain", "hs_pipeline", "hs_task_label", "lifecyclestage", *_STAGE_TIMES),
    "0-3": (
        "amount_in_home_currency",
        "days_to_close",
        "hs_actual_duration",
        "hs_closed_amount",
        "hs_closed_amount_in_home_currency",
        "hs_closed_deal_close_date",
        "hs_closed_deal_create_date",
        "hs_closed_won_count",
        "hs_days_to_close_raw",
        "hs_deal_stage_probability",
        "hs_deal_stage_probability_shadow",
        "hs_forecast_amount",
        "hs_is_closed",
        "hs_is_closed_count",
        "hs_is_closed_won",
        "hs_is_open_count",
        "hs_open_amount_in_home_currency",
        "hs_open_deal_create_date",
        "hs_projected_amount",
        "hs_projected_amount_in_home_currency",
        "hs_weighted_pipeline_in_company_currency",
        "pipeline",
        *_STAGE_TIMES,
    ),
    "0-5": (
        "hs_helpdesk_sort_timestamp",
        "hs_is_closed",
        "hs_last_email_activity",
        "hs_pipeline",
        "hs_pipeline_stage",
        "hs_ticket_id",
        *_STAGE_TIMES,
    ),
    "0-27": (
        *_ACTIVITY,
        "hs_start_date_with_fallback",
        "hs_task_completion_count",
        "hs_task_completion_date",
        "hs_task_is_completed",
        "hs_task_is_completed_call",
        "hs_task_is_completed_email",
        "hs_task_is_completed_linked_in",
        "hs_task_is_completed_sequence",
        "hs_task_is_open",
        "hs_task_is_overdue",
        "hs_task_is_past_due_date",
        "hs_task_missed_due_date",
        "hs_task_missed_due_date_count",
        "hs_task_type",
        "hs_timestamp",
    ),
}
_ECHOED_OTHERWISE = (*_ACTIVITY, "hs_pipeline")


@dataclass(frozen=True, slots=True)
class Derivation:
    """What deriving needs to know.

    Attributes:
        now_ms: The time of the change, epoch milliseconds.
        now: The same, as property values show it.
        app_id: The number of the app that writes.
        stage_metadata: The metadata of a stage by object type id and stage id; None for unknown stages.
        users: The ids of users by the id under which they own records.
    """

    now_ms: int
    now: str
    app_id: str
    stage_metadata: StageMetadata
    users: Mapping[str, str] = field(default_factory=dict)


_DEPENDED_ON: dict[str, tuple[str, ...]] = {
    "0-1": ("lifecyclestage", f"hs_lifecyclestage_{_FIRST_STAGE}_date"),
    "0-2": ("lifecyclestage",),
    "0-3": ("createdate",),
    "0-5": ("createdate",),
    "0-27": ("hs_createdate", "hs_start_date_with_fallback", "hs_task_status", "hs_task_type"),
}
"""What else depends on of what a new record starts with, or what may be taken from it, by object type id."""


class Blank(NamedTuple):
    """What every new record of a type has, unless its own values say otherwise.

    Attributes:
        shared: What nothing else depends on: it stays out of the way of what is done for each record.
        own: The rest.
    """

    shared: Values
    own: Values


def blank(kind: ObjectType, context: Derivation) -> Blank:
    """What new records of a type start with at this moment."""
    values = {
        **_NEW.get(kind.id, {}),
        "hs_object_source": "INTEGRATION",
        "hs_object_source_id": context.app_id,
        "hs_object_source_label": "INTEGRATION",
        kind.created: context.now,
        kind.modified: context.now,
    }
    if kind.id == "0-3":
        values["hs_createdate"] = context.now
    _derive(kind, {}, values, values, context)
    own = {name: values.pop(name) for name in _DEPENDED_ON.get(kind.id, ()) if name in values}
    return Blank(values, own)


def on_create(kind: ObjectType, start: Blank, given: Values, record_id: str, context: Derivation) -> Values:
    """What a new record has beside what it shares with those that start like it."""
    values = start.own | given
    values["hs_object_id"] = record_id
    if kind.id == "0-1":
        values["hs_all_contact_vids"] = record_id
        if values["lifecyclestage"] != _FIRST_STAGE:
            del values[f"hs_lifecyclestage_{_FIRST_STAGE}_date"]
    elif kind.id == "0-2":
        if "domain" in values:
            values.setdefault("website", values["domain"])
        elif host := domain(values.get("website", "")):
            values["domain"] = host
    elif kind.id == "0-5":
        values["hs_ticket_id"] = record_id
        values["hs_helpdesk_sort_timestamp"] = context.now
    elif kind.id in _BODIES:
        values["hs_obj_coords"] = f"{kind.id}-{record_id}"
    _derive(kind, start.own, given, values, context)
    return values


def on_create_all(kind: ObjectType, start: Blank, given: Columns, ids: Sequence[str]) -> Columns:
    """What `on_create` gives for each of several records that were given values for the same properties.

    Those must be `is_self_contained`. A text is empty where a record has no value.
    """
    values: dict[str, Sequence[str]] = {name: [value] * len(ids) for name, value in start.own.items()}
    values |= given
    values["hs_object_id"] = ids
    derive = _ALL_BY_TYPE.get(kind.id)
    if derive is not None:
        derive(values)
    return values


def is_self_contained(kind: ObjectType, names: Iterable[str]) -> bool:
    """Whether what HubSpot fills in for a new record follows from its values for these properties alone."""
    if kind.id in _BODIES or (kind.id in _BY_TYPE and kind.id not in _ALL_BY_TYPE):
        return False
    return {kind.stage, kind.pipeline, *_REFERRING}.isdisjoint(names)


def restated(kind: ObjectType, context: Derivation, values: Mapping[str, str]) -> tuple[str, str] | None:
    """What the answer to a creation states otherwise than it is kept, by name.

    The date of a contact's lifecycle stage is milliseconds there alone (recorded).
    """
    if kind.id != "0-1":
        return None
    return f"hs_lifecyclestage_{values['lifecyclestage']}_date", str(context.now_ms)


def on_change(
    kind: ObjectType, before: Mapping[str, str], changed: Mapping[str, str], values: Values,
    context: Derivation,
) -> None:  # fmt: skip
    """Bring what depends on other values up to date.

    Args:
        kind: The object type.
        before: The record's values before the change.
        changed: What the change sets or, by the empty text, clears.
        values: The record's values after it, completed in place.
        context: See `Derivation`.
    """
    values[kind.modified] = context.now
    _derive(kind, before, changed, values, context)


def _derive(
    kind: ObjectType, before: Mapping[str, str], changed: Mapping[str, str], values: Values,
    context: Derivation,
) -> None:  # fmt: skip
    owner = changed.get("hubspot_owner_id")
    if owner and owner != before.get("hubspot_owner_id"):
        values["hubspot_owner_assigneddate"] = context.now
        values["hs_all_owner_ids"] = owner
        if owner in context.users:
            values["hs_user_ids_of_all_owners"] = context.users[owner]
    if kind.stage and kind.id in _ECHOED:
        stage = values.get(kind.stage)
        if stage and stage != before.get(kind.stage):
            values["hs_v2_date_entered_current_stage"] = values["hs_v2_time_in_current_stage"] = context.now
    derive = _BY_TYPE.get(kind.id)
    if derive is not None:
        derive(before, changed, values, context)
    body = _BODIES.get(kind.id)
    if body is not None and body in changed:
        _preview(values, values.get(body, ""))


def echoed(kind: ObjectType) -> frozenset[str]:
    """The properties that the answer to a change shows beside what was changed (recorded)."""
    return _echoed(kind.id)


@cache
def _echoed(type_id: str) -> frozenset[str]:
    return _ECHOED_ALWAYS.union(_ECHOED.get(type_id, _ECHOED_OTHERWISE))


def hold_lifecycle(before: Mapping[str, str], changed: dict[str, str]) -> None:
    """Drop a step back in the lifecycle: HubSpot ignores it until the value has been cleared."""
    wanted, current = changed.get("lifecyclestage"), before.get("lifecyclestage")
    if not wanted or not current:
        return
    if _LIFECYCLE_ORDER.get(wanted, 99) < _LIFECYCLE_ORDER.get(current, -1):
        del changed["lifecyclestage"]


# -- by object type ------------------------------------------------------------------------------------------


def _contact(
    before: Mapping[str, str], changed: Mapping[str, str], values: Values, context: Derivation
) -> None:
    has_email = "email" in changed
    if has_email:
        _set(values, "hs_email_domain", _email_domain(values["email"]))
    if has_email or "firstname" in changed or "lastname" in changed:
        sources = (values.get("firstname", ""), values.get("lastname", ""), values.get("email", ""))
        _set(values, "hs_full_name_or_email", _full_name_or_email(*sources))
    if "phone" in changed:
        _phone(changed["phone"], values, _PHONE)
    if "mobilephone" in changed:
        _phone(changed["mobilephone"], values, _MOBILE_PHONE)
    stage = changed.get("lifecyclestage")
    if stage and stage != before.get("lifecyclestage"):
        values.setdefault(f"hs_lifecyclestage_{stage}_date", context.now)


def _company(
    before: Mapping[str, str], changed: Mapping[str, str], values: Values, context: Derivation
) -> None:
    _set(values, "hs_task_label", values.get("name") or values.get("domain", ""))
    if "phone" in changed:
        _phone(changed["phone"], values, _PHONE)


def _email_domain(email: str) -> str:
    return email.rpartition("@")[2]


def _full_name_or_email(first: str, last: str, email: str) -> str:
    return f"{first} {last}".strip() or email


_DEAL_SOURCES = frozenset({"amount", "closedate", "createdate", "dealstage"})


def _deal(before: Mapping[str, str], changed: Mapping[str, str], values: Values, context: Derivation) -> None:
    if before and _DEAL_SOURCES.isdisjoint(changed):
        return
    stage = values.get("dealstage")
    metadata = context.stage_metadata("0-3", stage) if stage else None
    share = float((metadata or {}).get("probability", "0") or 0)
    is_closed = (metadata or {}).get("isClosed") == "true"
    is_won = is_closed and share >= 1
    if is_closed and "dealstage" in changed:
        values.setdefault("closedate", context.now)
    created = parse_timestamp(values.get("createdate", ""))
    closed = parse_timestamp(values.get("closedate", ""))
    lasting_ms = max(closed - created, 0) if created is not None and closed is not None else None
    days = (lasting_ms or 0) / _DAY_MS
    values["days_to_close"] = str(int(days))
    values["hs_days_to_close_raw"] = f"{days:.5f}" if days else "0"
    _set(values, "hs_actual_duration", "" if lasting_ms is None else str(lasting_ms))
    values["hs_is_closed_won"] = _flag(is_won)
    values["hs_is_closed_lost"] = _flag(is_closed and not is_won)
    values["hs_closed_won_count"] = _count(is_won)
    values["hs_deal_stage_probability_shadow"] = _exactly(share, "1")
    amount = values.get("amount", "")
    weighted = _exactly(share, amount) if amount else ""
    for name in ("amount_in_home_currency", "hs_forecast_amount"):
        _set(values, name, amount)
    for name in ("hs_projected_amount", "hs_projected_amount_in_home_currency"):
        _set(values, name, weighted)
    for name in ("hs_closed_amount", "hs_closed_amount_in_home_currency"):
        values[name] = amount if is_won and amount else "0"
    if metadata is None:
        # Whether a deal is open follows from its stage; without one it is neither (recorded).
        for name in ("hs_is_closed", "hs_is_closed_count", "hs_is_open_count", "hs_deal_stage_probability"):
            values.pop(name, None)
        return
    values["hs_deal_stage_probability"] = _exactly(share, "1")
    values["hs_is_closed"] = _flag(is_closed)
    values["hs_is_closed_count"] = _count(is_closed)
    values["hs_is_open_count"] = _count(not is_closed)
    _set(values, "hs_open_amount_in_home_currency", "0" if is_closed and amount else amount)
    _set(values, "hs_weighted_pipeline_in_company_currency", weighted)
    values["hs_open_deal_create_date"] = "0" if is_closed else str(created)
    values["hs_closed_deal_create_date"] = str(created) if is_closed else "0"
    values["hs_closed_deal_close_date"] = str(closed) if is_closed else "0"


def _ticket(
    before: Mapping[str, str], changed: Mapping[str, str], values: Values, context: Derivation
) -> None:
    stage = values.get("hs_pipeline_stage")
    if not stage or "hs_pipeline_stage" not in changed:
        return
    metadata = context.stage_metadata("0-5", stage) or {}
    is_closed = metadata.get("ticketState") == "CLOSED"
    values["hs_is_closed"] = _flag(is_closed)
    if is_closed:
        values.setdefault("closed_date", context.now)
        opened = parse_timestamp(values.get("createdate", "")) or context.now_ms
        values["time_to_close"] = str(max(context.now_ms - opened, 0))
    elif "closed_date" not in changed:
        values.pop("closed_date", None)
        values.pop("time_to_close", None)


def _line_item(
    before: Mapping[str, str], changed: Mapping[str, str], values: Values, context: Derivation
) -> None:
    if not values.get("price"):
        return
    quantity = float(values.get("quantity") or 1)
    full = float(values["price"]) * quantity
    share = float(values.get("hs_discount_percentage") or 0) / 100
    discount = full * share if share else float(values.get("discount") or 0) * quantity
    values["hs_pre_discount_amount"] = f"{full:.10g}"
    values["hs_total_discount"] = f"{discount:.10g}"
    values["amount"] = f"{full - discount:.10g}"


def _task(before: Mapping[str, str], changed: Mapping[str, str], values: Values, context: Derivation) -> None:
    is_done = values.get("hs_task_status") == "COMPLETED"
    if is_done:
        values.setdefault("hs_task_completion_date", context.now)
        values["hs_task_is_open"] = "false"
    elif values.pop("hs_task_completion_date", None):
        values["hs_task_is_open"] = "true"
    done = parse_timestamp(values.get("hs_task_completion_date", "")) or context.now_ms
    due = parse_timestamp(values.get("hs_timestamp", ""))
    is_late = due is not None and due < done
    if due is not None and due < context.now_ms:
        values.setdefault("hs_engagements_last_contacted", values["hs_timestamp"])
    values.setdefault("hs_start_date_with_fallback", values.get("hs_createdate", context.now))
    values["hs_task_completion_count"] = values["hs_task_is_completed"] = _count(is_done)
    for way, kinds in _TASKS.items():
        is_way = is_done and values.get("hs_task_type") in kinds
        values[f"hs_task_is_completed_{way}"] = _count(is_way)
    values["hs_task_is_overdue"] = _flag(is_late and not is_done)
    values["hs_task_is_past_due_date"] = values["hs_task_missed_due_date"] = _flag(is_late)
    values["hs_task_missed_due_date_count"] = _count(is_late)


_TASKS = {
    "call": ("CALL",),
    "email": ("EMAIL",),
    "linked_in": ("LINKED_IN", "LINKED_IN_CONNECT", "LINKED_IN_MESSAGE"),
    "sequence": (),
}
_BY_TYPE = {
    "0-1": _contact,
    "0-2": _company,
    "0-3": _deal,
    "0-5": _ticket,
    "0-8": _line_item,
    "0-27": _task,
}
_BODIES = {
    "0-18": "hs_communication_body",
    "0-27": "hs_task_body",
    "0-46": "hs_note_body",
    "0-47": "hs_meeting_body",
    "0-48": "hs_call_body",
    "0-49": "hs_email_text",
    "0-116": "hs_postal_mail_body",
}
"""The text of an activity, of which HubSpot keeps a preview, by object type id."""


def _preview(values: Values, body: str) -> None:
    if not body:
        for name in _PREVIEW:
            values.pop(name, None)
        return
    plain = " ".join(re.sub(r"<[^>]*>", " ", body).split())
    values["hs_body_preview"] = plain[:_PREVIEW_CHARACTERS]
    values["hs_body_preview_html"] = f"<html>\n<head></head>\n<body>\n{body}\n</body>\n</html>"
    values["hs_body_preview_is_truncated"] = _flag(len(plain) > _PREVIEW_CHARACTERS)


_PHONE = ("hs_calculated_phone_number", "hs_searchable_calculated_phone_number")
_MOBILE_PHONE = ("hs_calculated_mobile_number", "hs_searchable_calculated_mobile_number")


def _phone(given: str, values: Values, names: tuple[str, str]) -> None:
    """Keep the forms of a phone number that searches compare."""
    international, searchable = _phone_forms(given)
    _set(values, names[0], international)
    _set(values, names[1], searchable)


def _phone_forms(given: str) -> tuple[str, str]:
    """The international form of a phone number, if it has one, and its last digits.

    That a number is complete is decided by how many digits it has; HubSpot knows every country's plan.
    """
    if given.isascii():  # a third of the pattern's time
        digits = given.encode().translate(None, _NO_ASCII_DIGIT).decode()
    else:
        digits = _NO_DIGIT.sub("", given)
    count = len(digits)
    if "+" not in given:
        international = f"+1{digits}" if count == 10 else ""  # of the account's own country
    elif 9 <= count <= 15 and (count == 11 or digits[0] != "1"):
        international = f"+{digits}"
    else:
        international = ""
    return international, digits[-10:]


# -- by object type, for several new records at once ---------------------------------------------------------


def _contacts(values: dict[str, Sequence[str]]) -> None:
    values["hs_all_contact_vids"] = values["hs_object_id"]
    if "email" in values:
        values["hs_email_domain"] = list(map(_email_domain, values["email"]))
    if not values.keys().isdisjoint(_NAMES):
        sources = [values.get(name, _ABSENT) for name in _NAMES]
        values["hs_full_name_or_email"] = list(map(_full_name_or_email, *sources))
    _phones(values, "phone", _PHONE)
    _phones(values, "mobilephone", _MOBILE_PHONE)


def _companies(values: dict[str, Sequence[str]]) -> None:
    if "domain" in values:
        values.setdefault("website", values["domain"])
    elif "website" in values:
        values["domain"] = list(map(domain, values["website"]))
    if "name" in values or "domain" in values:
        values["hs_task_label"] = values.get("name") or values["domain"]
    _phones(values, "phone", _PHONE)


def _phones(values: dict[str, Sequence[str]], source: str, names: tuple[str, str]) -> None:
    if source in values:
        values |= zip(names, zip(*map(_phone_forms, values[source]), strict=True), strict=True)


_ABSENT = repeat("")
_NAMES = ("firstname", "lastname", "email")
_ALL_BY_TYPE = {"0-1": _contacts, "0-2": _companies}
"""What `_BY_TYPE` does for a new record, for several that were given values for the same properties."""


# -- values --------------------------------------------------------------------------------------------------


def _set(values: Values, name: str, value: str) -> None:
    if value:
        values[name] = value
    elif name in values:
        del values[name]


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _count(value: bool) -> str:
    return "1" if value else "0"


@lru_cache(256)
def _exactly(share: float, amount: str) -> str:
    """A share of an amount, as HubSpot shows it: without rounding the double nearest to the share."""
    value = _EXACT.multiply(Decimal(share), Decimal(amount))
    return f"{value:f}" if value else "0"
