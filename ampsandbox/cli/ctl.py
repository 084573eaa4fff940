"""`ampsandbox ctl`: the control API of a running sandbox, from the shell."""

from __future__ import annotations

import argparse
import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ampsandbox.cli.ctl_action import add_action, of_verb, parse_json, post, read_json
from ampsandbox.cli.ctl_crm import add_crm_actions
from ampsandbox.cli.remote import CONTROL, call, show
from ampsandbox.cli.terminal import harmless
from ampsandbox.errors import UsageError

_STATES = ("queued", "sending", "succeeded", "failed", "in_doubt", "dropped")

_EPILOG = """\
examples:
  ampsandbox ctl state
  ampsandbox ctl advance --hours 2
  ampsandbox ctl operations --state failed --limit 10 --format table
  ampsandbox ctl records acme contacts
  ampsandbox ctl query acme "SELECT Name FROM Account"
  ampsandbox ctl records --created --delete
  ampsandbox ctl faults acme --add '{"kind": "error", "code": "UNABLE_TO_LOCK_ROW", "nth": 1}'
"""


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
    add_crm_actions(actions)
    _add_whole(actions)


def _add_views(actions: Any) -> None:
    for name, path, verb, text in (
        ("state", "/state", "overview.state", "what runs, and where it stands"),
        ("batches", "/batches", "batches.list", "what waits, and when it is flushed"),
        ("events", "/events", "log.events", "everything that happened"),
        ("exchanges", "/exchanges", "log.exchanges", "the last requests to CRMs, and their answers"),
        ("connections", "/connections", "overview.connections", "how well each CRM answers"),
        ("quota", "/quota", "overview.quota", "CRM requests used, and what they would be unbatched"),
        ("findings", "/findings", "manifests.findings", "what is wrong with the manifest"),
        ("clock", "/clock", "clock.get", "the current moment and speed"),
        ("installations", "/installations", "installations.list", "all installations, and their CRMs"),
    ):
        add_action(actions, name, text, _view, verb).set_defaults(path=path)
    _add_operations(actions)
    parser = add_action(
        actions, "requests", "the last requests to the write endpoints", _requests, "log.requests"
    )
    of_verb(parser.add_argument("--clear", action="store_true", help="forget them"), "log.clear")
    parser = add_action(
        actions, "notifications", "what webhooks were told, and what they answered", _notifications,
        "notifications.list",
    )  # fmt: skip
    choice = parser.add_mutually_exclusive_group()
    option = choice.add_argument("--redeliver", metavar="ID", help="send one of them again")
    of_verb(option, "notifications.redeliver")
    text = "the asynchronous operations of today's API that have ended, as a webhook would be told"
    of_verb(choice.add_argument("--ended", action="store_true", help=text), "notifications.ended")
    parser = add_action(
        actions,
        "dead-letters",
        "writes that failed or are in doubt",
        _dead_letters,
        "operations.dead_letters",
    )
    of_verb(
        parser.add_argument("--retry", action="store_true", help="send all of them again"),
        "operations.retry_all",
    )
    _add_operation(actions)
    parser = add_action(actions, "batch", "one batch", _batch, "batches.get")
    parser.add_argument("id")
    for name, text in (
        ("operations", "list its writes, in order"),
        ("pause", "let its schedule pass"),
        ("resume", "follow its schedule again"),
        ("drop", "give up all its writes"),
    ):
        option = parser.add_argument(
            f"--{name}",
            dest="what",
            action="store_const",
            const=name,
            help=f"{text} (one of these at a time)",
        )
        of_verb(option, f"batches.{name}")


def _add_operations(actions: Any) -> None:
    text = "accepted writes, newest first"
    parser = add_action(actions, "operations", text, _operations, "operations.list")
    parser.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many (default: 100)")
    parser.add_argument(
        "--before", metavar="ID", help="only those accepted before this one, for the next page"
    )
    parser.add_argument("--state", choices=_STATES, help="only those that stand there")
    parser.add_argument("--object", help="only those of this object, by its name in the manifest")
    parser.add_argument("--group", help="only those of this group")
    parser.add_argument("--integration", help="only those of this integration")


