"""The format `json` of `ampsandbox check`: findings for programs."""

from __future__ import annotations

import json
from typing import Any

from ampsandbox.manifest.findings import Finding, Fix, LoadResult
from ampsandbox.manifest.rules import RULES


def render(result: LoadResult) -> str:
    """A JSON object with `source`, `dialect`, `errors`, `warnings` and `findings`."""
    return json.dumps(document(result), indent=2)


def document(result: LoadResult) -> dict[str, Any]:
    errors = len(result.errors)
    return {
        "source": result.source,
        "dialect": result.manifest.dialect.value if result.manifest else None,
        "errors": errors,
        "warnings": len(result.findings) - errors,
        "findings": [_finding(finding) for finding in result.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "validatorRule": RULES[finding.rule].validator_rule or None,
        "severity": finding.severity.value,
        "message": finding.message,
        "path": finding.position.path,
        "line": finding.position.line,
        "column": finding.position.column,
        "suggestion": finding.suggestion or None,
        "fix": _fix(finding.fix) if finding.fix else None,
        "docs": RULES[finding.rule].anchor,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "start": {"line": fix.start.line, "column": fix.start.column},
        "end": {"line": fix.end.line, "column": fix.end.column},
        "replacement": fix.replacement,
    }
