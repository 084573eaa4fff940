"""docs/conformance/salesforce.md: each endpoint and refusal of the mock, and the tests that show each.

The tests write it (`CONFORMANCE=write pytest tests/mock_crm/salesforce`), because they know what they show.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from mock_crm.core.conformance import factories, literal, made, stand_in, table
from mock_crm.salesforce.bulk import refusals as bulk_refusals
from mock_crm.salesforce.catalogue import absent_names
from mock_crm.salesforce.errors import SalesforceError, records, refusal, requests, standard_objects
from mock_crm.salesforce.routes import Endpoints
from mock_crm.salesforce.soql import errors as soql_errors

PATH = Path(__file__).parents[2] / "docs" / "conformance" / "salesforce.md"

Shown = Mapping[tuple[str, str], str]
"""The tests that show an endpoint, by method and path, or a refusal, by code and message as code."""

_PACKAGES = Path(__file__).parents[2]
_MODULES = (requests, records, standard_objects, refusal, soql_errors, bulk_refusals)
_STATUS = {"OAuthError": "400", "SoapFaultError": "500"}
_CLASSES = ("SalesforceError", "OAuthError", "SoapFaultError", "SoqlError", "BulkError")
_EVIDENCE = re.compile(r"\[([ACDKMPRT](?: [ACDKMPRT])*)\]")
_ROW = re.compile(r"(?<!\\) \| ")

_INTRODUCTION = """\
# What the Salesforce mock does, and what it does not

Written by the tests (`CONFORMANCE=write pytest tests/mock_crm/salesforce`); a test keeps it in step.

*Simulated* follows Salesforce as far as it is known, *simplified* differs as noted, *absent* answers 501 with
`NOT_IMPLEMENTED` in Salesforce's error shape. Paths that Salesforce does not have answer `NOT_FOUND`, wrong
methods `METHOD_NOT_ALLOWED`. All versions from v31.0 on answer alike, but for what upserts answer (v46.0)
and how `duplicateResult` is spelled (v55.0). XML bodies, multipart collections, person accounts,
sharing, triggers and flows are absent everywhere.
"""
_REFUSALS = """
## Refusals

Evidence: A, C, R recorded bodies; K client code; P public issues; D documentation; M memory, soft;
without a letter, a guess in the words of its neighbours.

"""
_ABSENT = """
## Absent

With everything below them that is not listed above:

"""


_ABSENT_OBJECTS = """
These standard objects answer `NOT_IMPLEMENTED` wherever they are named:

"""


class Refusal(NamedTuple):
    """One refusal: its code, HTTP status, text with `{places}`, and the letters of its evidence."""

    code: str
    status: str
    message: str
    evidence: str


def document(shown: Shown) -> str:
    endpoints = [
        (method, path, fidelity, note, shown.get((method, path), ""))
        for method, path, fidelity, note in endpoints_listed()
    ]
    refused = [
        (r.code, r.status, literal(r.message), r.evidence, shown.get((r.code, literal(r.message)), ""))
        for r in refusals_listed()
    ]
    return "".join(
        [
            _INTRODUCTION,
            "\n## Endpoints\n\n",
            table(("method", "path", "", "note", "tests"), endpoints),
            _REFUSALS,
            table(("code", "status", "message", "evidence", "test"), refused),
            _ABSENT,
            *(f"- `{path}`\n" for path in absent_listed()),
            _ABSENT_OBJECTS,
            f"{', '.join(sorted(absent_names()))}.\n",
        ]
    )


def read_shown(page: str) -> dict[tuple[str, str], str]:
    """Which tests a page names for what."""
    rows = [_ROW.split(line[2:-2]) for line in page.splitlines() if line.startswith("| ")]
    names = {(row[0], row[1]): row[4] for row in rows}
    return names | {(row[0], row[2]): row[4] for row in rows}


def endpoints_listed() -> Iterator[tuple[str, str, str, str]]:
    """Method, path, fidelity and note of each endpoint that is there."""
    router = Endpoints()
    router.load_all()
    for route in router.routes:
        if not route.is_absent:
            yield route.method, f"`{route.pattern}`", route.fidelity, route.note


def absent_listed() -> list[str]:
    """The paths that are not simulated."""
    router = Endpoints()
    router.load_all()
    return sorted({route.pattern.removesuffix("/{rest...}") for route in router.routes if route.is_absent})


def refusals_listed() -> list[Refusal]:
    """Every refusal that the code can make, by code."""
    found = {(r.code, r.message): r for r in (*_of_factories(), *_inline()) if "{" not in r.code}
    return sorted(found.values())


def _of_factories() -> Iterator[Refusal]:
    for factory in factories(_MODULES):
        if "Error" not in str(factory.__annotations__.get("return")):
            continue
        error: SalesforceError = made(factory, stand_in)
        yield Refusal(error.code, str(error.status), error.message, _evidence(factory.__doc__))


def _inline() -> Iterator[Refusal]:
    """Refusals that are made where they are needed, found in the source."""
    skipped = {Path(str(module.__file__)) for module in _MODULES}
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        if path not in skipped:
            names = path.relative_to(_PACKAGES).with_suffix("").parts
            constants = vars(import_module(".".join(names)))
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and (refusal := _of_call(call, constants)):
                    yield refusal


def _of_call(call: ast.Call, constants: Mapping[str, object]) -> Refusal | None:
    name = getattr(call.func, "id", "")
    if name not in _CLASSES or len(call.args) < 2:
        return None
    code, message = (_text(argument, constants) for argument in call.args[:2])
    if not code or not message:
        return None
    if name == "BulkError":
        code, message = code.upper(), f"{code} : {message}"
    status = _STATUS.get(name) or str(SalesforceError(code, message).status)
    return Refusal(code, status, message, "")


def _text(node: ast.expr, constants: Mapping[str, object]) -> str:
    """A literal or constant text, with `{places}` for what is put into it; empty for anything else."""
    if isinstance(node, ast.Name):
        return str(constants.get(node.id, ""))
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.JoinedStr):
        return ""
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else f"{{{_place(part)}}}" for part in node.values
    )


def _place(value: ast.expr) -> str:
    """A name for what is put in: the last one in its expression."""
    return str(re.findall(r"\w+", ast.unparse(value))[-1])


def _evidence(docstring: str | None) -> str:
    return " ".join(dict.fromkeys(" ".join(_EVIDENCE.findall(docstring or "")).split()))
