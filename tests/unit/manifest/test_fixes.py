"""`check --fix`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ampsandbox.cli.main import main
from ampsandbox.manifest.fixes import diff, fixed_text
from ampsandbox.manifest.loader import parse_manifest

MESSY = """\
# A comment that stays.
integrations:
  - name: a
     displayName: 2023-01-01   # so does this one
    Api: Salesforce
    actions:
      - type: write
        standardObjects:
          - objectName: 'ContractLineItem'
            mode: update
            endpoint: update-it
            schedul: every 1 hour
"""
TIDY = """\
# A comment that stays.
integrations:
  - name: a
    displayName: "2023-01-01"   # so does this one
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - objectName: 'contractLineItem'
            mode: update
            endpoint: update-it
            schedule: every 1 hours
"""


def test_safe_fixes_keep_comments_and_layout() -> None:
    assert fixed_text(MESSY, "amp.yaml") == TIDY
    assert parse_manifest(TIDY, "amp.yaml").findings == ()


def test_fixing_twice_changes_nothing_more() -> None:
    assert fixed_text(TIDY, "amp.yaml") == TIDY


def test_what_needs_a_decision_is_not_fixed() -> None:
    text = TIDY.replace("update-it", "a/b").replace("mode: update", "mode: upsert")
    assert fixed_text(text, "amp.yaml") == text


def test_a_missing_spec_version_is_added() -> None:
    integration = "  - name: a\n    provider: hubspot\n    write: {objects: [{objectName: contacts}]}\n"
    text = f"# first\nintegrations:\n{integration}"
    assert fixed_text(text, "amp.yaml") == f"specVersion: 1.0.0\n{text}"


@pytest.mark.parametrize(
    ("encoding", "line_end"), [("utf-8", "\n"), ("utf-8", "\r\n"), ("utf-8-sig", "\r\n"), ("utf-16", "\r\n")]
)
def test_the_file_keeps_its_encoding_line_ends_and_mode(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str, line_end: str
) -> None:
    path = tmp_path / "amp.yaml"
    path.write_bytes(MESSY.replace("\n", line_end).encode(encoding))
    path.chmod(0o640)
    assert main(["check", "--fix", str(path)]) == 0
    assert path.read_bytes() == TIDY.replace("\n", line_end).encode(encoding)
    assert path.stat().st_mode & 0o777 == 0o640
    assert "-            schedul: every 1 hour\n" in capsys.readouterr().err
    assert [entry.name for entry in tmp_path.iterdir()] == ["amp.yaml"]


def test_a_diff_is_safe_for_a_terminal() -> None:
    assert "\x1b" not in diff("a\x1b[31m\n", "b\n", "amp.yaml")
