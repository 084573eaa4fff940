"""Opens the way to each installation's CRM: a mock org of its own in this process, or a real one."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from ampsandbox.clock import Clock
from ampsandbox.crm.client import CrmClient
from ampsandbox.crm.created import CreatedRecords
from ampsandbox.crm.desired_schema import CustomFields
from ampsandbox.crm.http import Channel
from ampsandbox.crm.in_process import InProcessSender
from ampsandbox.crm.live import LiveCrm, NoTokens, Show
from ampsandbox.crm.login import ConnectionCredentials
from ampsandbox.crm.session import CrmSession, TokenSource
from ampsandbox.crm.tokens import FixedToken, Login, LoginTokens
from ampsandbox.engine.crm import ExchangeObserver, OrgIdentity
from ampsandbox.engine.model import Installation, InstallationState
from ampsandbox.engine.private_files import prepare_file, write_privately
from ampsandbox.errors import StateError
from ampsandbox.manifest.model import Provider, WriteObject
from ampsandbox.secrets import Masker, Secret
from ampsandbox.settings.credentials import Grant, LiveConnection, Variables

if TYPE_CHECKING:
    from mock_crm.core.org import Org
    from mock_crm.core.settings import OrgSettings

# Names nobody; requests to mock orgs never reach a resolver.
_MOCK_HOSTS: Final = {
    Provider.SALESFORCE: "https://salesforce.invalid",
    Provider.HUBSPOT: "https://hubspot.invalid",
}


class Connections:
    """The connections of one sandbox, and the mock orgs behind them.

    Args:
        clock: Whose time the orgs live in.
        seed: What the ids of the orgs are drawn from.
        state: Where the orgs are kept, in `orgs/`; None keeps them in memory.
        live: Ways into real orgs; everything else is mocked.
        variables: Environment variables that credentials may refer to; the process's when None.
        allow_production: Names or ids of production orgs that may be used.
        is_dry_run: Whether writes to real orgs are shown instead of sent.
        org_settings: How the mock orgs behave.
        custom_fields: The custom text fields that the mock orgs have beyond those of the manifest.
        masker: What knows the secrets of the real orgs; a new one when None.

    Attributes:
        created: The records that were created in real orgs.
        on_dry_run: Is shown, as curl, each request that a dry run does not send.
    """

    def __init__(
        self,
        clock: Clock,
        seed: int | str,
        state: Path | None = None,
        live: Iterable[LiveConnection] = (),
        *,
        variables: Mapping[str, str] | None = None,
        allow_production: Iterable[str] = (),
        is_dry_run: bool = False,
        org_settings: OrgSettings | None = None,
        custom_fields: CustomFields | None = None,
        masker: Masker | None = None,
    ) -> None:
        self.clock = clock
        self.masker = masker or Masker()
        self._seed = seed
        self._state = state
        self._live = tuple(live)
        self._given: tuple[LiveConnection, ...] = ()
        self._variables = Variables(os.environ if variables is None else variables)
        self._allowed = {name.lower() for name in allow_production}
        self._is_dry_run = is_dry_run
        self._org_settings = org_settings
        self._custom_fields = custom_fields or {}
        self.created = CreatedRecords(state)
        self.on_dry_run: Show = lambda shown: None
        self._orgs: dict[str, Org] = {}
        self._clients: dict[str, CrmClient] = {}
        self._observers: dict[str, ExchangeObserver] = {}
        self._reopened: set[str] = set()
        """Orgs whose file an earlier run left."""
        self._marked: set[str] = set()
        """Orgs whose baseline holds what was provisioned."""
        self._images: dict[str, bytes] = {}
        """What orgs in memory are to hold when they are opened."""
        self.missing_orgs: list[StateError] = []
        """Installed mock orgs whose files were gone: they began empty."""

    def __len__(self) -> int:
        return len(self._clients)

    def kind(self, provider: str, integration: str, group: str) -> Literal["mock", "live"]:
        """Whether the settings give the integration of that group a real org."""
        return "live" if self.find(provider, integration, group) else "mock"

    def find(self, provider: str, integration: str, group: str) -> LiveConnection | None:
        """The way into a real org that the integration of that group has, if it has one."""
        known = (*self._given, *self._live)
        return next((item for item in known if item.serves(provider, integration, group)), None)

    def is_cut_off(self, installation: Installation) -> bool:
        """Whether an installation is live, but nothing says how to log in to its org."""
        live = (installation.provider, installation.integration, installation.group)
        return installation.connection == "live" and self.find(*live) is None

    def add(self, live: LiveConnection) -> None:
        """Use a way into a real org that was given while the sandbox runs, before those of the file."""
        self._given = (live, *self._given)

    def forget(self, integration: str, group: str) -> None:
        """Forget the ways that were given for an integration of a group while the sandbox runs."""
        self._given = tuple(
            item for item in self._given if (item.integration, item.group) != (integration, group)
        )

    def apart(self, live: LiveConnection) -> Connections:
        """Connections of this way alone, to look at its org before it is added; the caller closes them."""
        return Connections(self.clock, self._seed, live=[live], variables=self._variables, masker=self.masker)

    def allow_production(self, name: str) -> None:
        """Let the production org of that name or id be used from now on."""
        self._allowed.add(name.lower())

    def connect(self, installation: Installation, observe: ExchangeObserver) -> CrmClient:
        """The client of an installation's CRM. Opens the installation's mock org where it has one.

        A live installation that the settings have no connection for gets a client that refuses everything
        with `NotConnectedError`, so that a sandbox whose settings were lost still starts.

        Raises:
            StateError: The mock org's file cannot be opened.
        """
        client: CrmClient
        if installation.connection == "live":
            client = self._connect_live(installation, observe)
        else:
            client = self._connect_mock(installation, observe)
        self._clients[installation.id] = client
        self._observers[installation.id] = observe
        return client

    async def reconnect(self, installation: Installation, live: LiveConnection) -> None:
        """Let the client of a live installation use another way into its org from now on."""
        client = self._clients[installation.id]
        assert isinstance(client, LiveCrm)
        self.forget(installation.integration, installation.group)
        self.add(live)
        await client.take_over(self._connect_live(installation, self._observers[installation.id]))

    def client(self, installation_id: str) -> CrmClient | None:
        """The client that the installation uses; None when it is not connected."""
        return self._clients.get(installation_id)

    def org(self, installation_id: str) -> Org | None:
        """The mock org of an installation; None when it is live or not connected."""
        return self._orgs.get(installation_id)

    def open_live(self, provider: str, integration: str, group: str) -> LiveCrm:
        """A further client of a real org, for work besides the writes; the caller closes it."""
        state = InstallationState.INSTALLED
        installation = Installation("", integration, group, provider, "live", self.clock.now(), state)
        return self._connect_live(installation, lambda exchange: None)

    def identity(self, installation_id: str) -> OrgIdentity | None:
        """Whose org a live installation writes to; None for a mock, and until the org has told."""
        client = self._clients.get(installation_id)
        return client.identity if isinstance(client, LiveCrm) else None

    def is_baseline_provisioned(self, installation_id: str) -> bool:
        """Whether a reset keeps what was provisioned in an installation's org, so far as it is a mock."""
        return installation_id not in self._orgs or installation_id in self._marked

    def forget_baselines(self) -> None:
        """What is to be provisioned has changed, so that no baseline holds it any more."""
        self._marked.clear()

    def baselines(self) -> dict[str, bytes]:
        """What a reset returns each mock org to, by installation id: its baseline, or an org as born."""
        return {name: self._baseline(name) for name in self._orgs}

    def _baseline(self, installation_id: str) -> bytes:
        org = self._orgs[installation_id]
        marked = org.store.baseline
        if marked is not None and installation_id not in self._reopened:
            return marked
        # The file is of an earlier run: where it began is not known, and its records are to go.
        newborn = self._open(org.provider, org.name, None)
        try:
            return newborn.snapshot()
        finally:
            newborn.close()

    @contextmanager
    def opened(self, installation_id: str, image: bytes) -> Iterator[Org]:
        """A mock org as an image has it, to look at beside the one in use.

        Raises:
            StateError: It is no image of that installation's org.
        """
        from mock_crm.core.org import SnapshotError

        org = self._orgs[installation_id]
        past = self._open(org.provider, org.name, None)
        try:
            past.restore(image)
            yield past
        except SnapshotError as error:
            raise StateError(f"The snapshot cannot be read: {error}") from error
        finally:
            past.close()

    def replace(self, images: Mapping[str, bytes]) -> None:
        """Make the open mock orgs what these images are; those without one are thrown away.

        An image of an org that is not open waits for it to be opened. Real orgs are left alone.
        """
        for name in self._orgs.keys() - images.keys():
            self._orgs.pop(name).close()
            if (path := self._org_path(name)) is not None:
                _remove(path)
        for name, image in images.items():
            if name in self._orgs:
                self._replace_one(name, image)
            elif (path := self._org_path(name)) is not None:
                _write(path, image)
            else:
                self._images[name] = image

    def _replace_one(self, installation_id: str, image: bytes) -> None:
        org = self._orgs[installation_id]
        if image is org.store.baseline:
            org.reset()
        else:
            org.faults.clear()
            org.restore(image)
        self._clients[installation_id].return_to_baseline()

    def replace_files(self, images: Mapping[str, bytes]) -> None:
        """The same on disk, before any org is opened."""
        if self._state is None:
            return
        for path in (self._state / "orgs").glob("*.sqlite"):
            if path.stem not in images:
                _remove(path)
        for name, image in images.items():
            _write(self._state / "orgs" / f"{name}.sqlite", image)

    def reset_org(self, installation_id: str) -> None:
        """Put one mock org back to its baseline, or to how it was born."""
        self._replace_one(installation_id, self._baseline(installation_id))

    def keep(self, installation_id: str) -> None:
        """Make a mock org as it is now what a reset returns to, unless it holds records of an earlier run."""
        if installation_id in self._orgs and installation_id not in self._reopened:
            self._orgs[installation_id].mark_baseline()
            self._marked.add(installation_id)

    async def mark_baseline(self, installation_id: str, objects: Iterable[WriteObject]) -> None:
        """Make a mock org as it is now what `reset` returns to, with everything read that writes will need.

        Without it, each write after a reset would wait for the schema and the first table of its object,
        which take longer than the write.
        """
        from mock_crm.core.errors import CrmError

        client, org = self._clients[installation_id], self._orgs[installation_id]
        for item in objects:
            target = await client.resolve(item)
            with suppress(CrmError):  # an object that the org does not have stays for writes to be refused
                org.count(target.object_name)
        client.mark_baseline()
        org.mark_baseline()
        self._reopened.discard(installation_id)
        self._marked.add(installation_id)

    async def aclose(self) -> None:
        for client in self._clients.values():
            await client.aclose()
        for org in self._orgs.values():
            org.close()
        self._clients.clear()
        self._orgs.clear()
        self.created.close()

    # -- mock ------------------------------------------------------------------------------------------------

    def _connect_mock(self, installation: Installation, observe: ExchangeObserver) -> CrmClient:
        org = self._orgs[installation.id] = self._find_org(installation) or self._open_org(installation)
        channel = Channel(InProcessSender(org.app, self.clock, org), self.clock, observe, Masker())
        base_url = _MOCK_HOSTS[Provider(installation.provider)]
        tokens = FixedToken(lambda: Secret(org.token), base_url, channel.masker)
        return _client(installation.provider, channel, tokens, born_with=self._custom_fields)

    def _find_org(self, installation: Installation) -> Org | None:
        """The open org of an installation; one that was only planned under the same id is thrown away."""
        org = self._orgs.get(installation.id)
        if org is None or (org.provider, org.name) == (installation.provider, _org_name(installation)):
            return org
        org.close()
        if (path := self._org_path(installation.id)) is not None:
            _remove(path)
        return None

    def _org_path(self, installation_id: str) -> Path | None:
        return self._state / "orgs" / f"{installation_id}.sqlite" if self._state else None

    def _open_org(self, installation: Installation) -> Org:
        path = self._org_path(installation.id)
        is_reopened = path is not None and _holds_data(path)
        is_lost = path is not None and not is_reopened and installation.state is InstallationState.INSTALLED
        if path is not None and is_lost and installation.id not in self._images:
            self._tell_lost(path, _org_name(installation))
        org = self._open(installation.provider, _org_name(installation), path)
        if (image := self._images.pop(installation.id, None)) is not None:
            org.restore(image)
            is_reopened = True
        self._marked.discard(installation.id)
        (self._reopened.add if is_reopened else self._reopened.discard)(installation.id)
        return org

    def _tell_lost(self, path: Path, name: str) -> None:
        """Refuse a file that was cut to nothing; one that is gone may have been removed on purpose."""
        if path.exists():
            raise StateError(
                f"The mock org of {name} in {path} is empty (0 bytes), and an earlier run wrote to it.",
                "Put a backup in its place, remove the file to begin with an empty org, or give another "
                "directory with --state DIR.",
            )
        self.missing_orgs.append(
            StateError(
                f"The mock org of {name} begins empty: {path} is gone, and with it the records that the "
                "journal calls written.",
                "To have them back, stop the sandbox and put a backup in its place.",
            )
        )

    def _open(self, provider: str, name: str, path: Path | None) -> Org:
        from mock_crm.orgs import open_org

        try:
            if path is not None:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                prepare_file(path)
            return open_org(
                provider,
                name=name,
                seed=self._seed,
                clock=self.clock,
                path=path,
                settings=self._org_settings,
            )
        except (OSError, sqlite3.Error) as error:
            raise StateError(
                f"The mock org of {name} cannot be kept in {path}: {error}.",
                "Free space on its disk, remove a damaged file, or use --ephemeral.",
            ) from error
        except (msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
            raise StateError(
                f"The mock org of {name} in {path} is damaged, or of a version that this one cannot read: "
                f"{type(error).__name__}: {error}.",
                "Put a backup in its place, remove the file to begin with an empty org, or give another "
                "directory with --state DIR.",
            ) from error

    # -- live ------------------------------------------------------------------------------------------------

    def _connect_live(self, installation: Installation, observe: ExchangeObserver) -> LiveCrm:
        live = self.find(installation.provider, installation.integration, installation.group)
        url, ca_file = (live.base_url or live.login_url, live.ca_file) if live else ("", None)
        from ampsandbox.crm.sockets import HttpxSender, http_client

        wire = HttpxSender(http_client(url=url, ca_file=ca_file))
        channel = Channel(wire, self.clock, observe, self.masker)
        tokens = self._tokens(live, channel) if live else NoTokens(installation)
        version = live.api_version if live else ""
        client = _client(installation.provider, channel, tokens, version)
        show: Show | None = (lambda shown: self.on_dry_run(shown)) if self._is_dry_run else None
        masker = channel.masker
        return LiveCrm(client, installation, self.clock, self.created, self._allowed, masker, show)

    def _tokens(self, live: LiveConnection, channel: Channel) -> TokenSource:
        credentials = ConnectionCredentials(live, self._variables, channel)
        if live.grant is Grant.ACCESS_TOKEN:
            return FixedToken(lambda: credentials.get("access_token"), live.base_url, channel.masker)
        return LoginTokens(_login(live, credentials, channel), self.clock, channel.masker)


def _remove(path: Path) -> None:
    """Remove a database; what SQLite keeps beside it goes first, since it would be read into a new one."""
    for name in (f"{path.name}-wal", f"{path.name}-shm", path.name):
        path.with_name(name).unlink(missing_ok=True)


def _holds_data(path: Path) -> bool:
    """Whether a database is there; after a kill all of it may stand in the write-ahead log."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return any(each.exists() and each.stat().st_size > 0 for each in files)


def _write(path: Path, image: bytes) -> None:
    """Put a database in the place of another one that is not open."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    write_privately(draft, image)
    _remove(path)
    draft.replace(path)


def _org_name(installation: Installation) -> str:
    return f"{installation.integration}/{installation.group}"


# A sandbox starts with the client and the mock of its own provider: each is imported when one is opened.


def _login(live: LiveConnection, credentials: ConnectionCredentials, channel: Channel) -> Login:
    if live.provider == Provider.SALESFORCE:
        from ampsandbox.crm.salesforce.login import SalesforceLogin

        return SalesforceLogin(live, credentials, channel)
    from ampsandbox.crm.hubspot.login import HubSpotLogin

    return HubSpotLogin(live, credentials, channel)


def _client(
    provider: str,
    channel: Channel,
    tokens: TokenSource,
    api_version: str = "",
    born_with: CustomFields | None = None,
) -> CrmClient:
    if provider == Provider.SALESFORCE:
        from ampsandbox.crm.salesforce.client import DEFAULT_API_VERSION, SalesforceCrm
        from ampsandbox.crm.salesforce.errors import SalesforceErrors

        session = CrmSession(channel, tokens, SalesforceErrors())
        return SalesforceCrm(session, api_version or DEFAULT_API_VERSION, born_with)
    from ampsandbox.crm.hubspot.client import HubSpotCrm
    from ampsandbox.crm.hubspot.errors import HubSpotErrors

    return HubSpotCrm(CrmSession(channel, tokens, HubSpotErrors()), born_with)
