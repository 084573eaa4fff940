"""`ampsandbox check`: what is wrong with a manifest."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ampsandbox.errors import UsageError

if TYPE_CHECKING:
    from ampsandbox.manifest.findings import LoadResult

UNREADABLE = frozenset({"yaml-syntax", "file-encoding", "file-too-large", "too-deep", "alias-bomb"})
"""The rules that say the file could not be read at all."""

_FORMATS = ("text", "json", "github", "sarif")
_EPILOG = """\
exit codes: 0 no errors; 1 errors; 2 the file cannot be read or is not YAML (for deploy, not YAML is 1)

--target deploy asks what `amp deploy` and Ampersand's public validator would say: the same errors and
warnings under the same names, and the same exit code. For the default, --target sandbox, errors are what
the sandbox cannot run, and typos.

Silence a warning with a comment on its line or on the line above:
  # amp:ignore                 every warning of this key and what is below it
  # amp:ignore[unknown-key]    only this rule
"""


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "check",
        help="say what is wrong with an amp.yaml, and where",
        description="Check an amp.yaml of any format: 2023, specVersion 1.0.0, and what lies between.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "manifests",
        nargs="*",
        metavar="manifest",
        help="amp.yaml files, folders that hold one, or '-' for stdin (default: this folder)",
    )
    parser.add_argument(
        "--format", choices=_FORMATS, default="text", help="how to write findings (default: text)"
    )
    parser.add_argument(
        "--target",
        choices=("sandbox", "deploy"),
        default="sandbox",
        help="what to check for: running here (the default), or a deploy",
    )
    parser.add_argument("--strict", action="store_true", help="make every warning an error")
    parser.add_argument("--fix", action="store_true", help="apply the safe fixes, and show what changed")
    parser.add_argument("--watch", action="store_true", help="check again each time the file is saved")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the findings to stdout, a summary to stderr."""
    names = args.manifests or [None]
    if len(names) > 1 and (args.watch or args.format in ("json", "sarif")):
        raise UsageError(
            "Several manifests make no single document, and are not watched together.",
            "Name one, or leave out --watch and use --format text or github.",
        )
    if args.watch:
        return _watch(args)
    return max(_report(_load(args, name), args) for name in names)


def _report(result: LoadResult, args: argparse.Namespace) -> int:
    """Print what was found in one manifest; the exit code for it."""
    from ampsandbox.manifest.formats import formatter
    from ampsandbox.manifest.formats.text import summary

    output = formatter(args.format)(result)
    if output:
        print(output, flush=True)
    if args.format == "text":
        print(summary(result), file=sys.stderr, flush=True)
    if args.target == "sandbox" and any(finding.rule in UNREADABLE for finding in result.errors):
        return 2
    return 1 if result.errors else 0


def _load(args: argparse.Namespace, name: str | None) -> LoadResult:
    from ampsandbox.manifest.findings import Target
    from ampsandbox.manifest.loader import STDIN, find_manifest, load_manifest, parse_manifest

    target = Target(args.target)
    if name == "-":
        return parse_manifest(sys.stdin.buffer.read(), STDIN, strict=args.strict, target=target)
    path = find_manifest(Path(name) if name else None)
    if args.fix:
        _fix(path)
    return load_manifest(path, strict=args.strict, target=target)


def _watch(args: argparse.Namespace) -> int:
    """Check a file now and each time it was saved, until interrupted; the exit code of the last check."""
    import asyncio

    from ampsandbox.manifest.findings import Target
    from ampsandbox.manifest.loader import find_manifest
    from ampsandbox.manifest.watch import watch_manifest

    name = args.manifests[0] if args.manifests else None
    if name == "-":
        raise UsageError("Standard input cannot be watched.", "Name a file.")
    path = find_manifest(Path(name) if name else None)
    args.fix = False
    result = _load(args, str(path))
    code = _report(result, args)

    async def follow() -> None:
        nonlocal code
        async for changed in watch_manifest(path, result, strict=args.strict, target=Target(args.target)):
            print(f"--- {path} was saved", file=sys.stderr)
            code = _report(changed, args)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(follow())
    return code


def _fix(path: Path) -> None:
    from ampsandbox.manifest.fixes import diff, fixed_text, rewrite
    from ampsandbox.manifest.loader import load_manifest

    before = path.read_bytes()
    text = load_manifest(path).text
    better = fixed_text(text, str(path))
    if better != text:
        print(diff(text, better, str(path)), file=sys.stderr)
        rewrite(path, before, better)
