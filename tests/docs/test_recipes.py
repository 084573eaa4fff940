"""The recipes are walked through: what they tell to do is done, and what they promise comes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ampsandbox.cli import main as command_line

ROOT = Path(__file__).parents[2]

USE = """
from mock_crm.orgs import open_org

with_salesforce = open_org("salesforce")
record = with_salesforce.create("Voyage", {"Name": "Fram"})
assert record["Id"].startswith("0vy") and record["Name"] == "Fram"
with_salesforce.close()

with_hubspot = open_org("hubspot")
record = with_hubspot.create("voyages", {"voyage_name": "Fram"})
assert record["voyage_name"] == "Fram", record
with_hubspot.close()
"""


def test_a_standard_object_in_each_mock_is_a_matter_of_its_catalogues(tmp_path: Path) -> None:
    """docs/recipes/standard-object.md, on a copy of the package."""
    copy = tmp_path / "mock_crm"
    shutil.copytree(ROOT / "mock_crm", copy, ignore=shutil.ignore_patterns("__pycache__"))

    path = copy / "salesforce" / "catalogue" / "objects.json"
    catalogue = json.loads(path.read_text(encoding="utf-8"))
    campaign = next(item for item in catalogue["objects"] if item["name"] == "Campaign")
    system = {"Id", "Name", "IsDeleted", "OwnerId", "CreatedById", "CreatedDate", "LastModifiedById"}
    system |= {"LastModifiedDate", "SystemModstamp"}
    fields = [field for field in campaign["fields"] if field["name"] in system]
    voyage = {"name": "Voyage", "prefix": "0vy", "label": "Voyage", "plural": "Voyages", "fields": fields}
    catalogue["objects"].append(voyage)
    path.write_text(json.dumps(catalogue), encoding="utf-8")

    path = copy / "hubspot" / "catalogue" / "object_types.json"
    types = json.loads(path.read_text(encoding="utf-8"))
    facts = {
        "id": "0-999", "plural": "voyages", "singular": "voyage", "labels": ["Voyage", "Voyages"],
        "group": "voyage_information", "display": "voyage_name", "scope": "voyages",
        "created": "hs_createdate", "modified": "hs_lastmodifieddate", "defaults": ["voyage_name"],
    }  # fmt: skip
    path.write_text(json.dumps([*types, facts]), encoding="utf-8")
    path = copy / "hubspot" / "catalogue" / "properties.json"
    properties = json.loads(path.read_text(encoding="utf-8"))
    name = {"name": "voyage_name", "label": "Name", "type": "string", "fieldType": "text"}
    path.write_text(json.dumps({**properties, "voyages": [name]}), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-c", USE],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_command_is_a_module_and_a_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """docs/recipes/command.md, with a module that says hello."""
    module = ModuleType("ampsandbox.cli.hello")
    exec(  # What a contributor writes into a file.
        "def add_parser(commands):\n"
        "    parser = commands.add_parser('hello', help='say hello')\n"
        "    parser.set_defaults(run=lambda args: print('hello') or 0)\n",
        module.__dict__,
    )
    monkeypatch.setitem(sys.modules, "ampsandbox.cli.hello", module)
    monkeypatch.setattr(command_line, "COMMANDS", (*command_line.COMMANDS, "hello"))
    assert command_line.main(["hello"]) == 0
    assert capsys.readouterr().out == "hello\n"
