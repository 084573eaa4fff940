"""Every rule, with the least that breaks it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ampsandbox.manifest.findings import Finding, LoadResult, Severity, Target
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.manifest.rules import RULES, markdown

Only = Callable[[str, str], Finding]


def write(body: str, api: str = "salesforce", name: str = "a") -> str:
    """A 2023 manifest around the body of one write action."""
    indented = "\n".join(f"        {line}" for line in body.split("\n"))
    head = f"integrations:\n  - name: {name}\n    displayName: A\n    api: {api}\n"
    return f"{head}    actions:\n      - type: write\n{indented}\n"


def standard(line: str = "", api: str = "salesforce", **keys: str) -> str:
    """A manifest with one standard object; keyword arguments replace its values, `line` is added."""
    values = {"objectName": "contact", "mode": "insert", "endpoint": "create-contact"} | keys
    rows = [f"{key}: {value}" for key, value in values.items()] + ([line] if line else [])
    return write("standardObjects:\n  - " + "\n    ".join(rows), api)


def custom(fields: str, api: str = "salesforce", line: str = "displayName: Pets", name: str = "pets") -> str:
    """A manifest with one custom object and its custom fields, in flow style."""
    head = f"customObjects:\n  - objectName: {name}\n    mode: insert\n    endpoint: e\n    {line}"
    return write(f"{head}\n    customFields: [{fields}]", api)


def today(body: str) -> str:
    """A 1.0.0 manifest around the body of one integration."""
    indented = "\n".join(f"    {line}" for line in body.split("\n"))
    return f"specVersion: 1.0.0\nintegrations:\n  - name: a\n    provider: salesforce\n{indented}\n"


def read(line: str) -> str:
    """A 1.0.0 manifest with one read object and one more line in it."""
    schedule = "" if line.startswith("schedule") else '\n      schedule: "0 */2 * * *"'
    head = "read:\n  objects:\n    - objectName: account\n      destination: hook"
    return today(f"{head}{schedule}\n      {line}")


def subscribe(body: str) -> str:
    """A 1.0.0 manifest with a read and the subscriptions given in flow style."""
    objects = '[{objectName: account, destination: hook, schedule: "0 */2 * * *"}]'
    return today(f"read: {{objects: {objects}}}\nsubscribe: {{objects: [{body}]}}")


def proxied(provider: str, line: str = "") -> str:
    """A 1.0.0 manifest with a proxy alone, and one more line in the integration."""
    return today(f"proxy: {{enabled: true}}\n{line}").replace("salesforce", provider)


FIELD = "{fieldName: petName, displayName: Name}"
EVENT = "createEvent: {enabled: always}"
WATCHED = "objectName: account, destination: hook, inheritFieldsAndMapping: true"
TWO = (
    "standardObjects:\n"
    "  - {{objectName: contact, mode: insert, endpoint: one{}}}\n"
    "  - {{objectName: contact, mode: insert, endpoint: two{}}}"
)

EXAMPLES = Path(__file__).parent / "rules"
# What cannot stand in a readable file.
CASES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.yaml"))} | {
    "file-encoding": "integrations: \0",
    "odd-line-break": standard("# \u2028"),
    "file-too-large": "#" * 5_000_000,
    "too-many-findings": standard("\n    ".join(f"x{i}: 1" for i in range(1_001))),
}
VERDICTS: dict[str, dict[str, Any]] = json.loads((EXAMPLES / "validator.json").read_text())["verdicts"]


@pytest.mark.parametrize("rule", [rule.id for rule in RULES.values() if rule.sandbox])
def test_a_rule_is_broken_by_its_case_with_its_severity(rule: str) -> None:
    result = parse_manifest(CASES[rule], "amp.yaml")
    found = [finding for finding in result.findings if finding.rule == rule]
    assert len(found) == 1, result.findings
    assert found[0].severity is RULES[rule].sandbox
    assert (result.manifest is None) == bool(result.errors)
    others = {finding.rule for finding in result.errors} - {rule}
    assert not others, result.findings


def test_every_case_belongs_to_a_rule() -> None:
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("rule", VERDICTS)
def test_a_deploy_is_judged_as_the_public_validator_judges_it(rule: str) -> None:
    result = parse_manifest(CASES[rule], "amp.yaml", target=Target.DEPLOY)
    assert bool(result.errors) == VERDICTS[rule]["rejected"], result.findings
    ours = {(RULES[found.rule].validator_rule, found.severity.value) for found in result.findings}
    theirs = set(VERDICTS[rule]["findings"].items())
    # Of a missing provider it says, too, that the catalogue has none of the name ''.
    echo = {("provider-not-supported", "error")} if ("required-field", "error") in theirs else set()
    # A key that is newer than its copy of the schema.
    newer = {("unknown-key", "warning")} if "watchSchema:" in CASES[rule] else set()
    assert theirs - ours <= echo | newer


def rules_page() -> str:
    """The text of docs/rules.md, from the rules, their examples and the validator's recorded verdicts."""
    rows = []
    for rule in RULES.values():
        sandbox = rule.sandbox or "not asked"
        verdict = VERDICTS.get(rule.id)
        theirs = ("rejects" if verdict["rejected"] else "accepts") if verdict else "not tried"
        example = f"[example](../tests/unit/manifest/rules/{rule.id}.yaml)" if verdict else ""
        name = f"`{rule.validator_rule}`" if rule.validator_rule else "–"
        rows.append(
            f"| [{rule.id}](#{rule.id}) | {sandbox} | {rule.deploy} | {name} | {theirs} | {example} |"
        )
    return PAGE.format(rows="\n".join(rows), rules=markdown())


