"""Writes docs/conformance/hubspot.md from the declared endpoints and refusals: run it as a program."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mock_crm.core.conformance import factories, literal, made, stand_in, table
from mock_crm.hubspot import errors
from mock_crm.hubspot.errors import (
    HubSpotError,
    Problem,
    access,
    associations,
    definitions,
    lists,
    pipelines,
    property_values,
    records,
    requests,
)
from mock_crm.hubspot.routes import all_endpoints
from mock_crm.hubspot.unsimulated import ABSENT_APIS

PATH = Path(__file__).parents[2] / "docs" / "conformance" / "hubspot.md"

_SUBJECTS = (access, requests, property_values, records, definitions, pipelines, associations, lists)

_INTRODUCTION = """\
# What the HubSpot mock does, and what it does not

Written by `python -m mock_crm.hubspot.conformance`; a test keeps it in step with the code.

*Simulated* follows HubSpot as far as it is known, *simplified* differs as noted, *absent* answers 501 with
the category `NOT_SIMULATED`. Each endpoint is reached under all versions listed, and `crm` APIs with the
version before or behind the API's name: `/crm/v3/objects/contacts`, `/crm/objects/2026-03/contacts`.
"""
_REFUSALS = """
## Refusals

What brackets say of a source: *live* was recorded from HubSpot, *documented* is in its documentation,
*reported* is what tests of others claim, and *unverified* is this mock's best guess.

"""
_ABSENT = """
## Absent APIs

Every path below these answers 501 in HubSpot's error shape. Paths that HubSpot does not have get the HTML
page of its web server with 404, wrong methods with 405.

"""
_DATA = """
## Data

Object types, properties, options, association types and pipelines are those of `catalogue/`, see
`catalogue/SOURCES.md`. HubSpot defines more properties than the catalogue has. Calculated values are kept for
contacts, companies, deals, tickets, line items, notes and tasks, as far as a record's own values decide them;
values that roll up other records stay empty.
"""


def document() -> str:
    absent = [f"- {name}: `{prefix}/…`\n" for prefix, name in ABSENT_APIS.items()]
    endpoints = table(("method", "path", "versions", "", "note"), _endpoints())
    refusals = table(("refusal", "status", "category or code", "message"), _refusals())
    parts = [_INTRODUCTION, "\n## Endpoints\n\n", endpoints, _REFUSALS, refusals, _ABSENT, *absent, _DATA]
    return "".join(parts)


def _endpoints() -> Iterator[Sequence[str]]:
    for endpoint in all_endpoints():
        path = endpoint.patterns()[0].replace(f"/{endpoint.versions[0]}", "/*", 1)
        versions = ", ".join(endpoint.versions)
        if len(endpoint.versions) == 1:
            path, versions = endpoint.patterns()[0], versions.strip("{}")
        yield endpoint.method, literal(path), versions, endpoint.fidelity, endpoint.note


def _refusals() -> Iterator[Sequence[str]]:
    for factory in (*factories(_SUBJECTS), errors.invalid):
        refusal = made(factory, _sample)
        source = (inspect.getdoc(factory) or "").partition("\n")[0]
        if isinstance(refusal, HubSpotError):
            code = refusal.category or (refusal.word if refusal.word != "error" else "")
            status, message = str(refusal.status), refusal.message
        else:
            status, code, message = "400", refusal.code, refusal.message
        yield source, status, code, literal(message)


def _sample(parameter: inspect.Parameter) -> Any:
    """A stand-in for an argument, named like it."""
    kind = str(parameter.annotation)
    if "Problem" in kind:
        return [Problem("name", "CODE", "message")]
    if parameter.name == "status":
        return 400
    return 1 if kind == "int" else stand_in(parameter)


if __name__ == "__main__":
    PATH.write_text(document(), encoding="utf-8")
