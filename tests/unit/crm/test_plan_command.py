"""`ampsandbox plan` against fresh mock orgs, and against a connection that is refused."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from ampsandbox.cli import plan
from ampsandbox.errors import NotFoundError

MANIFEST = """
integrations:
  - name: toSalesforce
    displayName: To Salesforce
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - objectName: contact
            mode: insert
            endpoint: contacts
            customFields:
              - fieldName: warmthScore
                displayName: Warmth Score
  - name: toHubspot
    displayName: To HubSpot
    api: hubspot
    actions:
      - type: write
        customObjects:
          - objectName: campaigns
            mode: insert
            endpoint: campaigns
            displayName: "Campaigns \\e[31m"
            customFields:
              - fieldName: title
                displayName: Title
"""


def run(tmp_path: Path, *arguments: str) -> int:
    (tmp_path / "amp.yaml").write_text(MANIFEST)
    parser = argparse.ArgumentParser()
    plan.add_parser(parser.add_subparsers())
    args = parser.parse_args(["plan", str(tmp_path), *arguments])
    return int(args.run(args))


def test_the_plan_is_shown_as_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == 0
    out = capsys.readouterr().out
    assert "toSalesforce for group demo (mock)" in out
    assert "  + field Contact.warmthScore__c  (Text(255) “Warmth Score”)" in out
    assert "  + object campaigns  (custom object “Campaigns \\u{1b}[31m”)" in out
    assert "\x1b" not in out
    assert "2 to create, 0 there already." in out


def test_the_plan_is_shown_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "--format", "json", "--integration", "toSalesforce", "--group", "acme") == 0
    [planned] = json.loads(capsys.readouterr().out)
    assert (planned["group"], planned["connection"], planned["isClean"]) == ("acme", "mock", True)
    assert planned["org"]["is_production"] is False
    assert {"action": "create", "kind": "field", "name": "Contact.warmthScore__c"}.items() <= planned[
        "steps"
    ][1].items()


def test_an_org_that_cannot_be_asked_is_a_problem_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    settings = tmp_path / "sandbox.yaml"
    settings.write_text(
        "connections:\n- {provider: hubspot, auth: access-token, access_token: '${NOT_SET}'}\n"
    )
    assert run(tmp_path, "--settings", str(settings)) == 1
    out = capsys.readouterr().out
    assert "toHubspot for group demo (live)" in out
    assert "! CREDENTIAL: The environment variable NOT_SET is not set." in out


def test_an_unknown_integration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no integration other"):
        run(tmp_path, "--integration", "other")
