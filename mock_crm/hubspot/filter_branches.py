"""The filters of lists: trees of branches, each with filters of its own.

What they find is not worked out; this knows only the members that HubSpot adds to what was sent.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from mock_crm.hubspot import errors

# Far beyond what HubSpot's editor builds, and far below what recursion takes.
_DEEPEST = 50


class Filter(msgspec.Struct, rename="camel"):
    """What is checked of one condition; the names are those of HubSpot's SDKs."""

    filter_type: Literal[
        "ADS_SEARCH", "ADS_TIME", "ASSOCIATION", "CAMPAIGN_INFLUENCED", "COMMUNICATION_SUBSCRIPTION",
        "CONSTANT", "CTA", "EMAIL_EVENT", "EMAIL_SUBSCRIPTION", "EVENT", "FORM_SUBMISSION",
        "FORM_SUBMISSION_ON_PAGE", "INTEGRATION_EVENT", "IN_LIST", "NUM_ASSOCIATIONS", "PAGE_VIEW", "PRIVACY",
        "PROPERTY", "PROPERTY_ASSOCIATION", "SURVEY_MONKEY", "SURVEY_MONKEY_VALUE", "UNIFIED_EVENTS",
        "WEBINAR",
    ]  # fmt: skip
    operation: dict[str, Any] | None = None


class FilterBranch(msgspec.Struct, rename="camel"):
    """What is checked of a branch."""

    filter_branch_type: Literal[
        "AND", "ASSOCIATION", "NOT_ALL", "NOT_ANY", "OR", "PROPERTY_ASSOCIATION", "RESTRICTED",
        "UNIFIED_EVENTS",
    ]  # fmt: skip
    filters: list[Filter] = []
    filter_branches: list[FilterBranch] = []


class Filtered(msgspec.Struct, rename="camel"):
    """A body with filters, as it is read to refuse those that HubSpot does not have."""

    filter_branch: FilterBranch | None = None


def completed(branch: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """A branch that was read as `Filtered`, as HubSpot answers with it.

    Recorded in April 2026 (captaincontrat/hubspot-api-ruby).

    Raises:
        HubSpotError: Branches are nested deeper than anybody's list.
    """
    if depth > _DEEPEST:
        raise errors.invalid("The filter branches are nested too deeply.")
    filters = [_completed_filter(each) for each in branch.get("filters", [])]
    below = [completed(each, depth + 1) for each in branch.get("filterBranches", [])]
    full = branch | {"filterBranches": below, "filters": filters}
    # Branches of events and associations say the type of their event or link, and combine by AND.
    operator = branch["filterBranchType"]
    return {"filterBranchOperator": operator if operator in ("AND", "OR") else "AND"} | full


def _completed_filter(condition: dict[str, Any]) -> dict[str, Any]:
    operation = condition.get("operation")
    if operation is None:
        return condition
    return condition | {"operation": {"includeObjectsWithNoValueSet": False} | operation}
