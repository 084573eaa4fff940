"""Integrations installed for groups: provisioning, and the connection of each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

import msgspec

from ampsandbox.engine.authorizations import Authorization, Authorizations
from ampsandbox.engine.config import ConfigContent, InstallationConfig, everything_ticked
from ampsandbox.engine.connection import CrmConnection
from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.crm import Crm, ExchangeObserver, ProvisioningPlan, ProvisioningStep
from ampsandbox.engine.journal import InstallationRow, JournalEntry, Row
from ampsandbox.engine.model import Installation, InstallationState
from ampsandbox.engine.record_queue import RecordKey
from ampsandbox.engine.timestamps import from_micros, to_micros
from ampsandbox.engine.write_paths import WritePath
from ampsandbox.engine.write_rules import WriteRules, write_rules
from ampsandbox.errors import AmpSandboxError, ConflictError, NotFoundError, UsageError, nearest_hint
from ampsandbox.events import (
    Event,
    InstallationAdded,
    InstallationRemoved,
    ProvisioningFailed,
    ProvisioningStepDone,
)
from ampsandbox.manifest.model import Integration, Manifest

Connect = Callable[[Installation, ExchangeObserver], Crm]
"""Makes the client of an installation, which tells the observer of every HTTP exchange."""

OnStep = Callable[[ProvisioningStep], None]

_SAVE = (
    "INSERT OR REPLACE INTO installations"
    "(number, integration, group_ref, provider, connection, created_at, state, error)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_SAVE_CONFIG = (
    "INSERT INTO configs(installation, number, created_at, created_by, content) VALUES (?, ?, ?, ?, ?)"
)

INTERRUPTED = "The sandbox ended while it was being installed. Install it again."
"""The error of an installation that was under way when the process ended."""

NOT_CONFIGURED = "builder:ampsandbox"
"""Whose config an installation has that nobody configured, as from the shell or the screen."""


class Installed(msgspec.Struct):
    """An installation with its number in the journal and its connection."""

    number: int
    installation: Installation
    connection: CrmConnection
    is_leaving: bool = False
    """Whether it is being uninstalled: what waits is still delivered, and nothing more is taken."""
    config: InstallationConfig | None = None
    """What the customer chose; None where nobody did: everything in the manifest is ticked then."""
    _rules: dict[str, tuple[Integration, WriteRules]] = msgspec.field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        """Whether writes are taken for it."""
        return self.installation.state is InstallationState.INSTALLED and not self.is_leaving

    def configure(self, config: InstallationConfig) -> None:
        """Let another config hold from now on."""
        self.config = config
        self._rules.clear()

    def config_for(self, integration: Integration) -> InstallationConfig:
        """The config that holds, of which nobody's choice is everything."""
        if self.config is not None:
            return self.config
        created_at = self.installation.created_at
        return InstallationConfig(0, created_at, NOT_CONFIGURED, everything_ticked(integration))

    def rules(self, integration: Integration, name: str) -> WriteRules:
        """The rules for writes to the object that a request calls `name`; see `write_rules`."""
        known = self._rules.get(name)
        if known is None or known[0] is not integration:
            content = msgspec.convert(self.config_for(integration).content, ConfigContent)
            known = self._rules[name] = (integration, write_rules(integration, content, name))
        return known[1]