def _add_operation(actions: Any) -> None:
    parser = add_action(actions, "operation", "one operation", _operation, "operations.get")
    parser.add_argument("id")
    choice = parser.add_mutually_exclusive_group()
    for name, verb, text in (
        ("retry", "retry", "send it again"),
        ("drop", "drop", "give it up"),
        ("send-now", "send_now", "send it at once, and not with its batch"),
        ("lookup", "lookup", "look for its record in the mock CRM"),
    ):
        of_verb(choice.add_argument(f"--{name}", action="store_true", help=text), f"operations.{verb}")
    option = choice.add_argument(
        "--mark-written",
        metavar="RECORD",
        nargs="?",
        const="",
        help="note that a write in doubt is in the CRM after all, as the record of this id",
    )
    of_verb(option, "operations.mark_written")
    option = parser.add_argument(
        "--fields", metavar="JSON", help="new values: with --retry for the retry, else for a write that waits"
    )
    of_verb(option, "operations.edit")


def _add_time(actions: Any) -> None:
    parser = add_action(actions, "flush", "deliver waiting batches now", _flush, "batches.flush")
    parser.add_argument("batch", nargs="?", help="the id of one batch (default: all)")
    parser.add_argument("--object", help="only the batches of this object, by its name in the manifest")
    parser.add_argument("--group", help="only the batches of this group")
    parser = add_action(actions, "advance", "move the clock forward", _advance, "clock.advance")
    for unit in ("days", "hours", "minutes", "seconds"):
        parser.add_argument(f"--{unit}", type=float, default=0, metavar="N", help=f"by so many {unit}")
    parser.add_argument("--to", metavar="TIME", help="a moment, such as 2026-01-31T09:00:00Z")
    parser.add_argument("--next-flush", action="store_true", help="to the next flush (default)")
    text = "run the clock at a multiple of real time; 0 freezes it"
    parser = add_action(actions, "speed", text, _speed, "clock.set_speed")
    parser.add_argument("speed", type=float)
    text = "wait until all that is due by now has come to rest"
    add_action(actions, "settle", text, lambda args: show(args, post(args, "/clock/settle")), "clock.settle")


def _add_installations(actions: Any) -> None:
    parser = add_action(actions, "install", "install for a group", _install, "installations.install")
    parser.add_argument("group")
    parser.add_argument("--integration", help="only this one (default: all that have a CRM here)")
    option = parser.add_argument("--dry-run", action="store_true", help="only say what would be created")
    of_verb(option, "installations.plan")
    text = "uninstall, flushing what waits"
    parser = add_action(actions, "uninstall", text, _uninstall, "installations.uninstall")
    parser.add_argument("installation", help="its id; 'ctl state' lists them")
    text = "one installation, and where its writes go"
    parser = add_action(actions, "installation", text, _installation, "installations.get")
    parser.add_argument("id", help="its id; 'ctl state' lists them")
    choice = parser.add_mutually_exclusive_group()
    for name, verb, text in (
        ("preview-live", "preview", "whose org the settings lead to, and what going live would create there"),
        ("go-live", "go_live", "write to the real org of the settings from now on"),
        ("go-mock", "go_mock", "write to a new mock CRM from now on"),
        ("reconnect", "reconnect", "log in to its real org anew, with what the settings say"),
    ):
        of_verb(choice.add_argument(f"--{name}", action="store_true", help=text), f"live.{verb}")
    option = choice.add_argument("--configure", metavar="FILE", help="take the config in this JSON file")
    of_verb(option, "installations.configure")


def _add_whole(actions: Any) -> None:
    text = "load a manifest, or the current one anew"
    parser = add_action(actions, "load", text, _load, "manifests.load")
    parser.add_argument("manifest", nargs="?", type=Path, help="a file that this command can read")
    text = "forget all operations and records"
    add_action(actions, "reset", text, lambda args: show(args, post(args, "/reset")), "snapshots.reset")
    parser = add_action(actions, "snapshot", "keep everything in a file", _snapshot, "snapshots.take")
    parser.add_argument("file", type=Path)
    text = "which records were created, changed and deleted"
    parser = add_action(actions, "diff", text, _diff, "snapshots.diff")
    parser.add_argument(
        "before", nargs="?", type=Path, help="since this snapshot (default: since the start or reset)"
    )
    parser.add_argument("after", nargs="?", type=Path, help="up to this snapshot (default: up to now)")
    parser.add_argument("--text", action="store_true", help="for people, a line for each value")
    parser = add_action(actions, "restore", "go back to a snapshot", _restore, "snapshots.restore")
    parser.add_argument("file", type=Path)


def _view(args: argparse.Namespace) -> int:
    return show(args, call(args, "GET", CONTROL + args.path))


def _requests(args: argparse.Namespace) -> int:
    return show(args, call(args, "DELETE" if args.clear else "GET", f"{CONTROL}/requests"))


