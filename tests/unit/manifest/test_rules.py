"""Every rule, with the least that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ampsandbox.manifest.findings import Finding, LoadResult, Severity
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

CASES = {
    "yaml-syntax": "integrations: [",
    "yaml-repair": standard("schedule: */30 * * * *"),
    "file-encoding": "integrations: \0",
    "odd-line-break": standard("# \u2028"),
    "file-too-large": "#" * 5_000_000,
    "too-deep": "[" * 500,
    "alias-bomb": "a: &a [*a]",
    "duplicate-anchor": "x: &a 1\ny: &a 2\n" + standard("prompt: *a"),
    "too-many-findings": standard("\n    ".join(f"x{i}: 1" for i in range(1_001))),
    "several-documents": standard() + "---\n",
    "duplicate-key": standard("mode: update"),
    "non-string-key": standard("? [a]\n    : b"),
    "unknown-key": standard("colour: blue"),
    "key-case": standard("Schedule: every 2 hours"),
    "wrong-type": "integrations: a",
    "not-a-string": custom("{fieldName: petName, displayName: 1.0}"),
    "required-field": standard(mode=""),
    "spec-version": "specVersion: 2.0.0\n" + standard(),
    "mixed-dialect": "specVersion: 1.0.0\n" + standard().replace("api:", "provider:"),
    "integration-structure": "integrations: []",
    "write-objects": write("standardObjects:"),
    "read-objects": today("read: {}"),
    "subscribe-objects": today("read: {objects: [{objectName: a, destination: b}]}\nsubscribe: {}"),
    "action-type": standard().replace("type: write", "type: wirte"),
    "provider-spelling": standard(api="Salesforce"),
    "mode-value": standard(mode="upsert"),
    "endpoint-syntax": standard(endpoint="create/contact"),
    "endpoint-style": standard(endpoint="create.contact"),
    "duplicate-endpoint": write(TWO.format("", "").replace("two", "one")),
    "duplicate-integration": standard() + standard(endpoint="other").replace("integrations:\n", ""),
    "duplicate-write-object": today("write: {objects: [{objectName: Account}, {objectName: Account}]}"),
    "shared-batch": write(TWO.format(", schedule: every 2 hours", ", schedule: every 3 hours")),
    "duplicate-field": custom(f"{FIELD}, {FIELD}"),
    "conflicting-definition": write(
        "standardObjects:\n"
        "  - {objectName: case, mode: insert, endpoint: one, "
        "customFields: [{fieldName: x, displayName: X}]}\n"
        "  - {objectName: case, mode: update, endpoint: two, "
        "customFields: [{fieldName: x, displayName: Y}]}"
    ),
    "schedule-syntax": standard(schedule="now and then"),
    "schedule-never-fires": standard(schedule="0 0 30 2 *"),
    "schedule-singular": standard(schedule="every 1 hour"),
    "schedule-alias": standard(schedule='"@daily"'),
    "schedule-every-minute": standard(schedule='"* * * * *"'),
    "schedule-uneven": standard(schedule='"*/45 * * * *"'),
    "unknown-object": standard(objectName="pets"),
    "object-spelling": standard(objectName="ContractLineItem"),
    "name-syntax": custom("{fieldName: pet_name, displayName: Name}"),
    "crm-name": custom("{fieldName: 1st, displayName: First}"),
    "name-clash": custom("{fieldName: pet-name, displayName: A}, {fieldName: pet_name, displayName: B}"),
    "standard-name": standard("customFields: [{fieldName: email, displayName: Email}]"),
    "prompt-sentence": custom(FIELD, line="displayName: Pets\n    prompt: because we can"),
    "missing-display-name": custom("{fieldName: petName}"),
    "custom-object-fields": custom(""),
    "allowed-value": read("optionalFieldsAuto: some"),
    "duplicate-read-object": today(
        "read: {objects: [{objectName: a, destination: b}, {objectName: a, destination: b}]}"
    ),
    "duplicate-subscribe-object": subscribe(f"{{{WATCHED}, {EVENT}}}, {{{WATCHED}, {EVENT}}}"),
    "schedule-minimum-interval": read('schedule: "*/5 * * * *"'),
    "frequent-schedule-risk": read('schedule: "*/5 * * * *"'),
    "large-backfill-risk": read("backfill: {defaultPeriod: {days: 365}}"),
    "delivery-mode": read("delivery: {mode: onRequest}"),
    "backfill-config": read("backfill: {defaultPeriod: {days: 3, fullHistory: true}}"),
    "field-mapping-unique": read("requiredFields: [{mapToName: a}, {mapToName: a}]"),
    "subscribe-requires-read": today(f"subscribe: {{objects: [{{{WATCHED}, {EVENT}}}]}}"),
    "subscribe-inherit-fields": subscribe(f"{{objectName: account, destination: hook, {EVENT}}}"),
    "subscribe-minimum-events": subscribe(f"{{{WATCHED}}}"),
    "update-event-watch-fields": subscribe(f"{{{WATCHED}, updateEvent: {{enabled: always}}}}"),
    "watch-fields-no-nesting": subscribe(f"{{{WATCHED}, updateEvent: {{requiredWatchFields: [a.b]}}}}"),
    "salesforce-subscribe-limit": subscribe(
        ", ".join(f"{{{WATCHED.replace('account', f'object{i}')}, {EVENT}}}" for i in range(6))
    ),
    "provider-not-supported": proxied("acme-crm"),
    "provider-module": proxied("zoho", "module: marketing"),
    "provider-capability-read": read("").replace("salesforce", "docusign"),
    "provider-capability-write": today("write: {objects: [{objectName: a}]}").replace("salesforce", "g2"),
    "provider-capability-subscribe": subscribe(f"{{{WATCHED}, {EVENT}}}").replace("salesforce", "aha"),
    "provider-capability-proxy": proxied("hubspot", "module: crm"),
    "update-event-enabled": subscribe(f"{{{WATCHED}, createEvent: {{enabled: maybe}}}}"),
    "always-enabled-fields": read("enabled: always"),
    "field-name": read("requiredFields: [{prompt: Which one is it?}]"),
    "inherit-mapping": today("write: {objects: [{objectName: Account, inheritMapping: true}]}"),
    "watch-schema": proxied("salesforce", "watchSchema: {destination: hook}"),
    "google-calendar-backfill": read("backfill: {defaultPeriod: {days: 30}}")
    .replace("salesforce", "googlecalendar")
    .replace("account", "events"),
    "snowflake-backfill": read("backfill: {defaultPeriod: {days: 30}}").replace("salesforce", "snowflake"),
    "destination-exists": read(""),
}  # fmt: skip


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


def test_the_rules_are_documented() -> None:
    document = Path(__file__).parents[3] / "docs" / "rules.md"
    assert document.read_text(encoding="utf-8") == markdown()
    for rule in RULES.values():
        assert rule.explanation.endswith(".")
        assert f"\n## {rule.id}\n" in markdown()
        assert rule.anchor.endswith(f"docs/rules.md#{rule.id}")


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
