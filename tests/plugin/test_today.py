"""What tests say of the writes of today's format: batches, deletes, associations and auto-batches."""

from __future__ import annotations

from pathlib import Path

import pytest

from ampsandbox.testing import Sandbox
from ampsandbox.testing.coverage import Coverage

MANIFEST = """\
specVersion: 1.0.0
integrations:
  - name: walrus
    provider: hubspot
    write:
      objects:
        - objectName: contacts
        - objectName: companies
"""
LINK = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]


def test_assertions_and_coverage_know_every_way_to_write(tmp_path: Path) -> None:
    path = tmp_path / "amp.yaml"
    path.write_text(MANIFEST, encoding="utf-8")
    with Sandbox(path, groups=["acme"]) as sandbox:
        company = sandbox.send("walrus/companies", {"name": "Big Co."}).record_id
        assert company is not None
        links = [{"to": {"id": company}, "types": LINK}]
        ann = sandbox.send("walrus/contacts", {"email": "a@example.com"}, associations=links).record_id
        bob = sandbox.send_batch("walrus/contacts", [{"email": "b@example.com"}], associations=[links])
        policy = {"maxDelayMinutes": 5}
        sandbox.send(
            "walrus/contacts", {"email": "c@example.com"}, mode="asynchronous", autoBatchPolicy=policy
        )
        sandbox.advance(minutes=6)
        sandbox.send("walrus/contacts", {}, key=ann, type="delete")

        linked = sandbox.assert_written("contacts", associated_with=company, times=2)
        assert [operation.batch_id for operation in linked] == [None, bob.id]
        sandbox.assert_written("contacts", mode="delete", key=ann)
        sandbox.assert_batched("contacts", size=1, reason="request")
        sandbox.assert_batched("contacts", size=1, reason="delay")
        with pytest.raises(AssertionError, match=r"associations: expected 404, was none"):
            sandbox.assert_written("companies", associated_with="404")

        coverage = Coverage()
        coverage.add(sandbox)
        assert coverage.untested()["amp.yaml: walrus/contacts"] == [
            "update",
            "refused",
            "retried",
            "in doubt",
        ]
        assert str(coverage.share()) == "6/18"
