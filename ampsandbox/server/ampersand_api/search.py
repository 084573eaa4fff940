"""Search: the records of a group's CRM whose fields equal given values (openapi: api/search.yaml)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ampsandbox.server.ampersand_api import models
from ampsandbox.server.ampersand_api.endpoint import ApiCall, ApiEndpoint
from ampsandbox.server.ampersand_api.problems import ApiIssue, ProblemError
from ampsandbox.service import metadata


class FieldFilter(msgspec.Struct, rename="camel"):
    """One condition: the field, by its mapped or its own name, equals the value."""

    field_name: str
    operator: Literal["eq"]
    value: str | bool | int | float


class SearchRequest(msgspec.Struct, rename="camel"):
    """What is looked for: every condition must hold."""

    object_name: str
    field_filters: list[FieldFilter]


async def _search(call: ApiCall) -> Any:
    asked: SearchRequest = call.body
    group = call.query.get("groupRef", "")
    if not group:
        issue = ApiIssue("query", "groupRef", "is missing", "Add ?groupRef=… to the URL.")
        raise ProblemError(400, "The query parameter groupRef is missing.", issue.remedy, (issue,))
    if not asked.field_filters:
        issue = ApiIssue("body", "fieldFilters", "is empty", "Give at least one filter.")
        raise ProblemError(400, "fieldFilters is empty.", issue.remedy, (issue,))
    integration = call.integration
    installation = call.platform.installed(integration, group)
    config = call.platform.parsed_config(installation)
    filters = [(each.field_name, each.value) for each in asked.field_filters]
    async with call.platform.look(integration, group) as crm:
        found = await metadata.search(crm, integration, config, asked.object_name, filters)
    entries = [
        models.SearchEntry(fields=each.fields, mapped_fields=each.mapped, raw=each.raw) for each in found
    ]
    return models.SearchAnswer(result=entries)


OPERATIONS = (
    ApiEndpoint(
        "POST", "/projects/{project}/integrations/{integration}", "searchRecords", _search, SearchRequest
    ),
)
