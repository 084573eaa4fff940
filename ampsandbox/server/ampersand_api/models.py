"""The answers of Ampersand's API (openapi: api/api.yaml, catalog/catalog.yaml), as structs.

Names and required members are those of the public schemas. Optional members that have no value are left out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

AuthScheme = Literal[
    "none",
    "apiKey",
    "basic",
    "oauth2/authorizationCode",
    "oauth2/authorizationCodePKCE",
    "oauth2/clientCredentials",
    "oauth2/password",
]
ValueType = Literal[
    "string",
    "boolean",
    "singleSelect",
    "multiSelect",
    "date",
    "datetime",
    "int",
    "float",
    "reference",
    "other",
]


class ApiAnswer(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """What all have in common: camelCase, and no member without a value."""


class Flag(ApiAnswer):
    """An entitlement that is there or not."""

    # Required by the schema, so it is sent even where it is False.
    value: bool


class Entitlements(ApiAnswer):
    """What the project's plan includes, for those who ask with `includeEntitlements`."""

    branding_removal: Flag


class Project(ApiAnswer):
    """The project: that of the sandbox is the only one."""

    id: str
    name: str
    app_name: str
    org_id: str
    create_time: datetime
    entitlements: Entitlements | None = None


class Revision(ApiAnswer):
    """What the manifest says of one integration."""

    id: str
    spec_version: str
    create_time: datetime
    content: dict[str, Any]


class ApiIntegration(ApiAnswer):
    id: str
    project_id: str
    name: str
    provider: str
    create_time: datetime
    latest_revision: Revision


class Group(ApiAnswer):
    group_ref: str
    group_name: str
    project_id: str
    create_time: datetime


class Consumer(ApiAnswer):
    """The user of the customer who connected."""

    consumer_ref: str
    consumer_name: str
    project_id: str
    create_time: datetime


class MetadataItem(ApiAnswer):
    """One thing that a provider needs to know, such as the subdomain of a Salesforce org."""

    value: str
    source: Literal["input", "token", "provider"]


class ApiConnection(ApiAnswer):
    """A group's consent to reach its CRM. Tokens are never part of it: the sandbox has none to give."""

    id: str
    project_id: str
    provider: str
    group: Group
    consumer: Consumer
    create_time: datetime
    auth_scheme: AuthScheme
    status: Literal["created", "working", "bad_credentials"]
    provider_workspace_ref: str | None = None
    provider_metadata: dict[str, MetadataItem] | None = None


class Config(ApiAnswer):
    id: str
    revision_id: str
    create_time: datetime
    created_by: str
    content: dict[str, Any]


class ApiInstallation(ApiAnswer):
    """An integration that is installed for a group."""

    id: str
    project_id: str
    integration_id: str
    group: Group
    health_status: Literal["healthy", "unhealthy"]
    connection: ApiConnection
    create_time: datetime
    created_by: str
    config: Config
    last_operation_status: Literal["success", "failure", "in_progress"] | None = None
    update_time: datetime | None = None


class FieldValue(ApiAnswer):
    """One option of a select field."""

    value: str
    display_value: str


class FieldMetadata(ApiAnswer):
    """A field as the CRM describes it."""

    field_name: str
    display_name: str
    value_type: ValueType
    provider_type: str
    read_only: bool | None = None
    is_custom: bool | None = None
    is_required: bool | None = None
    reference_to: list[str] | None = None
    values: list[FieldValue] | None = None


class ObjectMetadata(ApiAnswer):
    """An object as the CRM describes it."""

    name: str
    display_name: str
    fields: dict[str, FieldMetadata]
    mapped_object_name: str | None = None


class UpsertedField(ApiAnswer):
    """What became of one custom field."""

    field_name: str
    action: Literal["create", "update", "none"]
    metadata: dict[str, Any] | None = None
    warnings: list[str] | None = None


class MetadataUpsert(ApiAnswer):
    """What became of all fields, by object and field."""

    success: bool
    fields: dict[str, dict[str, UpsertedField]]


class ProviderApp(ApiAnswer):
    """The OAuth app through which customers connect."""

    id: str
    project_id: str
    provider: str
    client_id: str
    create_time: datetime


class SignedUrl(ApiAnswer):
    """Where a deployment's zip is uploaded to."""

    url: str
    bucket: str
    path: str


class SearchEntry(ApiAnswer):
    """One record that a search found."""

    fields: dict[str, Any]
    mapped_fields: dict[str, Any]
    raw: dict[str, Any]


class SearchAnswer(ApiAnswer):
    result: list[SearchEntry]
