"""The options that `run`, `serve` and `replay` share: what to load, where to listen, where to keep things."""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import secrets
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ampsandbox.cli.manifests import add_manifest
from ampsandbox.clock import checked_moment, checked_speed
from ampsandbox.errors import ClockError, UsageError
from mock_crm.core.hosts import is_loopback

if TYPE_CHECKING:
    from ampsandbox.server.runner import Runner, RunnerOptions

DEFAULT_PORT = 4001
DEFAULT_PROJECT = "demo"
DEFAULT_GROUP = "demo"


def add_sandbox_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that describe a sandbox."""
    add_manifest(parser)
    _add_server_options(parser.add_argument_group("server"))
    _add_state_options(parser.add_argument_group("state and time"))
    _add_crm_options(parser.add_argument_group("CRM"))


def _add_server_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    group.add_argument(
        "--port",
        type=int,
        default=DEFAULT_PORT,
        help=f"port to listen on; 0 picks a free one (default: {DEFAULT_PORT})",
    )
    group.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="take requests for this Host too, such as the name of a container; repeatable",
    )
    group.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        type=_origin,
        metavar="ORIGIN",
        help="let pages of this origin, such as http://localhost:5173, call Ampersand's API below /v1 "
        "(nothing else); repeatable",
    )
    group.add_argument(
        "--https-port", type=_port, metavar="PORT", help="also serve HTTPS there; 0 picks a free one"
    )
    group.add_argument(
        "--proxy-port",
        type=_port,
        metavar="PORT",
        help="also run a proxy that leads write., api., read., search. and proxy.withampersand.com here, for "
        "code that has those hosts written in; 0 picks a free one",
    )
    group.add_argument(
        "--ca-dir",
        type=Path,
        metavar="DIR",
        help="where the development CA of HTTPS is kept, made on first use",
    )
    group.add_argument(
        "--project", default=DEFAULT_PROJECT, help=f"project id in the URLs (default: {DEFAULT_PROJECT})"
    )
    group.add_argument(
        "--api-key",
        metavar="KEY",
        default=os.environ.get("AMPSANDBOX_API_KEY") or None,
        help="require this X-Api-Key on write requests and the control API; made up where --host is "
        "reached from other machines (default: AMPSANDBOX_API_KEY, or none)",
    )


def _add_state_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--group",
        action="append",
        metavar="ID",
        dest="groups",
        help=f"install for this group at the start; repeatable (default: {DEFAULT_GROUP})",
    )
    where = group.add_mutually_exclusive_group()
    where.add_argument(
        "--state", type=Path, metavar="DIR", help="keep everything here (default: see 'locate')"
    )
    where.add_argument("--ephemeral", action="store_true", help="keep everything in memory")
    group.add_argument("--seed", default="0", help="makes ids and random choices repeatable (default: 0)")
    group.add_argument(
        "--speed",
        type=float,
        default=None,
        metavar="X",
        help="clock seconds per second; 0 freezes it (default: 1)",
    )
    group.add_argument(
        "--start",
        type=_moment,
        default=None,
        metavar="TIME",
        help="the clock's first moment, such as 2026-01-31T09:00:00Z (default: now, or as stored)",
    )
    group.add_argument(
        "--durability",
        choices=("normal", "full"),
        default=None,
        help="what an accepted write survives: a killed process (normal, default) or a power cut too (full)",
    )
    group.add_argument("--flush-on-exit", action="store_true", help="deliver what waits before stopping")
    group.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="record the session for 'replay'; begin with --ephemeral or an empty --state",
    )


def _add_crm_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--settings", type=Path, metavar="FILE", help="sandbox.yaml with connections and settings"
    )
    group.add_argument(
        "--env-file", type=Path, metavar="FILE", help="read credentials' variables from this .env file"
    )
    group.add_argument(
        "--allow-production",
        action="append",
        default=[],
        metavar="NAME",
        help="let a live connection write to the production org of this name or id; repeatable",
    )
    group.add_argument(
        "--dry-run", action="store_true", help="show the requests to a live CRM, and send none"
    )


def guard_exposure(args: argparse.Namespace) -> None:
    """Say loudly that other machines reach the sandbox, and make up a key if none is given."""
    if is_loopback(args.host):
        return
    print(
        f"WARNING: {args.host} is reached from other machines. Whoever has the API key can do everything"
        " here, and the mock CRMs answer whoever asks.",
        file=sys.stderr,
    )
    if not args.api_key:
        args.api_key = secrets.token_urlsafe(16)
        print(f"  The API key of this run: {args.api_key}   (--api-key sets one)", file=sys.stderr)


def _moment(text: str) -> datetime:
    """The moment of an option.

    Raises:
        ArgumentTypeError: The text is not one, or has no time zone.
    """
    try:
        return checked_moment(datetime.fromisoformat(text))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"write a date, time and zone, like 2026-01-31T09:00:00Z, not {text}"
        ) from None
    except ClockError as error:
        raise argparse.ArgumentTypeError(f"{error.message} {error.hint}") from None


def state_directory(args: argparse.Namespace, manifest: Path) -> Path | None:
    """Where the state of this sandbox is kept; None for a sandbox in memory."""
    if args.ephemeral:
        return None
    if args.state is not None:
        return Path(args.state)
    import platformdirs

    # Two manifests never share their state, and neither do two projects of one manifest.
    mark = hashlib.sha256(f"{manifest.resolve()}\n{args.project}".encode()).hexdigest()[:10]
    return platformdirs.user_state_path("ampsandbox") / f"{manifest.stem}-{mark}"


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 to 65535")
    return int(text)


def _origin(text: str) -> str:
    """An origin as browsers send it: scheme, host and port, and nothing after them."""
    parts = urlsplit(text.rstrip("/"))
    is_origin = parts.scheme in ("http", "https") and parts.hostname and "*" not in text and "@" not in text
    if not is_origin or parts.path or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError(f"{text!r} is no origin; write one such as http://localhost:5173")
    return text.rstrip("/").lower()


def mask_log_lines() -> None:
    """Let what this process logs hold no secret that it knows."""
    from ampsandbox.secrets import MaskingFormatter

    if logging.lastResort is not None:
        logging.lastResort.setFormatter(MaskingFormatter())


def make_runner(args: argparse.Namespace) -> Runner:
    """A runner of what the command line asks for, which says on standard error what its end waits for.

    Raises:
        UsageError: An option has a value that cannot be used.
        ManifestError: There is no manifest where one was looked for.
    """
    from ampsandbox.server.runner import Runner

    runner = Runner(_runner_options(args))
    runner.on_slow_stop = lambda words: print(f"ampsandbox: {words}", file=sys.stderr, flush=True)
    return runner


def _runner_options(args: argparse.Namespace) -> RunnerOptions:
    from ampsandbox.manifest.loader import find_manifest
    from ampsandbox.server.runner import RunnerOptions

    if not args.host:
        raise UsageError("--host is empty.", "Give an address of this machine, such as 127.0.0.1.")
    if not 0 <= args.port <= 65535:
        raise UsageError(f"--port {args.port} is not a port.", "Give a number from 0 to 65535.")
    if args.speed is not None:
        try:
            checked_speed(args.speed)
        except ClockError as error:
            raise UsageError(f"--speed {args.speed} is not a speed.", error.hint) from None
    groups = tuple(args.groups or (DEFAULT_GROUP,))
    if not all(groups):
        raise UsageError("A --group needs a name.", "It is the groupId that writes will be sent with.")
    manifest = find_manifest(args.manifest)
    return RunnerOptions(
        manifest=manifest,
        host=args.host,
        port=args.port,
        allow_hosts=tuple(name.lower() for name in args.allow_host),
        allow_origins=tuple(args.allow_origin),
        https_port=args.https_port,
        proxy_port=args.proxy_port,
        ca_dir=args.ca_dir,
        project=args.project,
        groups=groups,
        state=state_directory(args, manifest),
        seed=args.seed,
        start=args.start,
        speed=args.speed,
        api_key=args.api_key,
        durability=args.durability,
        flush_on_exit=args.flush_on_exit,
        settings=args.settings,
        env_file=args.env_file,
        allow_production=tuple(args.allow_production),
        dry_run=args.dry_run,
        record=args.record,
    )
