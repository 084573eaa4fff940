"""Whole databases as bytes: taken from a connection, and put back into one."""

from __future__ import annotations

import sqlite3


def take(connection: sqlite3.Connection) -> bytes:
    """Everything in a database, as the bytes of one that can be opened in memory."""
    image = bytearray(connection.serialize())
    # A database in write-ahead mode says so in its header, and can then not be opened in memory.
    image[18:20] = b"\x01\x01"
    return bytes(image)


def put_back(connection: sqlite3.Connection, snapshot: bytes) -> None:
    """Replace everything in a database by what `take` returned.

    Raises:
        sqlite3.DatabaseError: These bytes are not a snapshot of a store; the database is as before.
    """
    source = sqlite3.connect(":memory:")
    try:
        source.deserialize(snapshot)
        source.execute("SELECT count(*) FROM meta")
        source.backup(connection)
    finally:
        source.close()
