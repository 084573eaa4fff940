"""Reading a manifest: from a path or a text to a `LoadResult`."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ampsandbox.errors import ManifestError
from ampsandbox.manifest.checks import check
from ampsandbox.manifest.encoding import decode, without_odd_breaks
from ampsandbox.manifest.findings import LoadResult, Severity, Target
from ampsandbox.manifest.ignore_comments import unsuppressed
from ampsandbox.manifest.manifest_reader import ManifestReader
from ampsandbox.manifest.model import Manifest
from ampsandbox.manifest.report import Report
from ampsandbox.manifest.yaml_document import compose

FILE_NAMES = ("amp.yaml", "amp.yml")

STDIN = "stdin"
"""What messages call a manifest that was read from standard input."""


def find_manifest(path: Path | None) -> Path:
    """The manifest file that a command line means.

    Args:
        path: A file, or a folder that holds `amp.yaml` or `amp.yml`; None for the current folder.

    Raises:
        ManifestError: There is no such file.
    """
    start = path if path is not None else Path()
    if start.is_dir():
        for name in FILE_NAMES:
            if (start / name).is_file():
                return start / name
        raise ManifestError(
            f"No amp.yaml or amp.yml in {start.resolve()}",
            "Name a file, or make one with `ampsandbox init`.",
        )
    if not start.is_file():
        raise ManifestError(f"No such file: {start}", "Name a file, or a folder that holds amp.yaml.")
    return start


def load_manifest(path: Path, *, strict: bool = False, target: Target = Target.SANDBOX) -> LoadResult:
    """Read and check the manifest in a file.

    Args:
        path: The file.
        strict: Make every warning an error.
        target: What to check it for.

    Raises:
        ManifestError: The file cannot be opened.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ManifestError(
            f"{path}: {error.strerror or error}", "Check the path and its permissions."
        ) from None
    return _load(data, str(path), path, strict=strict, target=target)


def parse_manifest(
    text: str | bytes, source: str, *, strict: bool = False, target: Target = Target.SANDBOX
) -> LoadResult:
    """Read and check a manifest that is already in memory.

    Args:
        text: The manifest; bytes may be UTF-8 or, with a byte order mark, UTF-16.
        source: What to call it in messages, such as a file name.
        strict: Make every warning an error.
        target: What to check it for.
    """
    return _load(text, source, None, strict=strict, target=target)


def usable_manifest(path: Path) -> Manifest:
    """The manifest in a file, for a command that cannot do without one.

    Raises:
        ManifestError: The file cannot be opened, or has errors; the message names the first.
    """
    return usable(load_manifest(path))


def usable(result: LoadResult) -> Manifest:
    """A manifest that was read, for a command that cannot do without one.

    Raises:
        ManifestError: It has errors; the message names the first.
    """
    if result.manifest is None:
        first = result.errors[0]
        at = first.position
        raise ManifestError(
            f"{result.source}:{at.line}:{at.column}: {first.message} [{first.rule}]",
            f"All findings: ampsandbox check {'-' if result.source == STDIN else result.source}",
        )
    return result.manifest


def _load(data: str | bytes, source: str, path: Path | None, *, strict: bool, target: Target) -> LoadResult:
    text, problem = decode(data)
    report = Report(text, target)
    manifest = None
    if problem is None:
        parsed, problem = without_odd_breaks(text)
        document = compose(parsed, report)
        manifest = ManifestReader(report).read(document.root, path) if document else None
    if problem:
        report.add(*problem)
    if manifest:
        check(manifest, report)
    findings = unsuppressed(report.findings, text)
    if strict:
        findings = [msgspec.structs.replace(finding, severity=Severity.ERROR) for finding in findings]
    findings.sort(key=lambda finding: (finding.position.line, finding.position.column))
    failed = any(finding.severity is Severity.ERROR for finding in findings)
    return LoadResult(None if failed else manifest, tuple(findings), text, source)
