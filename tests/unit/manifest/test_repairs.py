"""Slips that the public pages show, and what becomes of them."""

from __future__ import annotations

import pytest

from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.fixes import apply
from ampsandbox.manifest.loader import parse_manifest

GOOD = """\
integrations:
  - name: a
    displayName: A
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - objectName: contact
            mode: insert
            endpoint: create-contact
            schedule: "*/30 * * * *"
        customObjects:
          - objectName: pets
            displayName: Pets
            mode: insert
            endpoint: create-pet
            customFields:
              - fieldName: petName
                displayName: Name
"""


def _load(text: str) -> LoadResult:
    return parse_manifest(text, "amp.yaml")


def _means_the_same(result: LoadResult) -> bool:
    """Whether a manifest means what GOOD does, wherever its parts stand."""
    good = _load(GOOD).manifest
    if good is None or result.manifest is None:
        return False
    parts = [
        [(o.name, o.mode, o.endpoint, o.schedule, [f.name for f in o.custom_fields]) for o in i.objects]
        for manifest in (good, result.manifest)
        for i in manifest.integrations
    ]
    return parts[0] == parts[1]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("        customObjects:", "         customObjects:", 12),
        ("        customObjects:", "       customObjects:", 12),
        ("        customObjects:", "          customObjects:", 12),
        ("    displayName: A\n", "     displayName: A\n", 3),
        ("    api:", "   api:", 4),
        ("  - name: a", "  -name: a", 2),
        ('"*/30 * * * *"', "*/30 * * * *", 11),
        ('"*/30 * * * *"', "*/30 * * * *   # often", 11),
        ("    api: salesforce\n", "\tapi: salesforce\n", 4),
        ("            endpoint: create-pet\n", "            endpoint: create-pet\n            ...\n", 17),
        ("displayName: Name", "displayName: Name: of the pet", 19),
    ],
)
def test_a_known_slip_is_repaired_and_reported(old: str, new: str, line: int) -> None:
    text = GOOD.replace(old, new, 1)
    result = _load(text)
    repairs = [finding for finding in result.findings if finding.rule == "yaml-repair"]
    assert line in [finding.position.line for finding in repairs]
    assert _means_the_same(result)


def test_a_repair_shows_the_line_before_and_after() -> None:
    result = _load(GOOD.replace("        customObjects:", "         customObjects:"))
    assert result.findings[0].message == (
        "Repaired, as the key stands one column off its siblings: "
        "`         customObjects:` was read as `        customObjects:`."
    )


def test_the_fixes_of_repairs_give_a_file_that_parses() -> None:
    broken = GOOD.replace("        customObjects:", "         customObjects:").replace("- name", "-name")
    result = _load(broken)
    fixed = _load(apply(broken, result.findings))
    assert "yaml-repair" not in {finding.rule for finding in fixed.findings}
    assert _means_the_same(fixed)


def test_several_slips_in_one_file_are_repaired() -> None:
    text = """\
integrations:
  -name: a
   displayName: A
   api: salesforce
   actions:
   -type: write
    standardObjects:
    -objectName: contact
     mode: insert
     endpoint: e
     schedule: @daily
    ...
"""
    result = _load(text)
    assert result.manifest is not None
    assert result.manifest.integrations[0].objects[0].schedule == "@daily"


def test_three_dots_as_a_value_stand_for_nothing() -> None:
    result = _load(
        GOOD.replace(
            "              - fieldName: petName\n                displayName: Name\n", "              ...\n"
        )
    )
    assert result.manifest is not None
    assert result.manifest.integrations[0].objects[1].custom_fields == ()
    assert {"yaml-repair", "custom-object-fields"} <= {finding.rule for finding in result.findings}


def test_a_prompt_with_three_dots_in_a_block_is_left_alone() -> None:
    text = GOOD.replace(
        "            mode: insert\n            endpoint: create-pet\n",
        """\
            mode: insert
            endpoint: create-pet
            prompt: |
              We keep pets
              ...
              and their names.
""",
    )
    assert "yaml-repair" not in {finding.rule for finding in _load(text).findings}


def test_what_no_repair_explains_is_a_syntax_error() -> None:
    result = _load("integrations: [")
    assert [finding.rule for finding in result.findings] == ["yaml-syntax"]
    assert result.manifest is None


def test_in_a_large_broken_file_few_repairs_are_tried() -> None:
    text = GOOD + "\n".join(f"x{i}: *" for i in range(200_000))
    assert [finding.rule for finding in _load(text).findings] == ["yaml-syntax"]


def test_a_tab_before_a_list_item_is_repaired_to_where_its_keys_stand() -> None:
    result = _load(GOOD.replace("      - type: write", "\t- type: write"))
    assert _means_the_same(result)
    [finding] = result.findings
    assert (finding.rule, finding.position.line) == ("yaml-repair", 6)
    assert "`      - type: write`" in finding.message


def test_a_tab_that_no_repair_explains_is_called_a_tab() -> None:
    [finding] = _load("a: 1\n\tb: [\n").findings
    assert finding.suggestion == "Indent with spaces: a tab cannot indent YAML."


def test_a_number_for_a_text_is_called_a_number() -> None:
    messages = [each.message for each in _load(GOOD.replace("name: a", "name: 7")).findings]
    assert messages == ["`name` is read as a number by YAML, not as a string."]
