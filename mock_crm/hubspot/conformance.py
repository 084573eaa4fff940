"""Writes CONFORMANCE.md from the declared endpoints and refusals: run it as a program."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mock_crm.hubspot import errors
from mock_crm.hubspot.errors import (
    HubSpotError,
    Problem,
    access,
    associations,
    definitions,
    property_values,
    records,
    requests,
)
from mock_crm.hubspot.refusals import ABSENT_APIS
from mock_crm.hubspot.routes import all_endpoints

PATH = Path(__file__).with_name("CONFORMANCE.md")

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

| refusal | status | category or code | message |
| --- | --- | --- | --- |
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
    """The whole page."""
    lines = [
        "",
        "## Endpoints",
        "",
        "| method | path | versions | | note |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += _endpoints()
    absent = [f"- {name}: `{prefix}/…`" for prefix, name in ABSENT_APIS.items()]
    parts = [_INTRODUCTION, "\n".join(lines) + "\n", _REFUSALS, "\n".join(_refusals()) + "\n"]
    return "".join([*parts, _ABSENT, "\n".join(absent) + "\n", _DATA])


def _endpoints() -> Iterator[str]:
    for endpoint in all_endpoints():
        path = endpoint.patterns()[0].replace(f"/{endpoint.versions[0]}", "/*", 1)
        versions = ", ".join(endpoint.versions)
        if len(endpoint.versions) == 1:
            path, versions = endpoint.patterns()[0], versions.strip("{}")
        yield f"| {endpoint.method} | `{path}` | {versions} | {endpoint.fidelity} | {endpoint.note} |"


def _refusals() -> Iterator[str]:
    for factory in _factories():
        made = factory(*(_sample(parameter) for parameter in _positional(factory)))
        source = (inspect.getdoc(factory) or "").partition("\n")[0]
        if isinstance(made, HubSpotError):
            code = made.category or (made.word if made.word != "error" else "")
            status, message = str(made.status), made.message
        else:
            status, code, message = "400", made.code, made.message
        text = message.replace("|", "\\|").replace("\n", " ")
        yield f"| {source} | {status} | {code} | `{text}` |"


def _factories() -> Iterator[Callable[..., HubSpotError | Problem]]:
    """The refusals of every subject, but for the shapes that they share."""
    for subject in (access, requests, property_values, records, definitions, associations):
        for name, factory in vars(subject).items():
            if inspect.isfunction(factory) and factory.__module__ == subject.__name__ and name[0] != "_":
                yield factory
    yield errors.invalid


def _positional(factory: Any) -> list[inspect.Parameter]:
    parameters = inspect.signature(factory).parameters.values()
    return [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty]


def _sample(parameter: inspect.Parameter) -> Any:
    """A stand-in for an argument, named like it."""
    kind = str(parameter.annotation)
    if "Problem" in kind:
        return [Problem("name", "CODE", "message")]
    if "Sequence" in kind or "Iterable" in kind:
        return ["…"]
    return 400 if parameter.name == "status" else 1 if kind == "int" else f"{{{parameter.name}}}"


if __name__ == "__main__":
    PATH.write_text(document(), encoding="utf-8")
