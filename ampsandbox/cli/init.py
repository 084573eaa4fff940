"""`ampsandbox init`: a new amp.yaml."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ampsandbox.errors import UsageError

if TYPE_CHECKING:
    from ampsandbox.manifest.model import Provider

_DEFAULT_APP = "My App"
_DEFAULT_WRITE = "contact:insert"
_EPILOG = """\
examples:
  ampsandbox init
  ampsandbox init --app-name MailMonkey --provider hubspot --write "company:update:every 2 hours"

What --write takes: OBJECT[:insert|update[:SCHEDULE]]
"""


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "init",
        help="make a new amp.yaml from a few questions or flags",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "output", nargs="?", type=Path, help="where to write (default: amp.yaml; '-' for stdout)"
    )
    parser.add_argument("--app-name", metavar="NAME", help="your app's name, as customers see it")
    parser.add_argument(
        "--provider", action="append", choices=("salesforce", "hubspot"), help="the CRM; repeatable"
    )
    parser.add_argument("--write", action="append", metavar="SPEC", help="an object to write to; repeatable")
    parser.add_argument("--force", action="store_true", help="overwrite a file")
    parser.add_argument("--yes", action="store_true", help="ask nothing; take defaults for what is not given")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask for what the flags leave open, and write the file."""
    from ampsandbox.manifest.new_manifest import new_manifest

    asks = sys.stdin.isatty() and not args.yes
    app_name = _clean(args.app_name or (_ask("Name of your app", _DEFAULT_APP) if asks else _DEFAULT_APP))
    providers = _providers(args, asks)
    specs = args.write or (
        [_ask(f"Object to write to ({_SPEC})", _DEFAULT_WRITE)] if asks else [_DEFAULT_WRITE]
    )
    text = new_manifest(app_name, [(provider, _writes(specs, provider)) for provider in providers])
    return _write(args, text)


_SPEC = "OBJECT[:insert|update[:SCHEDULE]]"


def _writes(specs: list[str], provider: Provider) -> list[Any]:
    from ampsandbox.manifest.new_manifest import parse_write

    return [parse_write(spec, provider) for spec in specs]


def _providers(args: argparse.Namespace, asks: bool) -> list[Provider]:
    from ampsandbox.manifest.model import Provider

    names = args.provider or [_ask("CRM (salesforce or hubspot)", "salesforce") if asks else "salesforce"]
    unknown = [name for name in names if name not in set(Provider)]
    if unknown:
        raise UsageError(f"{unknown[0]!r} is not a CRM of the sandbox.", "Say salesforce or hubspot.")
    return [Provider(name) for name in dict.fromkeys(names)]


def _write(args: argparse.Namespace, text: str) -> int:
    if args.output == Path("-"):
        print(text, end="")
        return 0
    path = args.output or Path("amp.yaml")
    path = path / "amp.yaml" if path.is_dir() else path
    try:
        with path.open("w" if args.force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            f"{path} exists already.", "Use --force to overwrite it, or name another file."
        ) from None
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}.", "Name a file in a folder that you can write to."
        ) from None
    print(f"Wrote {path}. Try it: ampsandbox run {path}", file=sys.stderr)
    return 0


def _clean(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned.isprintable() or not cleaned:
        raise UsageError("The name of the app must be printable text.")
    return cleaned


def _ask(question: str, default: str) -> str:
    print(f"{question} [{default}]: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() or default
