"""Reading `.env` files, when a user asks for one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ampsandbox.errors import SettingsError

_LINE: Final = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_DOUBLE: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_SINGLE: Final = re.compile(r"'([^']*)'")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of the file: `NAME=value` lines, with quotes and comments as in a shell.

    Raises:
        SettingsError: It cannot be read, or a line is none of that; the line itself is not repeated.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from None
    variables: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise SettingsError(f"{path}:{number}: not a NAME=value line.", "Quote values that span lines.")
        variables[match[1]] = _value(match[2])
    return variables


def _value(text: str) -> str:
    if (double := _DOUBLE.match(text)) is not None:
        return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), double[1])
    if (single := _SINGLE.match(text)) is not None:
        return single[1]
    return re.split(r"\s+#", text, maxsplit=1)[0].rstrip()