class InstallationRegistry:
    """Every installation that was not uninstalled."""

    def __init__(self, context: EngineContext, connect: Connect) -> None:
        self._context = context
        self._connect = connect
        self._all: dict[int, Installed] = {}
        self._by_name: dict[tuple[str, str], Installed] = {}
        self.authorizations = Authorizations(context)

    # -- reading -----------------------------------------------------------------------------------------

    def __getitem__(self, number: int) -> Installed:
        return self._all[number]

    def __iter__(self) -> Iterator[Installed]:
        return iter(self._all.values())

    def views(self) -> list[Installation]:
        """The installations as callers see them, oldest first, failed ones included."""
        return [each.installation for each in self._all.values()]

    def last_number(self) -> int:
        """The highest number of an installation; 0 without any."""
        return max(self._all, default=0)

    def get(self, number: int) -> Installed | None:
        """The installation of a number, unless it was uninstalled."""
        return self._all.get(number)

    def find(self, group: str, integration: str) -> Installed | None:
        """The installation of an integration for a group, whatever its state."""
        return self._by_name.get((group, integration))

    def by_id(self, installation_id: str) -> Installed:
        """The installation of an id.

        Raises:
            NotFoundError: There is none.
        """
        for each in self._all.values():
            if each.installation.id == installation_id:
                return each
        raise NotFoundError(f"There is no installation {installation_id}.")

    def record_of(self, path: WritePath, primary_key: str) -> RecordKey:
        """The record that an update through a write path changes."""
        crm = self._all[path.installation].connection.crm
        return RecordKey(path.installation, crm.record_key(path.item, primary_key))

    def integrations(self) -> dict[int, str]:
        """The integration of each installation, by number."""
        return {each.number: each.installation.integration for each in self._all.values()}

    # -- life --------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Take up what the journal holds, keeping the connections that fit."""
        before = self._all
        self._all = {}
        self._by_name = {}
        for row in self._context.journal.read.installations():
            if row.state != InstallationState.REMOVED:
                self._take_up(row, before)
        self.authorizations.load(self.views())
        for each in before.values():
            await each.connection.crm.aclose()
        for quota in self._context.journal.read.quota():
            if (found := self._all.get(quota.installation)) is not None:
                found.connection.ledger.load([quota])

    def _take_up(self, row: InstallationRow, before: dict[int, Installed]) -> None:
        installation = Installation(
            id=self._context.ids.installation(row.number),
            integration=row.integration,
            group=row.group,
            provider=row.provider,
            connection="live" if row.connection == "live" else "mock",
            created_at=from_micros(row.created_at),
            state=InstallationState(row.state),
            error=row.error,
        )
        if installation.state is InstallationState.PROVISIONING:
            # Nobody provisions it any more; what is in the org by now is found when it is installed again.
            installation = msgspec.structs.replace(
                installation, state=InstallationState.FAILED, error=INTERRUPTED
            )
        known = before.get(row.number)
        if known is not None and _is_same(known.installation, installation):
            del before[row.number]
            known.connection.attach(known.connection.crm)
            each = self._keep(Installed(row.number, installation, known.connection))
        else:
            each = self._add(row.number, installation)
        if configs := self._context.journal.read.configs(row.number):
            last = configs[-1]
            content = msgspec.json.decode(last.content)
            each.configure(
                InstallationConfig(last.number, from_micros(last.created_at), last.created_by, content)
            )

    def renew(self, unprovisioned: Collection[str] = ()) -> JournalEntry:
        """Begin every installation anew, at the clock's time, as after a reset.

        Args:
            unprovisioned: The ids of those whose orgs lost what was provisioned, so that no writes are taken
                for them before they are installed again.
        """
        now = self._context.clock.now()
        for each in self._all.values():
            is_lost = each.installation.id in unprovisioned
            state = InstallationState.PROVISIONING if is_lost else each.installation.state
            each.installation = msgspec.structs.replace(each.installation, created_at=now, state=state)
            each.connection.attach(each.connection.crm)
        entry = JournalEntry(statements=[(_SAVE, [_row(each) for each in self._all.values()])])
        configs = [_config_row(each.number, each.config) for each in self._all.values() if each.config]
        entry.statements.append((_SAVE_CONFIG, configs))
        self.authorizations.save_all(entry)
        return entry

    def take_unsaved_quota(self) -> list[Row]:
        """What the ledgers counted since it was last stored."""
        return [row for each in self._all.values() for row in each.connection.ledger.take_unsaved()]

    async def aclose(self) -> None:
        for each in self._all.values():
            await each.connection.crm.aclose()

    async def plan(
        self, integration: Integration, group: str, connection: Literal["mock", "live"]
    ) -> ProvisioningPlan:
        """What installing would create in the CRM.

        For a group without an installation the question goes to the org that it would get.
        """
        async with self.look(integration, group, connection) as crm:
            return await crm.plan(integration.objects)

    @asynccontextmanager
    async def look(
        self, integration: Integration, group: str, connection: Literal["mock", "live"]
    ) -> AsyncIterator[Crm]:
        """The CRM of an installation, or the one that it would get."""
        known = self.find(group, integration.name)
        if known is not None:
            yield known.connection.crm
            return
        number = self._context.journal.coming_number("installations")
        trial = self._connection(number, self._new(number, integration, group, connection))
        try:
            yield trial.crm
        finally:
            await trial.crm.aclose()

    async def install(
        self,
        integration: Integration,
        group: str,
        connection: Literal["mock", "live"],
        on_step: OnStep | None = None,
        config: tuple[str, dict[str, Any]] | None = None,
    ) -> Installation:
        """Install an integration for a group, or provision again what changed since.

        Args:
            integration: The manifest's integration.
            group: The customer.
            connection: Where a new installation writes to.
            on_step: Hears of each thing that was created or found.
            config: Who chose it, and what; everything is ticked without it.

        Raises:
            UsageError: The group has no name.
            ConflictError: The CRM has something in the way; the plan says what.
            AmpSandboxError: The CRM refused or could not be reached. The installation stays as failed.
        """
        if not group:
            raise UsageError("A group needs a name.", "It is the groupId that writes will be sent with.")
        each = self.find(group, integration.name)
        if each is None:
            number = self._context.journal.next_number("installations")
            each = self._add(number, self._new(number, integration, group, connection))
        await self._begin(each, config)
        await self._provision(each, integration, on_step)
        return each.installation

    async def _begin(self, each: Installed, config: tuple[str, dict[str, Any]] | None) -> None:
        """Put down that an installation is being provisioned, with its consent and its config."""
        if each.installation.state is InstallationState.FAILED:
            each.installation = msgspec.structs.replace(
                each.installation, state=InstallationState.PROVISIONING, error=""
            )
        # Stored at once, so that after a crash no installation has a config that nobody chose.
        entry = self._entry(each)
        account = (each.installation.provider, each.installation.group)
        if self.authorizations.find(*account) is None:
            self.authorizations.keep(Authorization(*account, self._context.clock.now()), entry)
        if config is not None:
            self._configure(each, *config, entry)
        await self._context.journal.store(entry)

    async def _provision(self, each: Installed, integration: Integration, on_step: OnStep | None) -> None:
        """Create in the CRM what the integration needs, and note whether that went well."""

        def report(step: ProvisioningStep) -> None:
            self._context.emit(
                ProvisioningStepDone(
                    at=self._context.clock.now(),
                    installation=each.installation.id,
                    action=step.action.value,
                    kind=step.kind,
                    name=step.name,
                )
            )
            if on_step is not None:
                on_step(step)

        crm, group = each.connection.crm, each.installation.group
        try:
            plan = await crm.plan(integration.objects)
            if plan.problems:
                listed = "; ".join(f"{step.kind} {step.name}: {step.detail}" for step in plan.problems)
                raise ConflictError(f"{integration.name} cannot be installed for group {group}: {listed}.")
            await crm.provision(integration.objects, report)
        except AmpSandboxError as error:
            failed = ProvisioningFailed(
                at=self._context.clock.now(), installation=each.installation.id, message=error.message
            )
            await self._set(each, InstallationState.FAILED, error.message, failed)
            raise
        added = InstallationAdded(
            at=self._context.clock.now(),
            installation=each.installation.id,
            integration=integration.name,
            group=group,
            provider=integration.provider,
        )
        await self._set(each, InstallationState.INSTALLED, "", added)

    async def remove(self, each: Installed) -> None:
        """Forget an installation; what it wrote stays in the journal and in the CRM."""
        gone = InstallationRemoved(at=self._context.clock.now(), installation=each.installation.id)
        each.installation = msgspec.structs.replace(
            each.installation, state=InstallationState.REMOVED, error=""
        )
        entry = self._entry(each, gone)
        account = (each.installation.provider, each.installation.group)
        if not any(account == (i.provider, i.group) for i in self.views() if i is not each.installation):
            self.authorizations.forget(*account, entry)
        await self._context.journal.store(entry)
        del self._all[each.number]
        del self._by_name[(each.installation.group, each.installation.integration)]
        await each.connection.crm.aclose()

    async def configure(
        self, each: Installed, created_by: str, content: dict[str, Any]
    ) -> InstallationConfig:
        """Let an installation have another config, from its next write on."""
        entry = JournalEntry(statements=[])
        config = self._configure(each, created_by, content, entry)
        await self._context.journal.store(entry)
        return config

    def _configure(
        self, each: Installed, created_by: str, content: dict[str, Any], entry: JournalEntry
    ) -> InstallationConfig:
        number = each.config.number + 1 if each.config else 1
        config = InstallationConfig(number, self._context.clock.now(), created_by, content)
        each.configure(config)
        entry.statements.append((_SAVE_CONFIG, [_config_row(each.number, config)]))
        return config

    # -- inside ------------------------------------------------------------------------------------------

    def _new(
        self, number: int, integration: Integration, group: str, connection: Literal["mock", "live"]
    ) -> Installation:
        return Installation(
            id=self._context.ids.installation(number),
            integration=integration.name,
            group=group,
            provider=integration.provider,
            connection=connection,
            created_at=self._context.clock.now(),
            state=InstallationState.PROVISIONING,
        )

    def _add(self, number: int, installation: Installation) -> Installed:
        return self._keep(Installed(number, installation, self._connection(number, installation)))

    def _keep(self, each: Installed) -> Installed:
        self._all[each.number] = each
        self._by_name[(each.installation.group, each.installation.integration)] = each
        return each

    def _connection(self, number: int, installation: Installation) -> CrmConnection:
        connection = CrmConnection(self._context, number, installation.id)
        connection.attach(self._connect(installation, connection.observe))
        return connection

    async def _set(self, each: Installed, state: InstallationState, error: str, event: Event) -> None:
        each.installation = msgspec.structs.replace(each.installation, state=state, error=error)
        await self._context.journal.store(self._entry(each, event))

    def _entry(self, each: Installed, *events: Event) -> JournalEntry:
        return JournalEntry(statements=[(_SAVE, [_row(each)])], events=events)


