"""Recording a session and living through it again."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO

import pytest

from ampsandbox.errors import AmpSandboxError, ConflictError, UsageError
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.service.recording import read_header, replay
from mock_crm.core.faults import Rule

from .conftest import AMP_YAML, OpenService, write

pytestmark = pytest.mark.anyio


async def record(open_service: OpenService, path: Path) -> IO[bytes]:
    """The file of a session with retries by hand, refusals, faults, records and a reset."""
    service = await open_service(record=path)
    for number in range(3):
        await write(service, "insert-contact", lastName=str(number))
        await service.clock.advance(minutes=7)
    await write(service, "insert-account", nam="no such field")
    [refused] = await service.operations.dead_letters()
    await service.operations.retry(refused.id, {"name": "Big Co."})
    await service.clock.advance(next_flush=True)
    await service.faults.add("acme", Rule(kind="drop-after", nth=1, method="POST"))
    [record_id] = await service.records.seed("acme", "Contact", [{"LastName": "Ray"}])
    await write(service, "insert-account", name="Lost Co.")
    [doubtful] = await service.operations.dead_letters()
    await service.operations.mark_written(doubtful.id, "001000000000001")
    await service.records.update("acme", "Contact", record_id, {"LastName": "Rey"})
    await service.records.delete("acme", "Contact", record_id)
    await service.records.undelete("acme", "Contact", record_id)
    waiting = await write(service, "insert-contact", lastName="dropped")
    await service.operations.drop(waiting.id)
    with pytest.raises(ConflictError):
        await service.operations.drop(waiting.id)
    await write(service, "update-contact", key=record_id, lastName="Roy")
    return io.BytesIO(path.read_bytes())  # noqa: ASYNC240


async def test_a_replay_ends_as_the_recording_did(open_service: OpenService, tmp_path: Path) -> None:
    header, lines = read_header(await record(open_service, tmp_path / "session.jsonl"))
    assert header.project == "demo"
    again = await open_service(None)
    result = await replay(lines, again)
    assert (result.operations, result.differences) == (6, [])
    names = [item["LastName"] for item in await again.records.list("acme", "Contact")]
    assert names == ["0", "1", "2", "Roy"]


async def test_a_reset_and_what_it_takes_are_one_call(open_service: OpenService, tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    service = await open_service(record=path)
    before = len(path.read_bytes().splitlines())
    await service.snapshots.reset()
    calls = [line for line in path.read_bytes().splitlines()[before:] if line.startswith(b'{"call"')]
    assert [b'"call":"snapshots.reset","arguments":{"rewind":true}' in line for line in calls] == [True]


async def test_a_replay_names_what_ended_differently(open_service: OpenService, tmp_path: Path) -> None:
    _, lines = read_header(await record(open_service, tmp_path / "session.jsonl"))
    other = AMP_YAML.replace("update-contact", "change-contact")
    result = await replay(lines, await open_service(None), parse_manifest(other, "amp.yaml"))
    assert [(each.recorded, each.replayed) for each in result.differences] == [("WriteSucceeded", None)]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"nonsense",
        b'{"recording": 99, "project": "x", "seed": "1", "start": "2026-01-01T00:00:00Z"}',
        b'{"recording": 1, "project": "x", "seed": "1", "start": "2026-01-01T00:00:00Z"}',
    ],
)
async def test_what_is_no_recording_of_this_version_is_refused(text: bytes) -> None:
    with pytest.raises(UsageError):
        read_header([text])


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("batches.nope", b"{}"),
        ("nope.flush", b"{}"),
        ("batches.list", b"{}"),
        ("batches.pause", b"{}"),
        ("batches.pause", b'{"batch_id": 7}'),
        ("batches.pause", b'{"batch": "x"}'),
    ],
)
async def test_a_call_that_is_not_known_is_named(
    open_service: OpenService, call: str, arguments: bytes
) -> None:
    line = b'{"call":{"at":"2026-01-01T00:00:00Z","call":"%s","arguments":%s}}' % (call.encode(), arguments)
    with pytest.raises(AmpSandboxError, match=call):
        await replay([line], await open_service(None))
