"""Clients that generators of others make of /openapi.json, and requests that schemathesis makes of it.

`tests/real_clients/install_node_clients` and `install_python_generators` put the generators into folders;
without them these tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ampsandbox.testing import Sandbox

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ampsandbox"
NODE = Path(os.environ.get("AMPSANDBOX_NODE_CLIENTS") or CACHE / "node-clients")
GENERATORS = Path(os.environ.get("AMPSANDBOX_GENERATORS") or CACHE / "python-generators")

pytestmark = pytest.mark.slow

USE_PYTHON_CLIENT = """
import sys
from client import Client
from client.api.control import add_fault, advance_clock, list_operations, restore_snapshot, take_snapshot
from client.api.writes import create_account, create_lead, follow_operation
from client.models import (
    AdvanceClockBody, CreateAccountBody, CreateAccountBodyFields, CreateLeadBody, CreateLeadBodyFields,
    Problem, RuleInput, RuleInputKind,
)
from client.types import File

client = Client(base_url=sys.argv[1])
fields = CreateAccountBodyFields.from_dict({"name": "Big Co."})
written = create_account.sync(client=client, body=CreateAccountBody(group_id="demo", fields=fields))
assert written.result.success is True
assert follow_operation.sync(written.operation_id, client=client).status == "succeeded"
lead = CreateLeadBodyFields.from_dict({"lastName": "Ann", "company": "Big Co."})
queued = create_lead.sync(client=client, body=CreateLeadBody(group_id="demo", fields=lead))
assert queued.status == "queued"
assert advance_clock.sync(client=client, body=AdvanceClockBody(hours=2)).speed == 0
[operation] = list_operations.sync(client=client, object_="lead")
assert operation.state == "succeeded"
rule = RuleInput(kind=RuleInputKind.OUTAGE, first=1)
assert add_fault.sync("demo", client=client, body=rule, integration="mailmonkey-salesforce").id
refused = create_account.sync(client=client, body=CreateAccountBody(group_id="nobody", fields=fields))
assert isinstance(refused, Problem)
"""

USE_MODELS = """
import json
import models

view = models.ClockView.model_validate({"now": "2026-01-01T00:00:00Z", "speed": 0, "nextFlushAt": None})
assert view.speed == 0
assert models.RuleInput(kind="outage", first=1).first == 1
assert models.WriteQueued.model_fields.keys() == {"operationId", "status", "batchId", "flushAt"}
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(HERE.parents[1] / "sample_configs" / "mailmonkey.yaml") as started:
        yield started


@pytest.fixture
def document(sandbox: Sandbox, tmp_path: Path) -> Path:
    sandbox.reset()
    path = tmp_path / "openapi.json"
    path.write_bytes(httpx.get(f"{sandbox.url}/openapi.json", trust_env=False).content)
    return path


def run(*command: str | Path, folder: Path) -> str:
    """What a program says that ends well, without complaints about the document."""
    ended = subprocess.run(
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "will not be generated" not in ended.stdout + ended.stderr
    return ended.stdout


def generator(name: str) -> Path:
    program = GENERATORS / "bin" / name
    if not program.exists():
        pytest.skip(f"{name} is not in {GENERATORS}; run tests/real_clients/install_python_generators")
    return program


@pytest.mark.client("openapi-python-client")
def test_openapi_python_client(sandbox: Sandbox, document: Path) -> None:
    folder = document.parent
    program = generator("openapi-python-client")
    run(
        program,
        "generate",
        "--path",
        document,
        "--output-path",
        folder / "client",
        "--meta",
        "none",
        folder=folder,
    )
    (folder / "use.py").write_text(USE_PYTHON_CLIENT)
    run(GENERATORS / "bin" / "python", "use.py", sandbox.url, folder=folder)
    sandbox.assert_written("account", {"name": "Big Co."}, times=1)


@pytest.mark.client("schemathesis")
@pytest.mark.parametrize(("sample", "tags"), [("mailmonkey", ["writes"]), ("today", ["writes", "control"])])
def test_schemathesis_finds_nothing(sample: str, tags: list[str], tmp_path: Path) -> None:
    program = generator("schemathesis")
    what = ["--phases=fuzzing", "--max-examples=2", "--seed=7", "--warnings=off", "--no-color", "--workers=1"]
    what += [f"--include-tag={tag}" for tag in tags]
    with Sandbox(HERE.parents[1] / "sample_configs" / f"{sample}.yaml") as sandbox:
        config = ("--config-file", HERE.parents[1] / "schemathesis.toml")
        said = run(program, *config, "run", f"{sandbox.url}/openapi.json", *what, folder=tmp_path)
    assert "No issues found" in said


@pytest.mark.client("datamodel-code-generator")
def test_datamodel_code_generator(document: Path) -> None:
    folder = document.parent
    program = generator("datamodel-codegen")
    options = ("--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel")
    run(program, "--input", document, "--output", folder / "models.py", *options, folder=folder)
    (folder / "use.py").write_text(USE_MODELS)
    run(GENERATORS / "bin" / "python", "use.py", folder=folder)


@pytest.mark.client("openapi-fetch")
def test_openapi_typescript_and_openapi_fetch(sandbox: Sandbox, document: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("openapi-fetch needs Node, which is not installed")
    for package in ("openapi-typescript", "openapi-fetch", "typescript"):
        if not (NODE / "node_modules" / package).is_dir():
            pytest.skip(f"{package} is not in {NODE}; run tests/real_clients/install_node_clients")
    folder = document.parent
    (folder / "node_modules").symlink_to(NODE / "node_modules")
    shutil.copy(HERE / "node" / "openapi_fetch.mts", folder / "use.mts")
    programs = NODE / "node_modules" / ".bin"
    run(programs / "openapi-typescript", document, "-o", folder / "api.d.ts", folder=folder)
    checks = (
        "--strict",
        "--module",
        "nodenext",
        "--target",
        "es2022",
        "--lib",
        "es2022,dom",
        "--skipLibCheck",
    )
    run(programs / "tsc", *checks, "use.mts", folder=folder)
    assert json.loads(run(node, "use.mjs", sandbox.url, folder=folder)) == {
        "status": "succeeded",
        "isQueued": True,
        "speed": 0,
        "leads": ["succeeded"],
        "records": 1,
        "fault": "outage",
        "refused": 404,
    }
    sandbox.assert_written("lead", times=1)