def chosen_integrations(manifest: Manifest | None, name: str | None) -> Sequence[Integration]:
    """The integration of that name, or all that the sandbox has a CRM for.

    Raises:
        NotFoundError: There is no such integration.
        ConflictError: No manifest is loaded, or the sandbox has no CRM for the integration's provider.
    """
    if manifest is None:
        raise ConflictError("There is no valid manifest yet.", "Mend the findings first.")
    if name is None:
        return [each for each in manifest.integrations if each.is_exercised]
    found = manifest.find_integration(name)
    if found is None:
        names = ", ".join(each.name for each in manifest.integrations) or "none"
        near = nearest_hint(name, (each.name for each in manifest.integrations))
        raise NotFoundError(f"There is no integration {name!r}.", f"The manifest has: {names}.{near}")
    if not found.is_exercised:
        raise ConflictError(
            f"The sandbox has no CRM for {found.provider}, the provider of {name}.",
            "It exercises salesforce and hubspot.",
        )
    return [found]


def _is_same(one: Installation, other: Installation) -> bool:
    return (one.id, one.integration, one.group, one.provider, one.connection) == (
        other.id,
        other.integration,
        other.group,
        other.provider,
        other.connection,
    )


def _row(each: Installed) -> tuple[int, str, str, str, str, int, str, str]:
    installation = each.installation
    return (
        each.number,
        installation.integration,
        installation.group,
        installation.provider,
        installation.connection,
        to_micros(installation.created_at),
        installation.state.value,
        installation.error,
    )


def _config_row(installation: int, config: InstallationConfig) -> Row:
    content = msgspec.json.encode(config.content)
    return installation, config.number, to_micros(config.created_at), config.created_by, content
