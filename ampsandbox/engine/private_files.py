"""Files that only their owner may read, whatever was there before and whatever the umask says."""

from __future__ import annotations

import os
from pathlib import Path

from ampsandbox.errors import StateError


def prepare_folder(folder: Path, own: str) -> None:
    """Make the state directory, and close it to others unless it holds things that are not the sandbox's.

    Args:
        folder: The directory.
        own: The file by which a directory of the sandbox is known.

    Raises:
        OSError: It cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / own).exists() or not any(folder.iterdir()):
        folder.chmod(0o700)


def prepare_file(path: Path) -> None:
    """Make sure that a file exists and is closed to others, before a database is opened in it.

    Raises:
        StateError: A symbolic link has its name.
        OSError: It cannot be made.
    """
    if path.is_symlink():
        raise StateError(
            f"{path} is a symbolic link, which the sandbox does not follow.",
            "Remove it, or give another directory with --state DIR.",
        )
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def write_privately(path: Path, content: bytes) -> None:
    """Write a file in place of whatever has its name, and see it on the disk.

    Raises:
        OSError: It cannot be written.
    """
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
