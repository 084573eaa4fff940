"""Findings as SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ampsandbox import __version__
from ampsandbox.manifest.findings import Finding, Fix, LoadResult
from ampsandbox.manifest.rules import RULES, LintRule

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(result: LoadResult) -> str:
    """A SARIF log with one run."""
    used = [RULES[rule] for rule in sorted({finding.rule for finding in result.findings})]
    uri = quote(Path(result.source).as_posix())
    run = {
        "tool": {
            "driver": {"name": "ampsandbox", "version": __version__, "rules": [_rule(rule) for rule in used]}
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, uri) for finding in result.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: LintRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.explanation},
        "defaultConfiguration": {"level": rule.deploy.value},
    }


def _result(finding: Finding, uri: str) -> dict[str, Any]:
    artifact = {"uri": uri}
    region = {"startLine": finding.position.line, "startColumn": finding.position.column}
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": finding.severity.value,
        "message": {"text": " ".join((finding.message, finding.suggestion)).strip()},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "properties": {"path": finding.position.path},
    }
    if finding.fix:
        result["fixes"] = [_fix(finding.fix, artifact)]
    return result


def _fix(fix: Fix, artifact: dict[str, str]) -> dict[str, Any]:
    region = {
        "startLine": fix.start.line,
        "startColumn": fix.start.column,
        "endLine": fix.end.line,
        "endColumn": fix.end.column,
    }
    replacement = {"deletedRegion": region, "insertedContent": {"text": fix.replacement}}
    changes = [{"artifactLocation": artifact, "replacements": [replacement]}]
    return {"description": {"text": "Replace"}, "artifactChanges": changes}
