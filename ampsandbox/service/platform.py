"""What Ampersand's API of today does with a sandbox: integrations, connections and installations.

Ids and names are both taken. What a method returns are the engine's own views; HTTP is not known here.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import msgspec

from ampsandbox.crm.field_definitions import FieldDefinition
from ampsandbox.engine.authorizations import Authorization
from ampsandbox.engine.config import (
    ConfigContent,
    ConfigInvalidError,
    ConfigIssue,
    InstallationConfig,
    config_issues,
)
from ampsandbox.engine.model import Installation, InstallationState, OperationState
from ampsandbox.errors import ConflictError, NotFoundError, UsageError, nearest_hint
from ampsandbox.manifest.content import integration_content
from ampsandbox.manifest.model import Integration, Provider
from ampsandbox.service.api_operations import ApiOperations
from ampsandbox.service.json_patch import apply_patch
from ampsandbox.service.metadata import missing_fields, upsert_fields

if TYPE_CHECKING:
    from ampsandbox.crm.client import CrmClient
    from ampsandbox.service.context import ServiceContext
    from ampsandbox.service.installations import InstallationService

Action = Literal["read", "write", "subscribe"]

_WHOLE_MASKS: Final = {
    "config.content.write.objects": "write",
    "config.content.subscribe.objects": "subscribe",
}
_OBJECT_MASKS: Final = {
    f"config.content.{action}.objects.": action for action in ("read", "write", "subscribe")
}
_MASKS: Final = (
    "connectionId",
    "config.createdBy",
    "config.content.proxy.enabled",
    *_WHOLE_MASKS,
    *(f"{prefix}<objectName>" for prefix in _OBJECT_MASKS),
)


class Platform:
    """Ampersand's platform, as far as a sandbox is one.

    Args:
        context: What it works on.
        installations: Installs, configures and uninstalls.
    """

    def __init__(self, context: ServiceContext, installations: InstallationService) -> None:
        self.context = context
        self.ids = context.identifiers
        self._engine = context.engine
        self._connections = context.connections
        self._verbs = installations
        self.operations = ApiOperations(self._engine)

    # -- integrations ----------------------------------------------------------------------------------------

    @property
    def integrations(self) -> tuple[Integration, ...]:
        """The integrations of the manifest, in its order."""
        return self._engine.manifest.integrations if self._engine.manifest else ()

    def integration(self, id_or_name: str) -> Integration:
        """The integration of that id or name.

        Raises:
            NotFoundError: There is none.
        """
        names = [each.name for each in self.integrations]
        name = self.ids.integration_name(id_or_name, names)
        if name is None:
            listed = ", ".join(names) or "none"
            raise NotFoundError(
                f"Integration not found: {id_or_name}.",
                f"The manifest has: {listed}.{nearest_hint(id_or_name, names)}"
                " Real ids can stand for names: `ids:` in sandbox.yaml.",
            )
        return next(each for each in self.integrations if each.name == name)

    def revision_id(self, integration: Integration) -> str:
        """The id of what the manifest says of the integration now."""
        return self.ids.revision_id(integration.name, msgspec.json.encode(integration_content(integration)))

    # -- connections -----------------------------------------------------------------------------------------

    def authorizations(
        self, provider: str | None = None, group: str | None = None, consumer: str | None = None
    ) -> list[Authorization]:
        """What groups consented to, of a provider, a group and a consumer where they are given."""
        return [
            each
            for each in self._engine.installations.authorizations
            if provider in (None, each.provider)
            and group in (None, each.group)
            and consumer in (None, each.consumer)
        ]

    def authorization(self, connection_id: str) -> Authorization:
        """The authorization of a connection's id.

        Raises:
            NotFoundError: There is none.
        """
        for each in self._engine.installations.authorizations:
            if self.ids.connection_id(each.provider, each.group) == connection_id:
                return each
        raise NotFoundError(
            f"Connection not found for the given connection ID: {connection_id}.",
            "List the connections to find a valid ID.",
        )

    def is_cut_off(self, authorization: Authorization) -> bool:
        """Whether an installation that uses it is live, but without credentials."""
        return any(
            self._connections.is_cut_off(each)
            for each in self._engine.installations.all()
            if (each.provider, each.group) == (authorization.provider, authorization.group)
        )

    async def connect(self, authorization: Authorization) -> Authorization:
        """Keep a group's consent; a consent that is there already is renewed.

        Raises:
            UsageError: The sandbox has no CRM for the provider, or the group has no name.
            AmpSandboxError: The CRM cannot be reached.
        """
        self.check_connectable(authorization)
        if not authorization.workspace:
            authorization = msgspec.structs.replace(
                authorization, workspace=await self._workspace(authorization)
            )
        await self._engine.installations.authorize(authorization)
        return authorization

    async def _workspace(self, authorization: Authorization) -> str:
        """What the CRM calls the org that a group connects, as the platform learns from its token."""
        mine = [each for each in self.integrations if each.provider == authorization.provider]
        if not mine:
            return ""
        async with self.look(mine[0], authorization.group) as crm:
            return (await crm.identify()).id

    def check_connectable(self, authorization: Authorization) -> None:
        """See whether `connect` would take it.

        Raises:
            UsageError: The sandbox has no CRM for the provider, or the group has no name.
        """
        if authorization.provider not in set(Provider):
            raise UsageError(
                f"The sandbox has no CRM for the provider {authorization.provider!r}.",
                "It has salesforce and hubspot.",
            )
        if not authorization.group:
            raise UsageError("groupRef is empty.", "Name the group that connects.")

    def is_live(self, provider: str, group: str) -> bool:
        """Whether the settings give a group's installations with a provider a real org."""
        mine = [each for each in self.integrations if each.provider == provider]
        return any(self._connections.kind(provider, each.name, group) == "live" for each in mine)

    async def disconnect(self, connection_id: str) -> None:
        """Forget a group's consent, and uninstall what uses it.

        Raises:
            NotFoundError: There is no such connection.
            ConflictError: The CRM does not take what waits for it, and the clock stands.
        """
        gone = self.authorization(connection_id)
        for each in self._engine.installations.all():
            if (each.provider, each.group) == (gone.provider, gone.group):
                await self._verbs.uninstall(each.id)
        await self._engine.installations.revoke(gone.provider, gone.group)

    # -- installations ---------------------------------------------------------------------------------------

    def installations(
        self, integration: Integration | None = None, group: str | None = None
    ) -> list[Installation]:
        """The installations that are in force, oldest first."""
        names = [integration.name] if integration else [each.name for each in self.integrations]
        return [
            each
            for each in self._engine.installations.all()
            if each.state is InstallationState.INSTALLED
            and each.integration in names
            and group in (None, each.group)
        ]

    def installation(self, installation_id: str, integration: Integration | None = None) -> Installation:
        """The installation of an id: that of today's API, or the sandbox's own.

        Raises:
            NotFoundError: There is none.
        """
        for each in self.installations(integration):
            if installation_id in (each.id, self.ids.installation_id(each.integration, each.group)):
                return each
        raise NotFoundError(
            f"Installation not found for the given installation ID: {installation_id}.",
            "List the installations to find a valid ID.",
        )

    def installed(self, integration: Integration, group: str) -> Installation:
        """The installation of an integration for a group.

        Raises:
            NotFoundError: There is none.
        """
        for each in self.installations(integration, group):
            return each
        raise NotFoundError(
            f"{integration.name} is not installed for the group {group!r}.",
            f"Create an installation by the API, or run: ampsandbox ctl install {group}",
        )

    def authorization_of(self, installation: Installation) -> Authorization:
        """The consent that an installation uses."""
        for each in self.authorizations(installation.provider, installation.group):
            return each
        return Authorization(installation.provider, installation.group, installation.created_at)

    def config(self, installation: Installation) -> InstallationConfig:
        """The config that holds for an installation: the one chosen last, or everything ticked."""
        return self._engine.installations.config(installation.id)

    def parsed_config(self, installation: Installation) -> ConfigContent:
        """The parts of the config that writes, searches and proxies obey."""
        return msgspec.convert(self.config(installation).content, ConfigContent)

    def health(self, installation: Installation) -> tuple[bool, OperationState | None]:
        """Whether the CRM answers, and where the newest operation stands."""
        newest = self._engine.operations.newest(installation_id=installation.id, limit=1)
        is_healthy = not self.is_cut_off(self.authorization_of(installation))
        return is_healthy, newest[0].state if newest else None

    async def create_installation(
        self,
        integration: Integration,
        group: str,
        content: dict[str, Any],
        created_by: str,
        connection_id: str | None = None,
        *,
        skip_sampling: bool = False,
    ) -> Installation:
        """Install an integration for a group that has connected, with what the customer chose.

        Raises:
            ConfigInvalidError: The config does not fit the manifest, or a chosen field is not in the CRM.
            UsageError: The group has not connected, or the connection is another one's.
            ConflictError: It is installed already, or the CRM has something in the way.
        """
        self._check_connection(integration.provider, group, connection_id)
        if self.installations(integration, group):
            raise ConflictError(
                f"{integration.name} is installed for the group {group!r} already.",
                "Update the installation, or delete it first.",
            )
        self._check(content, integration)
        await self._create_remembered_fields(integration, group)
        if not skip_sampling:
            await self._sample(integration, group, content)
        (installed,) = await self._verbs.install(group, integration.name, (created_by, content))
        await self._create_remembered_fields(integration, group)
        return installed

    async def update_installation(
        self,
        installation: Installation,
        update: Mapping[str, Any],
        masks: Sequence[str],
        *,
        skip_sampling: bool = False,
    ) -> Installation:
        """Change the parts of an installation that the masks name, to what `update` has there.

        Raises:
            ConfigInvalidError: A mask is unknown or names nothing, or the config would be invalid.
        """
        integration = self.integration(installation.integration)
        config = self.config(installation)
        content, created_by = copy.deepcopy(config.content), config.created_by
        issues: list[ConfigIssue] = []
        for place, mask in enumerate(masks):
            try:
                value = _masked(update, mask)
            except KeyError:
                issues.append(ConfigIssue(f"updateMask[{place}]", mask, *_mask_problem(mask)))
                continue
            if mask == "connectionId":
                self._check_connection(integration.provider, installation.group, str(value))
            elif mask == "config.createdBy":
                created_by = str(value)
            else:
                _put(content, mask.split(".", 4)[2:], value)
        if issues:
            raise ConfigInvalidError(issues)
        self._check(content, integration)
        if not skip_sampling and any(mask.startswith("config.content.read.") for mask in masks):
            await self._sample(integration, installation.group, content)
        await self._verbs.configure(installation.id, created_by, content)
        return installation

    async def patch_object(
        self, installation: Installation, action: Action, name: str, changes: Sequence[Mapping[str, Any]]
    ) -> Installation:
        """Change one object's config by JSON Patch.

        Raises:
            NotFoundError: The config has no such object.
            ConfigInvalidError: A change cannot be applied, or the config would be invalid.
        """
        config = self.config(installation)
        content = copy.deepcopy(config.content)
        objects = (content.get(action) or {}).get("objects") or {}
        if name not in objects:
            listed = ", ".join(objects) or "none"
            raise NotFoundError(
                f"The installation's config has no {action} object {name!r}.", f"It has: {listed}."
            )
        objects[name] = apply_patch(objects[name], changes)
        self._check(content, self.integration(installation.integration))
        await self._verbs.configure(installation.id, config.created_by, content)
        return installation

    async def delete_installation(self, installation: Installation) -> None:
        """Flush what waits, then uninstall; the connection goes with the last installation that uses it.

        Raises:
            ConflictError: The CRM does not take what waits, and the clock stands.
        """
        await self._verbs.uninstall(installation.id)

    def _check_connection(self, provider: str, group: str, connection_id: str | None) -> None:
        known = self.authorizations(provider, group)
        ids = [self.ids.connection_id(each.provider, each.group) for each in known]
        if not known:
            project = self.ids.project
            raise UsageError(
                f"The group {group!r} has no connection to {provider}.",
                "Connect it first: with the React component, POST /v1/oauth-connect, "
                f"or POST /v1/projects/{project}/connections:generate.",
            )
        if connection_id is not None and connection_id not in ids:
            raise UsageError(
                f"The group {group!r} has no connection {connection_id} to {provider}.", f"It has: {ids[0]}."
            )

    @staticmethod
    def _check(content: dict[str, Any], integration: Integration) -> None:
        if issues := config_issues(content, integration):
            raise ConfigInvalidError(issues)

    async def _sample(self, integration: Integration, group: str, content: dict[str, Any]) -> None:
        """See whether the chosen fields are in the CRM, as the platform does by reading a few records."""
        async with self.look(integration, group) as crm:
            if issues := await missing_fields(crm, integration, content):
                raise ConfigInvalidError(issues)

    # -- writes ----------------------------------------------------------------------------------------------

    def ids_of(self, installation_id: str) -> dict[str, str]:
        """The ids of what an operation of an installation belongs to, as today's API names them."""
        found = {"projectId": self.ids.project_id, "integrationId": "", "configId": ""}
        for each in self._engine.installations.all():
            if each.id == installation_id:
                number = self.config(each).number
                return found | {
                    "integrationId": self.ids.integration_id(each.integration),
                    "installationId": self.ids.installation_id(each.integration, each.group),
                    "configId": self.ids.config_id(each.integration, each.group, number),
                }
        return found | {"installationId": installation_id}

    # -- the CRM ---------------------------------------------------------------------------------------------

    def look(self, integration: Integration, group: str) -> AbstractAsyncContextManager[CrmClient]:
        """The CRM of an installation, or the one that it would get."""
        kind = self._connections.kind(integration.provider, integration.name, group)
        # The engine knows less of a CRM than what a sandbox connects it with.
        return cast(
            "AbstractAsyncContextManager[CrmClient]",
            self._engine.installations.look(integration, group, kind),
        )

    def integration_of(self, provider: str, group: str) -> Integration:
        """The integration whose org stands for a connection: the first that is installed, or would be.

        Raises:
            NotFoundError: The manifest has no integration with the provider, or the group has not connected.
        """
        mine = [each for each in self.integrations if each.provider == provider]
        if not mine:
            listed = ", ".join(dict.fromkeys(each.provider for each in self.integrations)) or "none"
            raise NotFoundError(
                f"No integration has the provider {provider!r}.", f"The manifest has: {listed}."
            )
        if not self.authorizations(provider, group):
            raise NotFoundError(
                f"The group {group!r} has no connection to {provider}.",
                "Connect it first: POST /v1/oauth-connect.",
            )
        return next((each for each in mine if self.installations(each, group)), mine[0])

    async def remember_fields(
        self, provider: str, group: str, fields: Mapping[str, list[dict[str, Any]]]
    ) -> None:
        """Let the next installations that use a connection have custom fields that it was given."""
        for known in self.authorizations(provider, group):
            merged = {name: [*all_] for name, all_ in known.fields.items()}
            for name, added in fields.items():
                names = {each["fieldName"] for each in added}
                merged[name] = [
                    each for each in merged.get(name, []) if each["fieldName"] not in names
                ] + added
            await self._engine.installations.authorize(msgspec.structs.replace(known, fields=merged))

    async def _create_remembered_fields(self, integration: Integration, group: str) -> None:
        for known in self.authorizations(integration.provider, group):
            if known.fields:
                fields = msgspec.convert(known.fields, dict[str, list[FieldDefinition]])
                async with self.look(integration, group) as crm:
                    await upsert_fields(crm, integration.provider, fields)


