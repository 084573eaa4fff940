"""The findings of a manifest, written for people, for programs and for code hosts."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ampsandbox.manifest.findings import LoadResult

FORMATS = ("text", "json", "github", "sarif")


def formatter(name: str) -> Callable[[LoadResult], str]:
    """The function that writes findings in a format, one of `FORMATS`."""
    render: Callable[[LoadResult], str] = import_module(f"{__name__}.{name}").render
    return render
