"""A whole sandbox as one file: the engine's state, and that of every mock org."""

from __future__ import annotations

import msgspec

from ampsandbox.errors import UsageError

_FORMAT = "ampsandbox-snapshot-1"


class Snapshot(msgspec.Struct, frozen=True):
    """The engine's snapshot, and those of the orgs by installation id."""

    format: str
    engine: bytes
    orgs: dict[str, bytes]


def pack(engine: bytes, orgs: dict[str, bytes]) -> bytes:
    """The file's content."""
    return msgspec.msgpack.encode(Snapshot(_FORMAT, engine, orgs))


def unpack(content: bytes) -> Snapshot:
    """The snapshot in a file.

    Raises:
        UsageError: The content is not one.
    """
    try:
        snapshot = msgspec.msgpack.decode(content, type=Snapshot)
    except msgspec.DecodeError as error:
        raise UsageError(
            f"This is not a snapshot: {error}.", "Take one with 'ampsandbox ctl snapshot'."
        ) from error
    if snapshot.format != _FORMAT:
        raise UsageError(
            f"This snapshot is of another format: {snapshot.format}.", "Use the version that made it."
        )
    return snapshot
