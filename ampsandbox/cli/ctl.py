"""`ampsandbox ctl`: the control API of a running sandbox, from the shell."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ampsandbox.cli.created import run_created
from ampsandbox.cli.remote import CONTROL, add_url_option, call, show
from ampsandbox.errors import UsageError

_EPILOG = """\
examples:
  ampsandbox ctl state
  ampsandbox ctl advance --hours 2
  ampsandbox ctl records acme contacts
  ampsandbox ctl records --created --delete
  ampsandbox ctl faults acme --add '{"kind": "error", "code": "UNABLE_TO_LOCK_ROW", "nth": 1}'
"""

Action = Callable[[argparse.Namespace], int]


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "ctl",
        help="look into and steer a running sandbox",
        description="Look into and steer a running sandbox. Answers are JSON on stdout. "
        "Exit code 0: done; 1: refused; 5: no sandbox answers.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    _add_views(actions)
    _add_time(actions)
    _add_installations(actions)
    _add_crm(actions)
    _add_whole(actions)


def _add_views(actions: Any) -> None:
    for name, path, text in (
        ("state", "/state", "what runs, and where it stands"),
        ("batches", "/batches", "what waits, and when it is flushed"),
        ("operations", "/operations", "accepted writes, newest first"),
        ("dead-letters", "/dead-letters", "writes that failed or are in doubt"),
        ("events", "/events", "everything that happened"),
        ("requests", "/requests", "the last requests to the write endpoints"),
        ("quota", "/quota", "CRM requests used, and what they would be unbatched"),
        ("findings", "/findings", "what is wrong with the manifest"),
    ):
        _action(actions, name, text, _view).set_defaults(path=path)
    parser = _action(actions, "operation", "one operation", _operation)
    parser.add_argument("id")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--retry", action="store_true", help="send it again")
    choice.add_argument("--drop", action="store_true", help="give it up")


def _add_time(actions: Any) -> None:
    parser = _action(actions, "flush", "deliver waiting batches now", _flush)
    parser.add_argument("batch", nargs="?", help="the id of one batch (default: all)")
    parser = _action(actions, "advance", "move the clock forward", _advance)
    for unit in ("days", "hours", "minutes", "seconds"):
        parser.add_argument(f"--{unit}", type=float, default=0)
    parser.add_argument("--to", metavar="TIME", help="a moment, such as 2026-01-31T09:00:00Z")
    parser.add_argument("--next-flush", action="store_true", help="to the next flush (default)")
    parser = _action(actions, "speed", "run the clock at a multiple of real time; 0 freezes it", _speed)
    parser.add_argument("speed", type=float)


def _add_installations(actions: Any) -> None:
    parser = _action(actions, "install", "install for a group", _install)
    parser.add_argument("group")
    parser.add_argument("--integration", help="only this one (default: all that have a CRM here)")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be created")
    parser = _action(actions, "uninstall", "uninstall, flushing what waits", _uninstall)
    parser.add_argument("installation", help="its id; 'ctl state' lists them")


def _add_crm(actions: Any) -> None:
    parser = _action(actions, "records", "records of a mock CRM, or what was created in real ones", _records)
    parser.add_argument("group", nargs="?")
    parser.add_argument("object", nargs="?")
    parser.add_argument("--integration", help="which one, where the group has several")
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--seed", metavar="FILE", help="put the records of this JSON list in, '-' for stdin")
    parser.add_argument(
        "--created", action="store_true", help="list what was created in real orgs, with its URL there"
    )
    parser.add_argument(
        "--delete", action="store_true", help="with --created: remove it, once you have typed the org's name"
    )
    parser = _action(actions, "faults", "make CRM requests fail", _faults)
    parser.add_argument("group")
    parser.add_argument("--integration", help="which one, where the group has several")
    parser.add_argument("--add", metavar="JSON", help='a rule such as {"kind": "outage", "first": 3}')
    parser.add_argument("--clear", action="store_true", help="no more faults")


def _add_whole(actions: Any) -> None:
    _action(actions, "reset", "forget all operations and records", lambda args: show(_post(args, "/reset")))
    parser = _action(actions, "snapshot", "keep everything in a file", _snapshot)
    parser.add_argument("file", type=Path)
    parser = _action(actions, "restore", "go back to a snapshot", _restore)
    parser.add_argument("file", type=Path)


def _action(actions: Any, name: str, text: str, run: Action) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}."
    )
    add_url_option(parser)
    parser.set_defaults(run=run)
    return parser


def _post(args: argparse.Namespace, path: str, body: Any = None) -> Any:
    return call(args, "POST", CONTROL + path, json={} if body is None else body)


def _view(args: argparse.Namespace) -> int:
    return show(call(args, "GET", CONTROL + args.path))


def _operation(args: argparse.Namespace) -> int:
    path = f"/operations/{quote(args.id, safe='')}"
    if args.retry or args.drop:
        return show(_post(args, f"{path}/{'retry' if args.retry else 'drop'}"))
    return show(call(args, "GET", CONTROL + path))


def _flush(args: argparse.Namespace) -> int:
    return show(_post(args, "/flush", {"batchId": args.batch}))


def _advance(args: argparse.Namespace) -> int:
    amounts = {
        unit: getattr(args, unit) for unit in ("days", "hours", "minutes", "seconds") if getattr(args, unit)
    }
    body = amounts or ({"to": args.to} if args.to else {"nextFlush": True})
    return show(_post(args, "/clock/advance", body))


def _speed(args: argparse.Namespace) -> int:
    return show(_post(args, "/clock", {"speed": args.speed}))


def _install(args: argparse.Namespace) -> int:
    body = {"group": args.group, "integration": args.integration, "dryRun": args.dry_run}
    return show(_post(args, "/installations", body))


def _uninstall(args: argparse.Namespace) -> int:
    return show(call(args, "DELETE", f"{CONTROL}/installations/{quote(args.installation, safe='')}"))


def _records(args: argparse.Namespace) -> int:
    if args.created:
        return run_created(args)
    if args.delete or args.group is None or args.object is None:
        raise UsageError("Name a group and an object.", "Or give --created, and --delete only with it.")
    path = f"{CONTROL}/records/{quote(args.group, safe='')}/{quote(args.object, safe='')}"
    params = {"integration": args.integration} if args.integration else {}
    if args.seed:
        return show(call(args, "POST", path, params=params, json=_read_json(args.seed)))
    return show(call(args, "GET", path, params={**params, "limit": args.limit}))


def _faults(args: argparse.Namespace) -> int:
    path = f"{CONTROL}/faults/{quote(args.group, safe='')}"
    params = {"integration": args.integration} if args.integration else {}
    if args.add:
        return show(call(args, "POST", path, params=params, json=_json(args.add, "--add")))
    return show(call(args, "DELETE" if args.clear else "GET", path, params=params))


def _snapshot(args: argparse.Namespace) -> int:
    response = call(args, "GET", f"{CONTROL}/snapshot")
    if not response.is_success:
        return show(response)
    try:
        args.file.write_bytes(response.content)
    except OSError as error:
        raise UsageError(f"Cannot write {args.file}: {error.strerror}.") from error
    return 0


def _restore(args: argparse.Namespace) -> int:
    try:
        content = args.file.read_bytes()
    except OSError as error:
        raise UsageError(f"Cannot read {args.file}: {error.strerror}.") from error
    return show(call(args, "POST", f"{CONTROL}/restore", content=content))


def _read_json(source: str) -> Any:
    try:
        return _json(sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8"), source)
    except OSError as error:
        raise UsageError(f"Cannot read {source}: {error.strerror}.") from error


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{what} is not JSON: {error}.") from error
