"""A summary, written for people, for programs and for a browser."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

from ampsandbox.capacity.summary import Summary

FORMATS: Final = ("text", "json", "html")


def renderer(name: str) -> Callable[[Summary], str]:
    """The function that writes a summary in a format, one of `FORMATS`."""
    render: Callable[[Summary], str] = import_module(f"{__name__}.{name}").render
    return render


def format_of(path: Path | None) -> str:
    """The format that a file's name asks for; text where it says nothing."""
    endings = {".json": "json", ".html": "html", ".htm": "html"}
    return endings.get(path.suffix.lower(), "text") if path is not None else "text"