PAGE = """\
# Rules of `ampsandbox check`

This page is made by a test from the rules, from the smallest manifest that breaks each, and from what
Ampersand's public validator ([amp-labs/amp-yaml-validator](https://github.com/amp-labs/amp-yaml-validator))
and `amp deploy` say of that manifest. To write it anew, run
`AMPSANDBOX_WRITE_DOCS=1 scripts/test tests/unit/manifest/test_rules.py`.

An error stops the manifest from being used; `--strict` makes every warning an error. `--target sandbox`, the
default, has as errors what the sandbox cannot run; there a warning becomes an error where a near miss shows
that it is a typo, and `--fix` mends it. `--target deploy` has as errors what a deploy rejects. A warning, and
a typo, is silenced by `# amp:ignore` or `# amp:ignore[rule]`, on its line or on the line above, for that key
and all that is below it.

The validator's verdict is that on the whole example: it rejects every manifest of the 2023 format, which
the sandbox alone reads. `watchSchema` is newer than its copy of the schema, so that it calls the key unknown;
here it is not. The time between two reads is taken over the next dozen of them, while the validator looks at
the moment of the check.

| rule | sandbox | deploy | the validator's rule | the validator | |
| --- | --- | --- | --- | --- | --- |
{rows}

{rules}"""


def test_the_page_of_rules_is_up_to_date() -> None:
    page = Path(__file__).parents[3] / "docs" / "rules.md"
    if os.environ.get("AMPSANDBOX_WRITE_DOCS"):
        page.write_text(rules_page(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == rules_page(), "write it with AMPSANDBOX_WRITE_DOCS=1"
    for rule in RULES.values():
        assert rule.explanation.endswith(".")
        assert f"\n## {rule.id}\n" in rules_page()
        assert rule.anchor == f"docs/rules.md#{rule.id}"


@pytest.mark.parametrize(
    ("rule", "text", "place"),
    [
        ("unknown-key", standard("colour: blue"), (11, 13, "standardObjects[0].colour")),
        ("mode-value", standard(mode="upsert"), (9, 19, "standardObjects[0].mode")),
        ("required-field", standard(mode=""), (9, 18, "standardObjects[0].mode")),
        ("endpoint-syntax", standard(endpoint="a/b"), (10, 23, "standardObjects[0].endpoint")),
        ("duplicate-field", custom(f"{FIELD}, {FIELD}"), (12, 81, "customFields[1].fieldName")),
    ],
)
def test_a_finding_names_line_column_and_path(
    only: Only, rule: str, text: str, place: tuple[int, int, str]
) -> None:
    at = only(rule, text).position
    assert (at.line, at.column) == place[:2]
    assert at.path.startswith("$.integrations[0].actions[0].")
    assert at.path.endswith(place[2])


def test_what_was_never_closed_is_where_a_syntax_error_points(only: Only) -> None:
    finding = only("yaml-syntax", 'integrations:\n  - name: "a\n    api: salesforce\n')
    assert (finding.position.line, finding.position.column) == (2, 11)
    assert "while scanning a quoted scalar" in finding.message


@pytest.mark.parametrize(
    ("rule", "text", "suggestion"),
    [
        ("unknown-object", standard(objectName="lineItm", api="hubspot"), "Did you mean `lineItem`?"),
        ("unknown-object", standard(objectName="Accuont"), "Did you mean `account`?"),
        ("unknown-key", standard("schedul: every 2 hours"), "Did you mean `schedule`?"),
        ("mode-value", standard(mode="create"), "Did you mean `insert`?"),
        ("provider-not-supported", standard(api="salesfroce"), "Did you mean `salesforce`?"),
        ("action-type", standard().replace("type: write", "type: writes"), "Did you mean `write`?"),
        ("endpoint-syntax", standard(endpoint="create contact"), "Write, for example, `create-contact`."),
    ],
)
def test_a_near_miss_gets_a_suggestion(only: Only, rule: str, text: str, suggestion: str) -> None:
    assert only(rule, text).suggestion == suggestion


def test_an_odd_schedule_shows_its_next_fire_times(only: Only) -> None:
    message = only("schedule-uneven", standard(schedule='"*/45 * * * *"')).message
    assert "it fires at 00:00, 00:45, 01:00" in message


@pytest.mark.parametrize("schedule", ["every 2 hours", "every 1 days", '"0 */12 * * *"', "30 9 * * 1-5"])
def test_an_ordinary_schedule_passes(schedule: str) -> None:
    assert parse_manifest(standard(schedule=schedule), "amp.yaml").findings == ()


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("integration-structure", "integrations:\n  - {name: a, displayName: A, api: hubspot, actions: []}"),
        ("mixed-dialect", "appName: A\n" + today("proxy: {enabled: true}")),
        ("provider-not-supported", standard(api="pipedrive")),
        ("required-field", today("proxy: {}")),
        (
            "duplicate-key",
            standard() + "      - {type: read, standardObjects: [{fieldName: a, fieldName: b}]}\n",
        ),
        ("required-field", today('read: {objects: [{objectName: account, schedule: "0 0 * * *"}]}')),
        ("unknown-key", today("proxy: {enabled: true, enabeld: true}")),
        ("unknown-key", standard('"\\e[31m\\u202e": blue')),
        ("not-a-string", custom('{fieldName: petName, displayName: !!int "\\e[31m"}')),
    ],
)
def test_more_breaks_a_rule(only: Only, rule: str, text: str) -> None:
    finding = only(rule, text)
    assert f"{finding.message}{finding.suggestion}{finding.position.path}".isprintable()


