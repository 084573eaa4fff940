"""The filters of lists: trees of branches, each with filters of its own.

What they find is not worked out; this knows only the members that HubSpot adds to what was sent.
"""

from __future__ import annotations

from typing import Any

from mock_crm.hubspot import errors

# Far beyond what HubSpot's editor builds, and far below what recursion takes.
_DEEPEST = 50


def completed(branch: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """A branch as HubSpot answers with it (recorded in April 2026, captaincontrat/hubspot-api-ruby).

    Raises:
        HubSpotError: Branches are nested deeper than anybody's list.
    """
    if depth > _DEEPEST:
        raise errors.invalid("The filter branches are nested too deeply.")
    filters = [
        _completed_filter(each) if isinstance(each, dict) else each for each in _list(branch, "filters")
    ]
    below = [
        completed(each, depth + 1) if isinstance(each, dict) else each
        for each in _list(branch, "filterBranches")
    ]
    full = branch | {"filterBranches": below, "filters": filters}
    # Branches of events and associations say the type of their event or link, and combine by AND.
    operator = branch.get("filterBranchType")
    return {"filterBranchOperator": operator if operator in ("AND", "OR") else "AND"} | full


def _completed_filter(condition: dict[str, Any]) -> dict[str, Any]:
    operation = condition.get("operation")
    if not isinstance(operation, dict):
        return condition
    return condition | {"operation": {"includeObjectsWithNoValueSet": False} | operation}


def _list(branch: dict[str, Any], name: str) -> list[Any]:
    listed = branch.get(name)
    return listed if isinstance(listed, list) else []
