"""Comments that silence warnings."""

from __future__ import annotations

from collections.abc import Callable

from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.loader import parse_manifest

Load = Callable[[str], LoadResult]

TEXT = """\
integrations:
  - name: a
    displayName: A
    api: salesforce
    actions:
      - type: write
        standardObjects:
          {above}
          - objectName: contcat {beside}
            mode: insert
            endpoint: create.contact {last}
"""


def _rules(**comments: str) -> list[str]:
    text = TEXT.format(**({"above": "", "beside": "", "last": ""} | comments))
    return [finding.rule for finding in parse_manifest(text, "amp.yaml").findings]


def test_without_a_comment_both_warnings_are_heard() -> None:
    assert _rules() == ["unknown-object", "endpoint-style"]


def test_a_comment_above_an_item_is_about_all_of_it() -> None:
    assert _rules(above="# amp:ignore") == []


def test_a_comment_with_rules_is_about_those() -> None:
    assert _rules(above="# amp:ignore[unknown-object]") == ["endpoint-style"]
    assert _rules(above="# amp:ignore[unknown-object, endpoint-style]") == []


def test_a_comment_at_the_end_of_a_line_is_about_that_key() -> None:
    assert _rules(beside="# amp:ignore") == ["endpoint-style"]
    assert _rules(last="# amp:ignore[endpoint-style]") == ["unknown-object"]


def test_a_comment_after_a_key_is_about_everything_below_it(load: Load) -> None:
    text = TEXT.format(above="", beside="", last="").replace(
        "standardObjects:", "standardObjects: # amp:ignore"
    )
    assert load(text).findings == ()


def test_errors_cannot_be_silenced(load: Load) -> None:
    text = TEXT.format(above="# amp:ignore", beside="", last="").replace("mode: insert", "mode: upsert")
    assert [finding.rule for finding in load(text).findings] == ["mode-value"]


def test_silenced_warnings_stay_silent_in_strict_mode() -> None:
    text = TEXT.format(above="# amp:ignore", beside="", last="")
    assert parse_manifest(text, "amp.yaml", strict=True).manifest is not None


def test_another_comment_silences_nothing() -> None:
    assert _rules(above="# amp:ignored") == ["unknown-object", "endpoint-style"]


def test_a_comment_reaches_as_far_as_its_block() -> None:
    first = TEXT.format(above="# amp:ignore", beside="", last="")
    second = "          - {objectName: contcat, mode: insert, endpoint: other}\n"
    result = parse_manifest(first + second, "amp.yaml")
    assert [(finding.rule, finding.position.line) for finding in result.findings] == [("unknown-object", 12)]
