"""Files that are named in a dialog: what is wrong with one is said, and the screen goes on."""

from __future__ import annotations

from pathlib import Path

from ampsandbox.errors import UsageError

_ELSEWHERE = "Choose another place."


def path_of(name: str) -> Path:
    """The file that was typed.

    Raises:
        UsageError: It lies in the home of somebody who has none here.
    """
    path = Path(name.strip())
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise UsageError(f"There is no home directory for {path}.", _ELSEWHERE) from error


def read_file(name: str) -> bytes:
    """What the file holds.

    Raises:
        UsageError: It cannot be read.
    """
    path = path_of(name)
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot read {path}: {_reason(error)}.") from error


def write_file(name: str, content: str | bytes) -> None:
    """Put content there, as UTF-8 where it is text; what text cannot be is replaced.

    Raises:
        UsageError: It cannot be written.
    """
    path = path_of(name)
    data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    try:
        path.write_bytes(data)
    except (OSError, ValueError) as error:  # a value: a path with a NUL
        raise UsageError(f"Cannot write {path}: {_reason(error)}.", _ELSEWHERE) from error


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
