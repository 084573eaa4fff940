"""Recording a session and living through it again."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest

from ampsandbox.engine.recording import Recorder, read_header, replay
from ampsandbox.errors import ConflictError, UsageError
from ampsandbox.manifest.loader import parse_manifest

pytestmark = pytest.mark.anyio

AMP_YAML = """
integrations:
  - name: crm
    displayName: CRM
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - objectName: account
            mode: insert
            endpoint: insert-account
          - objectName: contact
            mode: insert
            endpoint: insert-contact
            schedule: every 2 hours
"""


async def record(desk: Any) -> bytes:
    file = io.BytesIO()
    recorder = Recorder(desk.sandbox, file)
    await desk.sandbox.load(parse_manifest(AMP_YAML, "amp.yaml"))
    await desk.sandbox.install("acme")
    for number in range(5):
        await desk.write("insert-contact", name=str(number))
        await desk.sandbox.advance(timedelta(minutes=7))
    await desk.write("insert-account", fail="yes")
    await desk.sandbox.advance()
    waiting = await desk.write("insert-contact", name="dropped")
    await desk.sandbox.drop(waiting.id)
    with pytest.raises(ConflictError):
        await desk.sandbox.drop(waiting.id)
    recorder.note("fault", kind="outage")
    recorder.stop()
    return file.getvalue()


async def test_a_replay_ends_as_the_recording_did(open_desk: Any) -> None:
    recording = await record(await open_desk(install=False))
    header, lines = read_header(recording.splitlines())
    again = await open_desk(install=False, start=header.start, seed=header.seed)
    faults = []

    async def fault(arguments: Any) -> None:
        faults.append(arguments)

    result = await replay(lines, again.sandbox, {"fault": fault})

    assert (result.operations, result.differences) == (6, [])
    assert result.inputs == 18
    assert faults == [{"kind": "outage"}]


async def test_a_replay_names_what_ended_differently(open_desk: Any) -> None:
    first = await open_desk(install=False)
    recording = await record(first)
    header, lines = read_header(recording.splitlines())
    worse = type(first.orgs)(first.clock, trouble=lambda _request: "lost")
    again = await open_desk(install=False, start=header.start, seed=header.seed, orgs=worse)
    result = await replay([line for line in lines if b'"fault"' not in line], again.sandbox)

    assert len(result.differences) == 6
    assert {each.replayed for each in result.differences} == {"WriteInDoubt"}


@pytest.mark.parametrize(
    "text",
    [b"", b"nonsense", b'{"recording": 99, "project": "x", "seed": "1", "start": "2026-01-01T00:00:00Z"}'],
)
async def test_what_is_no_recording_is_refused(text: bytes) -> None:
    with pytest.raises(UsageError):
        read_header([text])
