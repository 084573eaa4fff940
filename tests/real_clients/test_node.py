"""jsforce and @hubspot/api-client through Node: each operation by what the client returns.

`tests/real_clients/install_node_clients` puts the packages into a folder; without Node or the packages these
tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.real_clients.conftest import Mock

SCRIPTS = Path(__file__).parent / "node"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ampsandbox" / "node-clients"
PACKAGES = Path(os.environ.get("AMPSANDBOX_NODE_CLIENTS") or CACHE)

JSFORCE: dict[str, Any] = {
    "records": {"name": "Node", "many": [True, True]},
    "refusal": {
        "name": "REQUIRED_FIELD_MISSING",
        "errorCode": "REQUIRED_FIELD_MISSING",
        "message": "Required fields are missing: [LastName]",
    },
    "query": {"names": ["N1", "N2"], "done": True, "one": "N1"},
    "wrongQuery": {"errorCode": "INVALID_FIELD"},
    "describe": {"objects": True, "prefix": "003", "fields": True},
    "search": ["N1"],
    "limits": {"max": 15000, "used": True},
    "bulk": [
        {"success": True, "errors": []},
        {
            "success": False,
            "errors": ["REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"],
        },
    ],
    "bulkQuery": ["A"],
    "bulk2": {"successful": ["B"], "failed": 0, "unprocessed": 0, "found": ["B"]},
    "metadata": {
        "made": [True],
        "created": True,
        "read": {"type": "Text", "length": 30, "externalId": True},
        "listed": True,
        "types": ["CustomObject", "PermissionSet", "Profile"],
        "bad": {
            "success": False,
            "code": "FIELD_INTEGRITY_EXCEPTION",
            "message": "Must specify 'length' for a CustomField of type Text",
        },
    },
    "upsert": {"created": [True, False], "same": True},
    "removeObject": True,
    "tooling": {"names": ["Name"], "made": True, "gone": True},
    "composite": [201, 200],
    "expiredSession": {"refreshed": 1, "size": 1},
    "oauth": {"user": True, "refresh": True, "token": True},
    "logout": None,
}

HUBSPOT: dict[str, Any] = {
    "contacts": {
        "first": "Ann",
        "last": "Lee",
        "same": True,
        "created": True,
        "gone": {"status": 404, "message": "resource not found"},
    },
    "conflict": {"status": 409, "category": "CONFLICT", "named": True},
    "unknownProperty": {"status": 400, "category": "VALIDATION_ERROR", "code": True},
    "pages": {"first": 2, "after": True, "all": True},
    "batches": {"made": ["COMPLETE", 2], "read": [2, 1], "cities": ["Rome", "Rome"]},
    "search": {"total": 2, "names": ["A", "B"]},
    "associations": {"to": True, "found": [True], "after": 0},
    "properties": {"name": "node_pet", "listed": True, "again": 409},
    "schemas": {"type": True, "name": "Titanic"},
    "pipelines": True,
    "owners": True,
    "plainRequest": {"status": 200, "portal": True},
    "missingToken": 401,
    "oauth": {"type": "bearer", "expires": 1800, "same": True},
}


def run(script: str, package: str, url: str) -> dict[str, Any]:
    """What every scenario of a script returned, or skip where the script cannot run."""
    node = shutil.which("node")
    if node is None:
        pytest.skip(f"{package} needs Node, which is not installed")
    if not (PACKAGES / "node_modules" / package).is_dir():
        pytest.skip(f"{package} is not in {PACKAGES}; run tests/real_clients/install_node_clients")
    command = [node, str(SCRIPTS / script), url, str(PACKAGES)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    results: dict[str, Any] = json.loads(ended.stdout)
    return results


@pytest.fixture(scope="session")
def jsforce(salesforce_mock: Mock) -> dict[str, Any]:
    return run("jsforce.mjs", "jsforce", salesforce_mock.url)


@pytest.fixture(scope="session")
def hubspot(hubspot_mock: Mock) -> dict[str, Any]:
    return run("hubspot.mjs", "@hubspot/api-client", hubspot_mock.url)


def matches(expected: Any, found: Any) -> bool:
    """Whether `found` is as expected; of an object, in the members that are named."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return all(matches(value, found.get(name)) for name, value in expected.items())
    return bool(expected == found)


@pytest.mark.client("jsforce")
def test_jsforce_signs_in(jsforce: dict[str, Any], salesforce_mock: Mock) -> None:
    login, identity = jsforce["login"], jsforce["identity"]
    assert login["instance"] == salesforce_mock.url
    assert (login["user"], login["organization"]) == (identity["user"], identity["organization"])


@pytest.mark.client("jsforce")
@pytest.mark.parametrize("scenario", JSFORCE)
def test_jsforce(jsforce: dict[str, Any], scenario: str) -> None:
    assert matches(JSFORCE[scenario], jsforce[scenario]), jsforce[scenario]


@pytest.mark.client("@hubspot/api-client")
@pytest.mark.parametrize("scenario", HUBSPOT)
def test_hubspot(hubspot: dict[str, Any], scenario: str) -> None:
    assert matches(HUBSPOT[scenario], hubspot[scenario]), hubspot[scenario]
