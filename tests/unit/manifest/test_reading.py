"""What the dialects mean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ampsandbox.errors import ManifestError
from ampsandbox.manifest.findings import LoadResult
from ampsandbox.manifest.loader import find_manifest, load_manifest, parse_manifest, usable_manifest
from ampsandbox.manifest.model import Dialect, Mode, ObjectKind

Load = Callable[[str], LoadResult]


@pytest.mark.parametrize(
    "name", ["mailmonkey.yaml", "salesforce-only.yaml", "hubspot-only.yaml", "today.yaml"]
)
def test_a_sample_has_no_findings(samples: Path, name: str) -> None:
    assert load_manifest(samples / name).findings == ()


def test_the_founding_pages_own_example_means_what_the_page_says(samples: Path) -> None:
    result = load_manifest(samples / "write-actions.yaml")
    assert result.manifest is not None
    (integration,) = result.manifest.integrations
    account, contact, campaign = integration.objects
    assert (account.name, account.mode, account.endpoint) == ("account", Mode.INSERT, "create-account")
    assert (contact.name, contact.mode, contact.endpoint) == ("contact", Mode.UPDATE, "add-warmth-score")
    assert [field.name for field in contact.custom_fields] == ["warmthScore"]
    assert (campaign.name, campaign.kind, campaign.endpoint) == (
        "mailMonkeyCampaigns",
        ObjectKind.CUSTOM,
        "create-campaign",
    )
    assert [field.display_name for field in campaign.custom_fields] == [
        "Campaign Name",
        "Campaign Description",
    ]
    assert campaign.display_name == "Mail Monkey Campaigns"
    assert [finding.rule for finding in result.findings] == ["yaml-repair", "missing-display-name"]
    assert not result.errors


def test_mailmonkey_shows_every_kind_of_write(samples: Path) -> None:
    manifest = usable_manifest(samples / "mailmonkey.yaml")
    objects = [item for integration in manifest.integrations for item in integration.objects]
    assert {integration.provider for integration in manifest.integrations} == {"salesforce", "hubspot"}
    assert {item.mode for item in objects} == {Mode.INSERT, Mode.UPDATE}
    assert {item.kind for item in objects} == {ObjectKind.STANDARD, ObjectKind.CUSTOM}
    schedules = {item.schedule for item in objects}
    assert None in schedules
    assert any(text and text.startswith("every") for text in schedules)
    assert any(text and "*" in text for text in schedules)
    assert "create-account" in manifest.endpoints()


def test_a_1_0_0_manifest_has_objects_without_mode_and_endpoint(load: Load) -> None:
    manifest = load("""\
        specVersion: 1.0.0
        integrations:
          - name: a
            provider: salesforce
            read: {objects: [{objectName: account, destination: hook, schedule: "0 * * * *"}]}
            write: {objects: [{objectName: account}]}
            proxy: {enabled: true}
        """).manifest
    assert manifest is not None
    assert manifest.dialect is Dialect.V1
    (item,) = manifest.integrations[0].objects
    assert (item.name, item.mode, item.endpoint) == ("account", None, None)
    assert manifest.integrations[0].actions == ("read", "write", "proxy")
    assert manifest.endpoints() == {}


def test_the_hybrid_of_january_2024_is_read(load: Load) -> None:
    result = load("""\
        specVersion: 1.0.0
        integrations:
          - name: a
            provider: hubspot
            actions:
              - type: write
                objects:
                  - objectName: contacts
        """)
    assert result.manifest is not None
    assert [item.name for item in result.manifest.integrations[0].objects] == ["contacts"]
    assert {finding.rule for finding in result.findings} == {"mixed-dialect"}


def test_a_2023_manifest_may_say_write_where_1_0_0_does(load: Load) -> None:
    manifest = load("""\
        integrations:
          - name: a
            displayName: A
            api: hubspot
            write:
              objects:
                - {objectName: contact, mode: insert, endpoint: create-contact}
        """).manifest
    assert manifest is not None
    assert list(manifest.endpoints()) == ["create-contact"]


def test_the_drafts_of_1_1_0_are_read_without_complaint(load: Load) -> None:
    result = load("""\
        specVersion: 1.1.0
        integrations:
          - name: a
            provider: hubspot
            write:
              createOnInstall: true
              objects:
                - objectName: contacts
                  mode: upsert
                  schema: {$ref: contact.json}
              mappedObjects:
                - mapToName: notes
        """)
    assert result.findings == ()
    assert result.manifest is not None
    assert result.manifest.dialect is Dialect.V1_1


def test_what_the_sandbox_does_not_exercise_is_kept_and_no_error(load: Load) -> None:
    result = load("""\
        appName: Example
        integrations:
          - name: a
            displayName: A
            api: salesforce
            actions:
              - type: read
                schedule: once
                standardObjects: [{objectName: contact, destination: table, requiredFields: [{fieldName: x}]}]
              - type: subscribe
                standardObjects:
                  - {objectName: contact, event: create}
                  - {objectName: contact, event: update}
              - type: notify
          - name: b
            provider: intercom
            write: {standardObjects: [{objectName: ticket, mode: insert, endpoint: t}]}
        destinations:
          - {name: table, type: postgres, tableName: t1}
        """)
    assert result.errors == ()
    assert result.manifest is not None
    assert result.manifest.integrations[0].actions == ("read", "subscribe", "notify")
    assert [destination.name for destination in result.manifest.destinations] == ["table"]
    assert not result.manifest.integrations[1].is_exercised
    assert result.manifest.endpoints() == {}


def test_keys_in_another_case_are_read_as_upstream_reads_them(load: Load) -> None:
    result = load("""\
        SpecVersion: 1.0.0
        integrations:
          - Name: a
            provider: hubspot
            write: {objects: [{objectname: contacts}]}
        """)
    assert result.manifest is not None
    assert result.manifest.integrations[0].objects[0].name == "contacts"
    assert {finding.rule for finding in result.findings} == {"key-case"}


def test_every_part_knows_where_it_stands(samples: Path) -> None:
    path = samples / "mailmonkey.yaml"
    manifest = usable_manifest(path)
    lines = path.read_text().split("\n")
    for integration in manifest.integrations:
        for item in integration.objects:
            assert item.endpoint is not None
            for key, value in {"objectName": item.name, "endpoint": item.endpoint}.items():
                at = item.positions[key]
                assert lines[at.line - 1][at.column - 1 :] == value
                assert at.path.endswith(f".{key}")
            for field in item.custom_fields:
                assert lines[field.position.line - 1][field.position.column - 1 :] == field.name


def test_merge_keys_are_resolved(load: Load) -> None:
    manifest = load("""\
        defaults: &insert {mode: insert, objectName: lead}
        integrations:
          - name: a
            displayName: A
            api: salesforce
            actions:
              - type: write
                standardObjects:
                  - {<<: *insert, objectName: contact, endpoint: one}
                  - {<<: [*insert], endpoint: two}
        """).manifest
    assert manifest is not None
    assert [item.name for item in manifest.integrations[0].objects] == ["contact", "lead"]


@pytest.mark.parametrize("name", ["amp.yaml", "amp.yml"])
def test_a_folder_means_the_manifest_in_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("integrations: []")
    assert find_manifest(tmp_path) == tmp_path / name
    assert find_manifest(tmp_path / name) == tmp_path / name


def test_without_a_path_the_current_folder_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ManifestError, match=r"No amp\.yaml"):
        find_manifest(None)
    (tmp_path / "amp.yaml").touch()
    assert find_manifest(None).name == "amp.yaml"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="nowhere"):
        find_manifest(tmp_path / "nowhere.yaml")


def test_strict_makes_warnings_errors(samples: Path) -> None:
    result = load_manifest(samples / "write-actions.yaml", strict=True)
    assert result.manifest is None
    assert len(result.errors) == 2


def test_a_manifest_with_errors_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "amp.yaml"
    path.write_text("integrations:\n  - name: a\n    actions: []\n")
    with pytest.raises(ManifestError, match=r"amp\.yaml:2:5: .*\[required-field\]"):
        usable_manifest(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_encodings_and_line_ends_make_no_difference(samples: Path, encoding: str, line_end: str) -> None:
    text = (samples / "mailmonkey.yaml").read_text()
    result = parse_manifest(text.replace("\n", line_end).encode(encoding), "amp.yaml")
    assert result == parse_manifest(text, "amp.yaml")
