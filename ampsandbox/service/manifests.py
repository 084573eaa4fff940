"""The manifest in force, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ampsandbox.errors import NotFoundError
from ampsandbox.manifest.findings import Finding, LoadResult
from ampsandbox.manifest.loader import load_manifest, parse_manifest
from ampsandbox.service.context import ServiceContext, ServiceGroup
from ampsandbox.service.recorded import recorded
from ampsandbox.service.snapshots import SnapshotService


class FindingView(msgspec.Struct, frozen=True, rename="camel"):
    """One thing that is wrong with the manifest."""

    rule: str
    severity: str
    message: str
    line: int
    column: int
    path: str
    suggestion: str


class Loaded(msgspec.Struct, frozen=True, rename="camel"):
    """Whether the manifest is now the current one, and what was found in it."""

    loaded: bool
    findings: list[FindingView]


class ManifestService(ServiceGroup):
    """Loads manifests; one with errors leaves the last good one in force."""

    name = "manifests"

    def __init__(self, context: ServiceContext, snapshots: SnapshotService) -> None:
        super().__init__(context)
        self._snapshots = snapshots

    async def load(self, path: str | None = None, text: str | None = None) -> Loaded:
        """Load a manifest, or load the current one anew.

        Args:
            path: A file in the folder of the manifest that the sandbox was started with, or below it.
            text: Or the manifest itself.

        Raises:
            ManifestError: The file cannot be read.
            NotFoundError: The file is not below that folder. Findings quote their file, so that any file of
                the machine could be read otherwise.
        """
        if text is not None:
            result = parse_manifest(text, "request")
        else:
            result = load_manifest(self._allowed(path) if path else self._current)
        await self.take(result)
        return Loaded(result.manifest is not None, [_view(finding) for finding in result.findings])

    @property
    def _current(self) -> Path:
        return self.context.manifest_path or Path("amp.yaml")

    def _allowed(self, path: str) -> Path:
        folder = self._current.resolve().parent
        try:
            file = (folder / path).resolve()
        except (OSError, ValueError, RuntimeError) as error:
            raise NotFoundError(f"{path!r} is no path: {error}.") from error
        if not file.is_relative_to(folder):
            raise NotFoundError(
                f"{path!r} is outside of the folder of the sandbox's manifest.",
                "Send its text instead: {\"text\": …}, or 'ampsandbox ctl load FILE'.",
            )
        return file

    async def findings(self) -> Sequence[FindingView]:
        """What is wrong with the manifest."""
        return [_view(finding) for finding in self.context.engine.findings]

    def take(self, result: LoadResult) -> Coroutine[Any, Any, None]:
        """Make a manifest that was read already the current one."""
        return self._load(result.text, result.source, result)

    @recorded
    async def _load(self, text: str, source: str, result: LoadResult) -> None:
        await self.context.engine.load(result)
        self._snapshots.forget_baselines()


def _view(finding: Finding) -> FindingView:
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
