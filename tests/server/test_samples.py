"""Every sample manifest installs, and takes a write to each of its endpoints and objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ampsandbox.manifest.crm_names import crm_object_name
from ampsandbox.manifest.model import Integration, Manifest, Mode, WriteObject
from ampsandbox.testing import Sandbox
from ampsandbox.testing.crm import CrmView

SAMPLES = sorted((Path(__file__).parent.parent.parent / "sample_configs").glob("*.yaml"))
LEAST: dict[tuple[str, str], dict[str, Any]] = {
    ("salesforce", "account"): {"name": "Big Co."},
    ("salesforce", "contact"): {"lastName": "Ray"},
    ("salesforce", "lead"): {"lastName": "Ray", "company": "Big Co."},
    ("salesforce", "webinar__c"): {"name": "Whiskers"},
    ("hubspot", "contact"): {"email": "ray@example.com"},
    ("hubspot", "contacts"): {"email": "ray@example.com"},
    ("hubspot", "ticket"): {"subject": "Help", "hs_pipeline_stage": "1"},
    ("hubspot", "webinars"): {"title": "Whiskers"},
    ("hubspot", "deals"): {"dealname": "Big"},
    ("hubspot", "mailmonkeycampaigns"): {"campaignName": "News"},
}
"""Fields without which the CRM refuses a record, or that tell what it is."""

OTHERS: dict[str, dict[str, Any]] = {"salesforce": {}, "hubspot": {"name": "Big Co."}}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_takes_a_write_to_everything_it_names(sample: Path) -> None:
    with Sandbox(sample, groups=["acme"]) as sandbox:
        assert sandbox.manifest is not None
        for integration, item in _everything(sandbox.manifest):
            fields = LEAST.get((integration.provider, item.name.lower()), OTHERS[integration.provider])
            key = _record(sandbox, integration, item, fields) if item.mode is Mode.UPDATE else None
            sandbox.send(item.endpoint or f"{integration.name}/{item.name}", fields, group="acme", key=key)
        sandbox.flush()
        states = {write.object: write.state.value for write in sandbox.operations}
        assert set(states.values()) == {"succeeded"}, states


def _everything(manifest: Manifest) -> list[tuple[Integration, WriteObject]]:
    return [(owner, item) for owner in manifest.integrations for item in owner.objects]


def _record(sandbox: Sandbox, owner: Integration, item: WriteObject, fields: dict[str, Any]) -> str:
    """A record for an update to find."""
    crm = sandbox.crm("acme", owner.name)
    if item.name == "contractLineItem":
        fields = fields | _contract_line(crm)
    return crm.create(crm_object_name(owner.provider, item), fields)


def _contract_line(crm: CrmView) -> dict[str, Any]:
    """What a contract line item hangs on."""
    product = crm.create("Product2", {"Name": "Whiskers"})
    [book] = crm.query("SELECT Id FROM Pricebook2 WHERE IsStandard = true")
    entry = {"Product2Id": product, "Pricebook2Id": book["Id"], "UnitPrice": 1, "IsActive": True}
    contract = crm.create("ServiceContract", {"Name": "Support", "Pricebook2Id": book["Id"]})
    return {
        "ServiceContractId": contract,
        "PricebookEntryId": crm.create("PricebookEntry", entry),
        "Quantity": 1,
        "UnitPrice": 1,
    }
