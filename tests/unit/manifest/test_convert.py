"""From 2023 to today."""

from __future__ import annotations

from pathlib import Path

import pytest

from ampsandbox.manifest.convert import convert
from ampsandbox.manifest.loader import parse_manifest, usable_manifest
from ampsandbox.manifest.model import Dialect


@pytest.mark.parametrize(
    "name", ["mailmonkey.yaml", "salesforce-only.yaml", "hubspot-only.yaml", "write-actions.yaml"]
)
def test_a_converted_sample_is_clean(samples: Path, name: str) -> None:
    result = parse_manifest(convert(usable_manifest(samples / name)).text, "amp.yaml")
    assert result.findings == ()
    assert result.manifest is not None
    assert result.manifest.dialect is Dialect.V1


def test_objects_get_their_crm_names_once_each(samples: Path) -> None:
    text = convert(usable_manifest(samples / "salesforce-only.yaml")).text
    assert text.count("objectName: Case\n") == 1
    assert "objectName: ContractLineItem\n" in text


def test_what_is_lost_is_listed_with_todays_way(samples: Path) -> None:
    losses = convert(usable_manifest(samples / "mailmonkey.yaml")).losses
    text = "\n".join(f"{loss.what}: {loss.today}" for loss in losses)
    assert "endpoint 'create-account' of account: POST https://write.withampersand.com/v1/projects/" in text
    assert "schedule 'every 2 hours' of mailMonkeyCampaigns" in text
    assert "maxDelayMinutes: 120" in text
    assert (
        "custom field warmthScore of contact: PUT …/integrations/mailmonkey-salesforce/object-metadata"
        in text
    )
    assert "custom object mailMonkeyCampaigns" in text
    assert [loss.line for loss in losses] == sorted(loss.line for loss in losses)


def test_reads_are_carried_over_as_far_as_they_go() -> None:
    manifest = parse_manifest(
        """\
integrations:
  - name: a
    displayName: A
    api: salesforce
    actions:
      - type: read
        schedule: every 2 hours
        standardObjects:
          - objectName: contact
            destination: table
            requiredFields: [{fieldName: email}]
      - type: subscribe
        standardObjects: [{objectName: contact, event: create}]
""",
        "amp.yaml",
    ).manifest
    assert manifest is not None
    conversion = convert(manifest)
    result = parse_manifest(conversion.text, "amp.yaml")
    assert result.findings == ()
    assert 'schedule: "0 */2 * * *"  # was: every 2 hours' in conversion.text
    assert [loss.what for loss in conversion.losses] == ["the action `subscribe`"]


def test_the_schedules_of_drafts_are_kept_as_comments() -> None:
    manifest = parse_manifest(
        """\
specVersion: 1.1.0
integrations:
  - name: a
    displayName: A
    provider: hubspot
    read:
      objects:
        - {objectName: contacts, destination: hook, schedule: every 12 hours}
        - {objectName: deals, destination: hook, schedule: once}
    write:
      objects: [{objectName: contacts, mode: upsert}]
      mappedObjects: [{mapToName: notes}]
""",
        "amp.yaml",
    ).manifest
    assert manifest is not None
    conversion = convert(manifest)
    assert 'schedule: "0 */12 * * *"  # was: every 12 hours' in conversion.text
    assert "# schedule: once (not carried over: today a read needs five-field cron)" in conversion.text
    assert {loss.what for loss in conversion.losses} == {
        "mode of the write object contacts",
        "the mapped object notes",
    }


def test_nothing_is_written_when_nothing_is_left() -> None:
    manifest = parse_manifest(
        "integrations:\n  - {name: a, displayName: A, api: hubspot, actions: [{type: notify}]}\n", "amp.yaml"
    ).manifest
    assert manifest is not None
    conversion = convert(manifest)
    assert conversion.text == ""
    assert [loss.what for loss in conversion.losses] == [
        "the action `notify`",
        "the integration a, which is left out",
    ]
