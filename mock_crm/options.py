"""The command line of a mock CRM that is served alone; light, so that a program can offer it without cost."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mock_crm.core.hosts import PROVIDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """How a mock CRM is served.

    Attributes:
        provider: `salesforce` or `hubspot`.
        host: The address that all ports are opened on.
        allow_hosts: Further names under which the mock may be called, such as that of a container.
        port: The HTTP port; 0 takes a free one.
        https_port: The HTTPS port; None for none, 0 for a free one.
        proxy_port: The port of the proxy; None for none, 0 for a free one. A proxy brings an HTTPS port.
        ca_dir: Where the development certificate authority is kept; the user's state directory by default.
        permissions: Whether fields that are made through an API are visible at once (`open`) or, as in a real
            Salesforce org, once someone is permitted to see them (`real`).
        accept_logins: `any`, or the file that names the credentials that are accepted.
        org_type: The edition of a Salesforce org or the tier of a HubSpot account; the usual one when empty.
        state_and_country_picklists: Whether addresses of a Salesforce org have codes of states and countries.
        limits: Whether rate limits and quotas are enforced as the CRM does.
        search_lag: For how many seconds HubSpot's searches see changed records as they were.
        batch_order: Whether HubSpot's batches answer in no order of their inputs, as in production, or in it.
        seed: What ids and tokens are derived from.
        state: The directory that keeps the org across restarts; None for memory.
        load: Files of records to start with, each put in once; see `mock_crm.core.files.seed_file`.
        export: Where all records are written, as JSON, when the mock stops; None for nowhere.
        bulk_seconds: How long a bulk job takes; 0 shows it complete at the next look.
    """

    provider: str
    host: str = "127.0.0.1"
    allow_hosts: Sequence[str] = ()
    port: int = 0
    https_port: int | None = None
    proxy_port: int | None = None
    ca_dir: Path | None = None
    permissions: Literal["real", "open"] = "real"
    accept_logins: str = "any"
    org_type: str = ""
    state_and_country_picklists: bool = False
    limits: bool = True
    search_lag: float = 0.0
    batch_order: Literal["shuffled", "input"] = "shuffled"
    seed: str = "0"
    state: Path | None = None
    load: Sequence[Path] = ()
    export: Path | None = None
    bulk_seconds: float = 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `ServeOptions` to a command."""
    parser.add_argument("provider", choices=PROVIDERS, help="which CRM to imitate")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        dest="allow_hosts",
        metavar="NAME",
        help="take requests for this Host too, beside localhost and the CRM's own names; repeatable",
    )
    parser.add_argument("--port", type=_port, default=0, help="HTTP port, 0 for a free one (default)")
    parser.add_argument("--https-port", type=_port, help="also serve HTTPS; 0 takes a free port")
    parser.add_argument(
        "--proxy-port", type=_port, help="also run a proxy that sends the CRM's real host names to the mock"
    )
    parser.add_argument("--ca-dir", type=Path, help="where the development CA is kept, made on first use")
    parser.add_argument(
        "--limits",
        choices=("real", "off"),
        default="real",
        help="rate limits and quotas (default: %(default)s)",
    )
    parser.add_argument(
        "--permissions",
        choices=("open", "real"),
        default="real",
        help="show new fields at once, or only to who is permitted, as Salesforce does (default: real)",
    )
    parser.add_argument(
        "--accept-logins",
        "--accept-tokens",
        default="any",
        metavar="any|FILE",
        help="who may sign in: anybody, or whom a YAML or JSON file with logins, clients or tokens names",
    )
    parser.add_argument(
        "--org-type",
        "--tier",
        default="",
        metavar="NAME",
        help="Salesforce: developer, professional, enterprise, unlimited, sandbox; HubSpot: free, starter, "
        "professional, enterprise, developer-test",
    )
    parser.add_argument(
        "--state-and-country-picklists",
        action="store_true",
        help="Salesforce: addresses with StateCode and CountryCode, checked as an org with this feature does",
    )
    parser.add_argument(
        "--search-lag",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="HubSpot: for how long searches see changed records as they were (default: %(default)g)",
    )
    parser.add_argument(
        "--batch-order",
        choices=("shuffled", "input"),
        default="shuffled",
        help="HubSpot: whether batches answer in no order of their inputs, as in production "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--seed", default="0", help="what ids and tokens are derived from (default: %(default)s)"
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help="keep the records in DIR across restarts")
    parser.add_argument(
        "--load",
        type=Path,
        metavar="FILE",
        action="extend",
        nargs="+",
        default=[],
        help="records to start with: OBJECT.csv, OBJECT.json, JSON by object, or Salesforce's tree",
    )
    parser.add_argument("--export", type=Path, metavar="FILE", help="write all records as JSON when stopping")
    parser.add_argument(
        "--bulk-seconds",
        type=_seconds,
        default=0,
        metavar="S",
        help="how long a bulk job is seen in progress (default: %(default)s)",
    )


def options_from(arguments: argparse.Namespace) -> ServeOptions:
    """Read the options that `add_arguments` defines."""
    values: dict[str, Any] = {name: getattr(arguments, name) for name in ServeOptions.__dataclass_fields__}
    values["limits"] = arguments.limits == "real"
    return ServeOptions(**values)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds.")
    return seconds


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is not a port: 0 to 65535.")
    return port
