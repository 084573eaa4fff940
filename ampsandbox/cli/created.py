"""`ampsandbox ctl records --created`: what the sandbox created in real orgs, and its removal."""

from __future__ import annotations

import argparse
import sys
from itertools import groupby
from typing import Any

from ampsandbox.cli.remote import CONTROL, call, show, show_json
from ampsandbox.cli.terminal import harmless

_PAGE = 1000


def run_created(args: argparse.Namespace) -> int:
    """List the records, or remove them org by org, each after its name was typed."""
    records: list[dict[str, Any]] = []
    while True:
        params = {"offset": len(records), "limit": _PAGE}
        response = call(args, "GET", f"{CONTROL}/live-records", params=params)
        if not response.is_success:
            return show(args, response)
        records += response.json()
        if len(response.json()) < _PAGE:
            break
    if not args.delete:
        show_json(args, records)
        return 0
    if not records:
        print("Nothing to remove: no record was created in a real org.", file=sys.stderr)
    records.sort(key=lambda record: record["orgId"])
    results = [_remove(args, list(mine)) for _, mine in groupby(records, key=lambda record: record["orgId"])]
    return max(results, default=0)


def _remove(args: argparse.Namespace, records: list[dict[str, Any]]) -> int:
    org = records[0]
    _say(f"{org['orgName']} ({org['orgId']}, {org['provider']}): {len(records)} created by this sandbox")
    for record in records:
        _say(f"  {record['object']} {record['recordId']}  {record['url']}")
    _say("Type the name of the org to remove them, anything else to keep them: ", end="")
    typed = sys.stdin.readline().strip()
    if typed not in (org["orgName"], org["orgId"]):
        _say("Kept.")
        return 1
    body = {"orgId": org["orgId"], "confirm": typed}
    response = call(args, "POST", f"{CONTROL}/live-records/remove", json=body)
    has_kept = response.is_success and bool(response.json()["kept"])
    return max(show(args, response), int(has_kept))


def _say(text: str, end: str = "\n") -> None:
    print(harmless(text), end=end, file=sys.stderr, flush=True)