def test_destinations_of_type_api_share_the_url_space(only: Only) -> None:
    destination = "destinations:\n  - {name: x, type: api, endpoint: create-contact}\n"
    finding = only("duplicate-endpoint", standard() + destination)
    assert "line 10" in finding.message


@pytest.mark.parametrize(
    "name",
    ["contact", "Contact", "contacts", "contractLineItem", "contract-line-item", "Contract Line Items"],
)
def test_a_known_object_in_any_form_is_not_unknown(name: str) -> None:
    rules = {finding.rule for finding in parse_manifest(standard(objectName=name), "amp.yaml").findings}
    assert "unknown-object" not in rules


@pytest.mark.parametrize(
    "name", ["contacts", "company", "line_items", "2-123456", "p_pets", "pets", "Thing__c"]
)
def test_todays_names_pass(name: str) -> None:
    text = today(f'write: {{objects: [{{objectName: "{name}"}}]}}').replace("salesforce", "hubspot")
    assert parse_manifest(text, "amp.yaml").findings == ()


def test_one_object_may_be_written_to_in_two_modes(load: Callable[[str], LoadResult]) -> None:
    both = write(
        "standardObjects:\n"
        "  - {objectName: contact, mode: insert, endpoint: one}\n"
        "  - {objectName: contact, mode: update, endpoint: two, schedule: every 2 hours}"
    )
    assert load(both).findings == ()


def test_names_that_differ_in_case_alone_clash_on_hubspot(only: Only) -> None:
    fields = "{fieldName: warmthScore, displayName: A}, {fieldName: warmthscore, displayName: B}"
    assert '"warmthscore"' in only("name-clash", custom(fields, "hubspot")).message


def test_a_name_too_long_for_salesforce_is_an_error(only: Only) -> None:
    field = f"{{fieldName: {'a' * 41}, displayName: A}}"
    assert "longer than 40" in only("crm-name", custom(field)).message
    rules = {finding.rule for finding in parse_manifest(custom(field, "hubspot"), "amp.yaml").findings}
    assert "crm-name" not in rules


def test_what_the_sandbox_does_not_exercise_never_gives_an_error() -> None:
    rules = [
        rule for rule in CASES if rule.startswith(("read-", "subscribe-")) or "objects: [" in CASES[rule]
    ]
    for rule in rules:
        findings = parse_manifest(CASES[rule], "amp.yaml").findings
        unserved = [f for f in findings if ".read" in f.position.path or ".subscribe" in f.position.path]
        assert all(finding.severity is Severity.WARNING for finding in unserved), findings
