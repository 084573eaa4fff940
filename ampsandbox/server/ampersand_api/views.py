"""The service's views as answers of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ampsandbox.engine.model import FINAL_STATES, OperationState
from ampsandbox.manifest.content import integration_content
from ampsandbox.server.ampersand_api import models
from ampsandbox.service.metadata import value_type

if TYPE_CHECKING:
    from datetime import datetime

    from ampsandbox.engine.authorizations import Authorization
    from ampsandbox.engine.config import InstallationConfig
    from ampsandbox.engine.crm import CrmField, ObjectDescription
    from ampsandbox.engine.model import Installation
    from ampsandbox.manifest.model import Integration
    from ampsandbox.service.platform import Platform

SPEC_VERSION = "1.0.0"


class ApiViews:
    """Makes answers of what the platform returns.

    Args:
        platform: Knows ids, configs and health.
        created_at: When the project, and with it the manifest, came to be.
        app_name: What end users call the app; None where the manifest does not say.
    """

    def __init__(self, platform: Platform, created_at: datetime) -> None:
        self._platform = platform
        self._ids = platform.ids
        self.created_at = created_at

    def project(self, app_name: str | None, *, has_entitlements: bool = False) -> models.Project:
        entitlements = models.Entitlements(branding_removal=models.Flag(value=False))
        return models.Project(
            id=self._ids.project_id,
            name=self._ids.project,
            app_name=app_name or self._ids.project,
            org_id=self._ids.org_id(),
            create_time=self.created_at,
            entitlements=entitlements if has_entitlements else None,
        )

    def integration(self, each: Integration) -> models.ApiIntegration:
        return models.ApiIntegration(
            id=self._ids.integration_id(each.name),
            project_id=self._ids.project_id,
            name=each.name,
            provider=each.provider,
            create_time=self.created_at,
            latest_revision=self.revision(each, integration_content(each)),
        )

    def revision(self, each: Integration, content: dict[str, Any]) -> models.Revision:
        """What the manifest says of an integration, or what was made of it."""
        return models.Revision(
            id=self._platform.revision_id(each),
            spec_version=SPEC_VERSION,
            create_time=self.created_at,
            content=content,
        )

    def connection(self, each: Authorization) -> models.ApiConnection:
        is_cut_off = self._platform.is_cut_off(each)
        return models.ApiConnection(
            id=self._ids.connection_id(each.provider, each.group),
            project_id=self._ids.project_id,
            provider=each.provider,
            group=models.Group(
                group_ref=each.group,
                group_name=each.group_name or each.group,
                project_id=self._ids.project_id,
                create_time=each.created_at,
            ),
            consumer=models.Consumer(
                consumer_ref=each.consumer or each.group,
                consumer_name=each.consumer_name or each.consumer or each.group,
                project_id=self._ids.project_id,
                create_time=each.created_at,
            ),
            create_time=each.created_at,
            auth_scheme=each.scheme,  # type: ignore[arg-type]
            status="bad_credentials" if is_cut_off else "working",
            provider_workspace_ref=each.workspace or None,
            # The React component asks for the workspace where it is missing.
            provider_metadata={
                "workspace": models.MetadataItem(value=each.workspace or each.group, source="token")
            },
        )

    def installation(self, each: Installation) -> models.ApiInstallation:
        """One installation with its config and connection."""
        config = self._platform.config(each)
        is_healthy, newest = self._platform.health(each)
        connection = self.connection(self._platform.authorization_of(each))
        return models.ApiInstallation(
            id=self._ids.installation_id(each.integration, each.group),
            project_id=self._ids.project_id,
            integration_id=self._ids.integration_id(each.integration),
            group=connection.group,
            health_status="healthy" if is_healthy else "unhealthy",
            connection=connection,
            create_time=each.created_at,
            created_by=config.created_by,
            config=self.config(each, config),
            last_operation_status=_status(newest),
            update_time=config.created_at,
        )

    def config(self, owner: Installation, config: InstallationConfig) -> models.Config:
        """One version of an installation's config."""
        return models.Config(
            id=self._ids.config_id(owner.integration, owner.group, config.number),
            revision_id=self._platform.revision_id(self._platform.integration(owner.integration)),
            create_time=config.created_at,
            created_by=config.created_by,
            content=config.content,
        )


def _status(newest: OperationState | None) -> Any:
    if newest is None:
        return None
    if newest not in FINAL_STATES:
        return "in_progress"
    return "success" if newest is OperationState.SUCCEEDED else "failure"


def object_fields(
    provider: str, described: ObjectDescription, *, without_read_only: bool = False
) -> dict[str, models.FieldMetadata]:
    """The fields of an object by their names, which Ampersand spells in lower case."""
    return {
        each.name.lower(): field_metadata(provider, each)
        for each in described.fields
        if each.is_writable or not without_read_only
    }


def field_metadata(provider: str, each: CrmField) -> models.FieldMetadata:
    labels = each.option_labels or each.options
    values = [
        models.FieldValue(value=value, display_value=label)
        for value, label in zip(each.options, labels, strict=True)
    ]
    return models.FieldMetadata(
        field_name=each.name.lower(),
        display_name=each.label,
        value_type=value_type(provider, each),
        provider_type=f"{each.type}.{each.control}" if each.control else each.type,
        read_only=not each.is_writable,
        is_custom=each.is_custom,
        is_required=each.is_required,
        reference_to=list(each.refers_to) or None,
        values=values or None,
    )