def _notifications(args: argparse.Namespace) -> int:
    if args.redeliver:
        return show(args, post(args, f"/notifications/{quote(args.redeliver, safe='')}/redeliver"))
    return show(args, call(args, "GET", f"{CONTROL}/notifications{'/ended' if args.ended else ''}"))


def _operations(args: argparse.Namespace) -> int:
    names = ("limit", "before", "state", "object", "group", "integration")
    params = {name: value for name in names if (value := getattr(args, name)) is not None}
    return show(args, call(args, "GET", f"{CONTROL}/operations", params=params))


def _dead_letters(args: argparse.Namespace) -> int:
    if args.retry:
        return show(args, post(args, "/dead-letters/retry"))
    return show(args, call(args, "GET", f"{CONTROL}/dead-letters"))


def _operation(args: argparse.Namespace) -> int:
    path = f"/operations/{quote(args.id, safe='')}"
    fields = {"fields": parse_json(args.fields, "--fields")} if args.fields else {}
    if args.retry:
        return show(args, post(args, f"{path}/retry", fields))
    for verb in ("drop", "send_now"):
        if getattr(args, verb):
            return show(args, post(args, f"{path}/{verb.replace('_', '-')}"))
    if args.lookup:
        return show(args, call(args, "GET", f"{CONTROL}{path}/lookup"))
    if args.mark_written is not None:
        return show(args, post(args, f"{path}/mark-written", {"recordId": args.mark_written or None}))
    if fields:
        return show(args, call(args, "PATCH", CONTROL + path, json=fields))
    return show(args, call(args, "GET", CONTROL + path))


def _batch(args: argparse.Namespace) -> int:
    path = f"/batches/{quote(args.id, safe='')}"
    if args.what in (None, "operations"):
        return show(args, call(args, "GET", CONTROL + path + (f"/{args.what}" if args.what else "")))
    return show(args, post(args, f"{path}/{args.what}"))


def _flush(args: argparse.Namespace) -> int:
    return show(
        args, post(args, "/flush", {"batchId": args.batch, "object": args.object, "group": args.group})
    )


def _advance(args: argparse.Namespace) -> int:
    amounts = {
        unit: getattr(args, unit) for unit in ("days", "hours", "minutes", "seconds") if getattr(args, unit)
    }
    body = amounts or ({"to": args.to} if args.to else {"nextFlush": True})
    return show(args, post(args, "/clock/advance", body))


def _speed(args: argparse.Namespace) -> int:
    return show(args, post(args, "/clock", {"speed": args.speed}))


def _install(args: argparse.Namespace) -> int:
    body = {"group": args.group, "integration": args.integration, "dryRun": args.dry_run}
    return show(args, post(args, "/installations", body))


def _uninstall(args: argparse.Namespace) -> int:
    return show(args, call(args, "DELETE", f"{CONTROL}/installations/{quote(args.installation, safe='')}"))


def _installation(args: argparse.Namespace) -> int:
    path = f"/installations/{quote(args.id, safe='')}"
    if args.preview_live:
        return show(args, call(args, "GET", f"{CONTROL}{path}/live"))
    for given, way in ((args.go_live, "live"), (args.go_mock, "mock"), (args.reconnect, "reconnect")):
        if given:
            return show(args, post(args, f"{path}/{way}"))
    if args.configure:
        body = {"createdBy": "api:ctl", "content": read_json(args.configure)}
        return show(args, call(args, "PUT", f"{CONTROL}{path}/config", json=body))
    return show(args, call(args, "GET", CONTROL + path))


def _load(args: argparse.Namespace) -> int:
    if args.manifest is None:
        return show(args, post(args, "/manifest"))
    try:
        text = args.manifest.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read {args.manifest}: {error}.") from error
    return show(args, post(args, "/manifest", {"text": text}))


def _snapshot(args: argparse.Namespace) -> int:
    response = call(args, "GET", f"{CONTROL}/snapshot")
    if not response.is_success:
        return show(args, response)
    try:
        args.file.write_bytes(response.content)
    except OSError as error:
        raise UsageError(f"Cannot write {args.file}: {error.strerror}.") from error
    return 0


def _restore(args: argparse.Namespace) -> int:
    return show(args, call(args, "POST", f"{CONTROL}/restore", content=_read(args.file)))


def _diff(args: argparse.Namespace) -> int:
    files = {"before": args.before, "after": args.after}
    body = {name: base64.b64encode(_read(path)).decode() for name, path in files.items() if path is not None}
    response = post(args, "/diff", body)
    if args.text and response.is_success:
        print(harmless(response.json()["text"]))
        return 0
    return show(args, response)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"Cannot read {file}: {error.strerror}.") from error