def _masked(update: Mapping[str, Any], mask: str) -> Any:
    """What an update has where a mask points.

    Raises:
        KeyError: The mask is unknown, or nothing is there.
    """
    if mask in ("connectionId", "config.createdBy", "config.content.proxy.enabled") or mask in _WHOLE_MASKS:
        keys = mask.split(".")
    elif any(mask.startswith(prefix) and len(mask) > len(prefix) for prefix in _OBJECT_MASKS):
        keys = mask.split(".", 4)
    else:
        raise KeyError(mask)
    value: Any = update
    for key in keys:
        if not isinstance(value, Mapping):
            raise KeyError(key)
        value = value[key]
    return value


def _mask_problem(mask: str) -> tuple[str, str]:
    known = f"Known masks: {', '.join(_MASKS)}."
    is_known = mask in _MASKS or any(mask.startswith(prefix) for prefix in _OBJECT_MASKS)
    if is_known:
        return "has no value in `installation`", f"Give installation.{mask}, or leave the mask out."
    return "is no mask of this endpoint", known


def _put(content: dict[str, Any], keys: Iterable[str], value: Any) -> None:
    *parents, last = keys
    for key in parents:
        inner = content.get(key)
        if not isinstance(inner, dict):
            inner = content[key] = {}
        content = inner
    if value is None:
        content.pop(last, None)
    else:
        content[last] = value
