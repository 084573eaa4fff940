"""What changed in the CRMs between two snapshots, in Python and on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ampsandbox.cli.main import main
from ampsandbox.errors import StateError
from ampsandbox.testing import CrmView, Sandbox

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox(ROOT / "sample_configs" / "mailmonkey.yaml") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Sandbox:
    started.reset()
    return started


@pytest.fixture
def salesforce(sandbox: Sandbox) -> CrmView:
    return sandbox.crm("demo", "mailmonkey-salesforce")


def test_nothing_changed_at_the_start(sandbox: Sandbox) -> None:
    assert not sandbox.diff()
    assert str(sandbox.diff()) == "No record changed."


def test_records_are_created_changed_and_deleted(sandbox: Sandbox, salesforce: CrmView) -> None:
    kept, gone = (salesforce.create("Contact", {"LastName": name}) for name in ("Ray", "Roe"))
    before = sandbox.snapshot()
    sandbox.advance(days=1)
    sandbox.send("add-warmth-score", {"warmthScore": "hot"}, key=kept)
    salesforce.delete("Contact", gone)
    made = sandbox.crm("demo", "mailmonkey-hubspot").create("companies", {"name": "Big Co."})
    diff = sandbox.diff(before)
    [changed], [deleted], [created] = diff.changed, diff.deleted, diff.created
    assert (changed.record_id, changed.before, changed.after) == (
        kept, {"warmthScore__c": None}, {"warmthScore__c": "hot"},
    )  # fmt: skip
    assert (deleted.record_id, deleted.before["LastName"], deleted.after) == (gone, "Roe", {})
    assert (created.record_id, created.object, created.integration) == (
        made, "companies", "mailmonkey-hubspot",
    )  # fmt: skip
    assert created.after["name"] == "Big Co."
    lines = str(diff).splitlines()
    assert '    name: "Big Co."' in lines
    assert lines[:6] == [
        f"~ Contact {kept}  (mailmonkey-salesforce for demo)",
        '    warmthScore__c: null -> "hot"',
        f"- Contact {gone}  (mailmonkey-salesforce for demo)",
        '    LastName: "Roe"',
        '    Name: "Roe"',
        f"+ companies {made}  (mailmonkey-hubspot for demo)",
    ]


def test_two_snapshots_are_compared_whatever_came_after(sandbox: Sandbox, salesforce: CrmView) -> None:
    before = sandbox.snapshot()
    made = salesforce.create("Account", {"Name": "Big Co."})
    after = sandbox.snapshot()
    salesforce.delete("Account", made)
    assert [each.record_id for each in sandbox.diff(before, after).created] == [made]
    assert [each.record_id for each in sandbox.diff(after, before).deleted] == [made]
    assert not sandbox.diff(before)


def test_what_is_no_snapshot_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(StateError, match="not a snapshot"):
        sandbox.diff(b"{}")


def test_the_command_line_takes_files_and_shows_values_or_text(
    sandbox: Sandbox, salesforce: CrmView, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("before", "after"):
        (tmp_path / name).write_bytes(sandbox.snapshot())
        made = salesforce.create("Account", {"Name": name})
    command = ["ctl", "diff", "--url", sandbox.url]
    assert main([*command, str(tmp_path / "after")]) == 0
    [change] = json.loads(capsys.readouterr().out)["changes"]
    assert (change["kind"], change["recordId"]) == ("created", made)
    assert main([*command, str(tmp_path / "before"), str(tmp_path / "after"), "--text"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ['    Name: "before"']
