"""`ampsandbox plan`: what installing would create in each CRM, without creating it."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ampsandbox.cli.manifests import add_manifest
from ampsandbox.cli.terminal import harmless, json_text
from ampsandbox.errors import AmpSandboxError, ManifestError, NotFoundError

if TYPE_CHECKING:
    from ampsandbox.crm.connect import Connections
    from ampsandbox.engine.crm import OrgIdentity, ProvisioningPlan
    from ampsandbox.manifest.model import Integration, Manifest

_SIGNS = {"create": "+", "exists": "=", "conflict": "!", "missing_permission": "!"}


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan of one integration for one group; `problem` says why there is none."""

    integration: str
    group: str
    connection: str
    org: OrgIdentity | None = None
    plan: ProvisioningPlan | None = None
    problem: AmpSandboxError | None = None

    @property
    def is_clean(self) -> bool:
        """Whether installing would go through, as far as the CRM tells."""
        return self.plan is not None and not self.plan.problems


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "plan",
        help="show what installing would create in the CRM",
        description="Show what exists in each CRM, what installing would create, what is in the way, and "
        "which permissions are missing. Nothing is changed. Exits with 1 when something is in the way.",
    )
    add_manifest(parser)
    parser.add_argument(
        "--group", action="append", metavar="ID", dest="groups", help="repeatable; default: demo"
    )
    parser.add_argument("--integration", metavar="NAME", help="only this one")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="sandbox.yaml with the connections")
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="read credentials' variables from it")
    parser.add_argument(
        "--allow-production",
        action="append",
        default=[],
        metavar="NAME",
        help="look at the production org of this name or id; repeatable",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the plans; 0 when nothing is in the way of any, otherwise 1."""
    from ampsandbox.manifest.loader import find_manifest, load_manifest

    path = find_manifest(args.manifest)
    loaded = load_manifest(path)
    if loaded.manifest is None:
        raise ManifestError(f"{path} cannot be used.", f"See “ampsandbox check {path}”.")
    planned = asyncio.run(_plan_all(args, loaded.manifest))
    if args.format == "json":
        print(json_text([_content(item) for item in planned], indent=2))
    else:
        print("\n\n".join(map(_as_text, planned)))
    return 0 if all(item.is_clean for item in planned) else 1


async def _plan_all(args: argparse.Namespace, manifest: Manifest) -> list[Planned]:
    from ampsandbox.clock import Clock
    from ampsandbox.crm.connect import Connections
    from ampsandbox.settings import load_settings, load_variables

    variables = load_variables(args.env_file)
    settings = load_settings(args.settings, variables)
    connections = Connections(
        Clock(),
        seed=0,
        live=settings.connections,
        variables=variables,
        allow_production=args.allow_production,
        custom_fields=settings.custom_fields,
    )
    try:
        return [
            await _plan(connections, integration, group)
            for integration in _integrations(manifest, args.integration)
            for group in args.groups or ["demo"]
        ]
    finally:
        await connections.aclose()


def _integrations(manifest: Manifest, name: str | None) -> list[Integration]:
    found = [item for item in manifest.integrations if item.is_exercised and name in (None, item.name)]
    if not found:
        names = ", ".join(item.name for item in manifest.integrations if item.is_exercised)
        raise NotFoundError(f"The manifest has no integration {name}.", f"It has: {names or 'none'}.")
    return found


async def _plan(connections: Connections, integration: Integration, group: str) -> Planned:
    from ampsandbox.engine.model import Installation, InstallationState

    kind = connections.kind(integration.provider, integration.name, group)
    installation = Installation(
        id=f"plan-{len(connections)}",
        integration=integration.name,
        group=group,
        provider=integration.provider,
        connection=kind,
        created_at=connections.clock.now(),
        state=InstallationState.PROVISIONING,
    )
    org: OrgIdentity | None = None
    try:
        crm = connections.connect(installation, lambda exchange: None)
        org = await crm.identify()
        return Planned(integration.name, group, kind, org, await crm.plan(integration.objects))
    except AmpSandboxError as error:
        return Planned(integration.name, group, kind, org, problem=error)


def _as_text(planned: Planned) -> str:
    from ampsandbox.crm.org_summary import describe_org

    lines = [f"{planned.integration} for group {planned.group} ({planned.connection})"]
    if planned.org is not None:
        lines.append(f"  in {describe_org(planned.org)}")
    if planned.problem is not None:
        lines.append(f"  ! {planned.problem.message}")
        lines += [f"    {planned.problem.hint}"] if planned.problem.hint else []
    for step in planned.plan.steps if planned.plan else ():
        detail = f"  ({step.detail})" if step.detail else ""
        lines.append(f"  {_SIGNS[step.action]} {step.kind} {step.name}{detail}")
    return harmless("\n".join([*lines, f"  {_summary(planned)}"]))


def _summary(planned: Planned) -> str:
    if planned.plan is None:
        return "No plan."
    counts = {
        sign: sum(_SIGNS[step.action] == sign for step in planned.plan.steps) for sign in ("+", "=", "!")
    }
    words = f"{counts['+']} to create, {counts['=']} there already"
    return f"{words}, {counts['!']} in the way." if counts["!"] else f"{words}."


def _content(planned: Planned) -> dict[str, Any]:
    problem = planned.problem
    return {
        "integration": planned.integration,
        "group": planned.group,
        "connection": planned.connection,
        "org": None if planned.org is None else msgspec.structs.asdict(planned.org),
        "steps": [msgspec.structs.asdict(step) for step in planned.plan.steps] if planned.plan else [],
        "problem": None if problem is None else {"message": problem.message, "hint": problem.hint},
        "isClean": planned.is_clean,
    }
