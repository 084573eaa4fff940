"""`ampsandbox init`: writes a new amp.yaml from a few questions, or from flags alone."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ampsandbox.errors import UsageError

if TYPE_CHECKING:
    from ampsandbox.manifest.model import Provider
    from ampsandbox.manifest.new_manifest import NewWrite

Answer = TypeVar("Answer")

_DEFAULT_APP = "My App"
_DEFAULT_WRITE = "contact:insert"
_MANIFEST_FORMATS = ("today", "2023")
_EPILOG = """\
examples:
  ampsandbox init
  ampsandbox init --app-name MailMonkey --format today --provider salesforce --provider hubspot
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
    parser.add_argument(
        "--format", choices=_MANIFEST_FORMATS, help="today's format, or that of 2023 (default: 2023)"
    )
    parser.add_argument("--write", action="append", metavar="SPEC", help="an object to write to; repeatable")
    parser.add_argument("--force", action="store_true", help="overwrite a file")
    parser.add_argument("--yes", action="store_true", help="ask nothing; take defaults for what is not given")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask for what the flags leave open, and write the file."""
    from ampsandbox.manifest.new_manifest import new_manifest, new_todays_manifest, parse_write

    asks = sys.stdin.isatty() and not args.yes
    app_name = _clean(args.app_name) if args.app_name else None
    if app_name is None:
        app_name = _ask(_APP_QUESTION, _DEFAULT_APP, _clean) if asks else _DEFAULT_APP
    providers = _providers(args.provider) if args.provider else None
    if providers is None:
        providers = (
            _ask(_CRM_QUESTION, "salesforce", lambda text: _providers(re.split(r"[,\s]+", text)))
            if asks
            else _providers(["salesforce"])
        )
    format_name = args.format or (_ask(_FORMAT_QUESTION, "2023", _format) if asks else "2023")
    writes = []
    for provider in providers:
        if args.write or not asks:
            writes.append(
                (provider, [parse_write(spec, provider) for spec in args.write or [_DEFAULT_WRITE]])
            )
        else:
            writes.append((provider, _ask_writes(provider, is_old=format_name == "2023")))
    build = new_manifest if format_name == "2023" else new_todays_manifest
    return _write(args, build(app_name, writes))


_APP_QUESTION = """\
The name of your app. Your customers read it when they install the integration.
Name of the app"""
_CRM_QUESTION = """\
The CRM that your customers connect. Each becomes an integration of its own.
salesforce, hubspot, or both"""
_FORMAT_QUESTION = """\
The format. `today` is specVersion 1.0.0, which amp deploy takes: it names the objects, and each request says
what to write. `2023` has endpoints, schedules and custom fields of its own, and runs in the sandbox alone.
today or 2023"""
_OLD_WRITES_QUESTION = """\
What to write to {label}: an object, then :insert or :update, then :SCHEDULE if writes are to be collected, as
in company:update:every 2 hours. An empty answer ends the list.
Object to write to"""
_WRITES_QUESTION = """\
What to write to {label}: an object, such as contact. An empty answer ends the list.
Object to write to"""


def _ask_writes(provider: Provider, *, is_old: bool) -> list[NewWrite]:
    """Objects until an empty answer; the first has a default."""
    from ampsandbox.manifest.new_manifest import parse_write

    question = (_OLD_WRITES_QUESTION if is_old else _WRITES_QUESTION).format(label=provider.label)
    default = _DEFAULT_WRITE if is_old else "contact"
    writes = [_ask(question, default, lambda text: parse_write(text, provider))]
    while (
        more := _ask("Another object", "", lambda text: parse_write(text, provider) if text else None)
    ) is not None:
        writes.append(more)
    return writes


def _providers(names: list[str]) -> list[Provider]:
    from ampsandbox.manifest.model import Provider

    known = [provider.value for provider in Provider]
    chosen = [
        choice for name in names for choice in (known if name.lower() == "both" else [name.lower()]) if choice
    ]
    unknown = [name for name in chosen if name not in known]
    if unknown or not chosen:
        raise UsageError(
            f"{unknown[0] if unknown else ''!r} is not a CRM of the sandbox.",
            "Say salesforce, hubspot or both.",
        )
    return [Provider(name) for name in dict.fromkeys(chosen)]


def _format(text: str) -> str:
    if text.lower() not in _MANIFEST_FORMATS:
        raise UsageError(f"{text!r} is not a format.", "Say today or 2023.")
    return text.lower()


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


def _ask(question: str, default: str, parse: Callable[[str], Answer]) -> Answer:
    """Ask until the answer can be taken, or there is nobody left to answer."""
    while True:
        hint = f" [{default}]" if default else ""
        print(f"{question}{hint}: ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        try:
            return parse(line.strip() or default)
        except UsageError as error:
            if not line:
                raise
            print(f"  {error.message} {error.hint}", file=sys.stderr)
            question = question.rpartition("\n")[2]
