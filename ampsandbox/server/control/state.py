"""The sandbox as a whole: what runs, its manifest, reset, snapshot and restore."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from ampsandbox.engine.model import ConnectionView, QuotaView
from ampsandbox.manifest.findings import Finding
from ampsandbox.manifest.loader import load_manifest, parse_manifest
from ampsandbox.server.control.endpoint import Call, Endpoint
from ampsandbox.server.control.installations import InstallationView, view


class EndpointView(msgspec.Struct, rename="camel"):
    """One write endpoint of the manifest."""

    endpoint: str
    url: str
    integration: str
    object: str
    mode: str
    schedule: str | None


class State(msgspec.Struct, rename="camel"):
    """What runs, and where it stands."""

    project: str
    url: str
    now: datetime
    speed: float
    next_flush_at: datetime | None
    pending: int
    manifest: str | None
    endpoints: list[EndpointView]
    installations: list[InstallationView]


class FindingView(msgspec.Struct, rename="camel"):
    """One thing that is wrong with the manifest."""

    rule: str
    severity: str
    message: str
    line: int
    column: int
    path: str
    suggestion: str


class LoadBody(msgspec.Struct, rename="camel"):
    """A manifest to load: a file on the sandbox's machine, or its text."""

    path: str | None = None
    text: str | None = None


class Loaded(msgspec.Struct, rename="camel"):
    """Whether the manifest is now the current one, and what was found in it."""

    loaded: bool
    findings: list[FindingView]


async def _state(call: Call) -> State:
    server, sandbox = call.server, call.server.sandbox
    manifest = sandbox.manifest
    return State(
        project=sandbox.project,
        url=server.url,
        now=sandbox.clock.now(),
        speed=sandbox.clock.speed,
        next_flush_at=sandbox.next_flush(),
        pending=sum(batch.count for batch in sandbox.batches()),
        manifest=str(manifest.path) if manifest and manifest.path else None,
        endpoints=_endpoints(call),
        installations=[view(server, installation) for installation in sandbox.installations],
    )


def _endpoints(call: Call) -> list[EndpointView]:
    sandbox = call.server.sandbox
    root = f"{call.server.url}/projects/{sandbox.project}"
    found = sandbox.manifest.endpoints().items() if sandbox.manifest else ()
    return [
        EndpointView(name, f"{root}/{name}", integration.name, item.name, str(item.mode), item.schedule)
        for name, (integration, item) in found
    ]


async def _load(call: Call) -> Loaded:
    body: LoadBody = call.body
    if body.text is not None:
        result = parse_manifest(body.text, "request")
    else:
        result = load_manifest(Path(body.path or call.server.options.manifest or "amp.yaml"))
    await call.server.load(result)
    return Loaded(result.manifest is not None, [_finding(finding) for finding in result.findings])


async def _findings(call: Call) -> list[FindingView]:
    return [_finding(finding) for finding in call.server.sandbox.findings]


def _finding(finding: Finding) -> FindingView:
    where = finding.position
    return FindingView(
        finding.rule,
        finding.severity.value,
        finding.message,
        where.line,
        where.column,
        where.path,
        finding.suggestion,
    )


async def _reset(call: Call) -> None:
    await call.server.reset()


async def _snapshot(call: Call) -> bytes:
    return await call.server.snapshot()


async def _restore(call: Call) -> None:
    await call.server.restore(call.body)


async def _quota(call: Call) -> list[QuotaView]:
    return call.server.sandbox.quota()


async def _connections(call: Call) -> list[ConnectionView]:
    sandbox = call.server.sandbox
    return [sandbox.connection_state(installation.id) for installation in sandbox.installations]


ENDPOINTS = (
    Endpoint("GET", "/state", "getState", "What runs, and where it stands.", _state, answer=State),
    Endpoint(
        "GET",
        "/findings",
        "getFindings",
        "What is wrong with the manifest.",
        _findings,
        answer=list[FindingView],
    ),
    Endpoint(
        "POST",
        "/manifest",
        "loadManifest",
        "Load a manifest, or load it anew.",
        _load,
        body=LoadBody,
        answer=Loaded,
    ),
    Endpoint(
        "GET",
        "/quota",
        "getQuota",
        "CRM requests used, and what they would be unbatched.",
        _quota,
        answer=list[QuotaView],
    ),
    Endpoint(
        "GET",
        "/connections",
        "getConnections",
        "How well each CRM answers.",
        _connections,
        answer=list[ConnectionView],
    ),
    Endpoint("POST", "/reset", "reset", "Forget all operations and records; installations stay.", _reset),
    Endpoint(
        "GET", "/snapshot", "takeSnapshot", "Everything, as one file for restore.", _snapshot, answer=bytes
    ),
    Endpoint(
        "POST",
        "/restore",
        "restoreSnapshot",
        "Go back to a snapshot, sent as the body.",
        _restore,
        body=bytes,
    ),
)
