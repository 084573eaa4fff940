"""Whether the mocks' keyed access and creates take the same with a million records as with few.

    python -m benchmarks.mock_growth [--records 1000000] [--json FILE]

Both orgs of a provider, the small one and the large one, take turns.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from benchmarks.mock_calls import call, org_of
from benchmarks.processor import Rounds, Slice, Stopwatch, Target, alternate, line
from mock_crm.core.gc_tuning import tune_garbage_collector
from mock_crm.core.org import Org
from mock_crm.salesforce.model import Field
from mock_crm.salesforce.org import SalesforceOrg

_ROUNDS = 5
_FEW = 10_000
_CALLS = 50
_SF = "/services/data/v60.0/sobjects/Contact"
_HS = "/crm/v3/objects/contacts"
_KEY = Field(
    name="Ext__c", label="Ext", type="string", length=40, custom=True, external_id=True, unique=True,
    is_required_always=True,
)  # fmt: skip
_new = itertools.count()

Request = tuple[str, str, bytes]


def _filled(provider: str, count: int) -> Org:
    org = org_of(provider)
    if isinstance(org, SalesforceOrg):
        org.context.schema.put_fields("Contact", [_KEY])
    for first in range(0, count, 10_000):
        numbers = range(first, min(first + 10_000, count))
        if provider == "salesforce":
            org.seed("Contact", ({"LastName": f"L{n}", "Ext__c": f"key-{n}"} for n in numbers))
        else:
            org.seed("contacts", ({"email": f"p{n}@example.com", "lastname": f"L{n}"} for n in numbers))
    return org


def _salesforce(found: list[dict[str, Any]]) -> dict[str, Callable[[int], Request]]:
    def create(_: int) -> Request:
        return "POST", _SF, msgspec.json.encode({"LastName": "x", "Ext__c": f"new-{next(_new)}"})

    return {
        "by id": lambda n: ("GET", f"{_SF}/{found[n % len(found)]['id']}", b""),
        "by external id": lambda n: ("GET", f"{_SF}/Ext__c/{found[n % len(found)]['Ext__c']}", b""),
        "create": create,
    }


def _hubspot(found: list[dict[str, Any]]) -> dict[str, Callable[[int], Request]]:
    def create(_: int) -> Request:
        properties = {"email": f"new{next(_new)}@example.com", "lastname": "x"}
        return "POST", _HS, msgspec.json.encode({"properties": properties})

    def search(n: int) -> Request:
        filters = [{"propertyName": "email", "operator": "EQ", "value": found[n % len(found)]["email"]}]
        return "POST", f"{_HS}/search", msgspec.json.encode({"filterGroups": [{"filters": filters}]})

    return {
        "by id": lambda n: ("GET", f"{_HS}/{found[n % len(found)]['id']}", b""),
        "by email": lambda n: ("GET", f"{_HS}/{found[n % len(found)]['email']}?idProperty=email", b""),
        "search": search,
        "page": lambda n: ("GET", f"{_HS}?limit=10&after={found[n % len(found)]['id']}", b""),
        "create": create,
    }


def calls(runner: asyncio.Runner, org: Org, make: Callable[[int], Request]) -> Slice:
    """Some requests, each for another record."""
    made = [make(number) for number in range(_CALLS)]

    async def send() -> Slice:
        watch = Stopwatch()
        for method, path, body in made:
            await call(org, method, path, body)
        return watch.slice(_CALLS)

    return runner.run(send())


def measure(runner: asyncio.Runner, provider: str, few: int, many: int) -> Rounds:
    """Every kind of request to both orgs, in turn."""
    targets: dict[str, Target] = {}
    orgs = [(count, _filled(provider, count)) for count in (few, many)]
    for count, org in orgs:
        name = "Contact" if provider == "salesforce" else "contacts"
        found = [org.records(name, limit=1, offset=count * part // 100)[0] for part in range(5, 100, 10)]
        kinds = _salesforce(found) if provider == "salesforce" else _hubspot(found)
        for kind, make in kinds.items():
            targets[f"{provider}: {kind}, {count:,} records"] = partial(calls, runner, org, make)
    for target in targets.values():
        target()
    measured = alternate(targets, _ROUNDS)
    for _, org in orgs:
        org.close()
    return measured


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args(arguments)
    tune_garbage_collector()
    rows = []
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for provider in ("salesforce", "hubspot"):
            measured = measure(runner, provider, _FEW, args.records)
            for name in measured.slices:
                row = measured.row(name, f"{name.rpartition(', ')[0]}, {_FEW:,} records")
                print(line(row), flush=True)
                rows.append(row)
            print(measured.verdict())
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
