"""Recording a whole sandbox, what is done to its mock CRMs included, and living through it again.

The engine records its own inputs; this module adds those that reach the mock orgs over the control API.
Requests that a client sends to a mock CRM directly are not part of a recording.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ampsandbox.engine.recording import Handler, Recorder, Replay, replay
from ampsandbox.errors import StateError
from ampsandbox.manifest.loader import load_manifest
from ampsandbox.server.orgs import find_installation_of, org_of
from mock_crm.core.faults import Rule

if TYPE_CHECKING:
    from ampsandbox.engine.engine import Engine
    from ampsandbox.server.sandbox_server import SandboxServer
    from mock_crm.core.org import Org


class Recording:
    """A recording under way, and the file that it goes to.

    Raises:
        StateError: The file cannot be written.
    """

    def __init__(self, sandbox: Engine, path: Path) -> None:
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise StateError(
                f"The recording cannot be written to {path}: {error.strerror}.", "Give another --record file."
            ) from error
        self._recorder = Recorder(sandbox, self._file)

    def note(self, call: str, **arguments: Any) -> None:
        """Record what was done to a mock org; the names of calls are those of `OrgInputs`."""
        self._recorder.note(call, **arguments)

    def close(self) -> None:
        """Record no more."""
        self._recorder.stop()
        self._file.close()


class OrgInputs:
    """Does again what was done to the mock orgs; each method takes the arguments of one recorded call."""

    def __init__(self, server: SandboxServer) -> None:
        self._server = server

    def handlers(self) -> dict[str, Handler]:
        """All of them, for `ampsandbox.engine.recording.replay`."""
        return {
            "seed_records": self.seed_records,
            "create_records": self.create_records,
            "undelete_record": self.undelete_record,
            "reset_org": self.reset_org,
            "update_record": self.update_record,
            "delete_record": self.delete_record,
            "add_fault": self.add_fault,
            "remove_fault": self.remove_fault,
            "clear_faults": self.clear_faults,
            "restore_orgs": self.restore_orgs,
            "reset": self.reset,
            "keep_provisioned": self.keep_provisioned,
            "keep_as_new": self.keep_as_new,
        }

    async def seed_records(self, arguments: Mapping[str, Any]) -> None:
        """Put records in."""
        self._org(arguments).seed(arguments["object"], arguments["rows"])

    async def create_records(self, arguments: Mapping[str, Any]) -> None:
        """Put records in, each for itself."""
        self._org(arguments).create_each(arguments["object"], arguments["rows"])

    async def undelete_record(self, arguments: Mapping[str, Any]) -> None:
        """Bring one back from the recycle bin."""
        self._org(arguments).undelete(arguments["object"], arguments["id"])

    async def reset_org(self, arguments: Mapping[str, Any]) -> None:
        """Empty one org; what has to be provisioned again is recorded by itself."""
        self._org(arguments)
        found = find_installation_of(self._server, arguments["group"], arguments["integration"])
        self._server.connections.reset_org(found.id)

    async def update_record(self, arguments: Mapping[str, Any]) -> None:
        """Change one."""
        self._org(arguments).update(arguments["object"], arguments["id"], arguments["fields"])

    async def delete_record(self, arguments: Mapping[str, Any]) -> None:
        """Delete one."""
        self._org(arguments).delete(arguments["object"], arguments["id"])

    async def add_fault(self, arguments: Mapping[str, Any]) -> None:
        """Make requests fail."""
        self._org(arguments).faults.add(msgspec.convert(arguments["rule"], Rule))

    async def remove_fault(self, arguments: Mapping[str, Any]) -> None:
        """One fault less."""
        self._org(arguments).faults.remove(arguments["id"])

    async def clear_faults(self, arguments: Mapping[str, Any]) -> None:
        """No more faults."""
        self._org(arguments).faults.clear()

    async def restore_orgs(self, arguments: Mapping[str, Any]) -> None:
        """Go back to the orgs' part of a snapshot."""
        for installation_id, state in arguments["orgs"].items():
            org = self._server.connections.org(installation_id)
            if org is not None:
                org.restore(base64.b64decode(state))

    async def reset(self, arguments: Mapping[str, Any]) -> None:
        """Start over; what has to be installed again is recorded by itself."""
        await self._server.connections.reset()
        await self._server.sandbox.reset(arguments.get("rewind"))

    async def keep_provisioned(self, _arguments: Mapping[str, Any]) -> None:
        """Make the orgs as they are now what a reset returns to."""
        self._server.keep_provisioned()

    async def keep_as_new(self, arguments: Mapping[str, Any]) -> None:
        """The same for one org, after what was installed since."""
        installation = find_installation_of(self._server, arguments["group"], arguments["integration"])
        await self._server.keep_as_new(installation)

    def _org(self, arguments: Mapping[str, Any]) -> Org:
        installation = find_installation_of(self._server, arguments["group"], arguments["integration"])
        return org_of(self._server, installation)


async def replay_recording(
    server: SandboxServer, lines: Iterable[bytes], manifest: Path | None = None
) -> Replay:
    """Live through a recording in a fresh sandbox without a manifest, and compare the outcomes.

    Args:
        server: In memory, with the project, seed and start of the recording's header, its clock frozen.
        lines: The recording after its header.
        manifest: Loaded in place of every recorded manifest, to see what it would have made of the session.

    Raises:
        UsageError: The recording is damaged.
    """
    handlers = OrgInputs(server).handlers()
    if manifest is not None:
        loaded = load_manifest(manifest)

        async def load(_arguments: Mapping[str, Any]) -> None:
            await server.sandbox.load(loaded)

        handlers["load"] = load
    return await replay(lines, server.sandbox, handlers)
