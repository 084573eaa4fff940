"""Findings as text, JSON, annotations and SARIF."""

from __future__ import annotations

import json

import pytest

from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.formats import FORMATS, formatter
from ampsandbox.manifest.formats.text import summary
from ampsandbox.manifest.loader import parse_manifest

TEXT = """\
integrations:
  - name: a
    displayName: A
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - objectName: contact
            mode: upsert
            endpoint: create-contact
            schedule: every 1 hour
"""
HOSTILE = "\x1b[31m]8;;http://evil\x07 [bold]x[/] \u202e::error::%0A\u2028"


@pytest.fixture
def result() -> LoadResult:
    return parse_manifest(TEXT, "folder/amp.yaml")


def test_text_quotes_the_line_with_a_caret(result: LoadResult) -> None:
    assert formatter("text")(result).split("\n\n")[0] == (
        'folder/amp.yaml:9:19: error: The mode "upsert" is neither `insert` nor `update`. [mode-value]\n'
        "    8 |           - objectName: contact\n"
        "    9 |             mode: upsert\n"
        "      |                   ^\n"
        "  = Did you mean `update`?"
    )
    assert summary(result) == "folder/amp.yaml: 1 error, 1 warning"


def test_json_has_what_a_program_needs(result: LoadResult) -> None:
    document = json.loads(formatter("json")(result))
    assert (document["errors"], document["warnings"]) == (1, 1)
    assert document["findings"][1] == {
        "rule": "schedule-singular",
        "severity": "warning",
        "message": 'The last word of "every 1 hour" is always plural: "every 1 hours". '
        "It is read so, and fires at 01:00, 02:00, 03:00, … when installed at midnight.",
        "path": "$.integrations[0].actions[0].standardObjects[0].schedule",
        "line": 11,
        "column": 23,
        "suggestion": "Write `every 1 hours`.",
        "fix": {
            "start": {"line": 11, "column": 23},
            "end": {"line": 11, "column": 35},
            "replacement": "every 1 hours",
        },
        "validatorRule": None,
        "docs": "docs/rules.md#schedule-singular",
    }


def test_github_gets_one_command_a_finding(result: LoadResult) -> None:
    first, second = formatter("github")(result).split("\n")
    assert first.startswith("::error file=folder/amp.yaml,line=9,col=19,title=mode-value::The mode")
    assert second.startswith("::warning file=folder/amp.yaml,line=11,col=23,title=schedule-singular::")


def test_a_message_cannot_forge_a_github_command() -> None:
    text = TEXT.replace("upsert", '"a\\n::error::b%0A"')
    lines = formatter("github")(parse_manifest(text, "a,b:c.yaml")).split("\n")
    assert len(lines) == 2
    assert "file=a%2Cb%3Ac.yaml" in lines[0]
    assert "%250A" in lines[0]


def test_sarif_names_rules_places_and_fixes(result: LoadResult) -> None:
    (run,) = json.loads(formatter("sarif")(result))["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["mode-value", "schedule-singular"]
    error, warning = run["results"]
    assert error["level"] == "error"
    location = error["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "folder/amp.yaml"}
    assert location["region"] == {"startLine": 9, "startColumn": 19}
    (change,) = warning["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": "every 1 hours"}


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_text_is_only_text(name: str) -> None:
    hostile = json.dumps(HOSTILE)
    text = TEXT.replace("upsert", hostile).replace("displayName: A", f"displayName: A\n    {hostile}: 1")
    text += f"            # {HOSTILE[9:10]}\n"
    output = formatter(name)(
        parse_manifest(text, f"amp{HOSTILE}.yaml".replace("\x1b", "").replace("\x07", ""))
    )
    assert "\x1b" not in output
    assert "\u202e" not in output or name in ("github",)


def test_a_very_long_line_is_quoted_around_the_place() -> None:
    text = TEXT.replace("upsert", "x" * 100_000)
    assert all(len(line) < 300 for line in formatter("text")(parse_manifest(text, "amp.yaml")).split("\n"))
