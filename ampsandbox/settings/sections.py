"""`sandbox.yaml` as pydantic models. Import it only to read a file: pydantic takes long to load."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator

from ampsandbox.settings.connections import AnyConnection, ConnectionEntry, SecretReference
from ampsandbox.settings.credentials import Webhook
from ampsandbox.settings.engine import EngineSettings

# Longer pauses than this lead out of the calendar.
_LONGEST_S = 366 * 86_400


class EngineSection(BaseModel):
    """How the engine delivers and retries; see `ampsandbox.settings.engine.EngineSettings`."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    parallel_requests: int | None = Field(None, ge=1, le=50)
    bulk_threshold: int | None = Field(None, ge=1)
    retry_deadline_s: float | None = Field(None, ge=0, le=_LONGEST_S)
    retry_base_s: float | None = Field(None, gt=0, le=_LONGEST_S)
    retry_cap_s: float | None = Field(None, gt=0, le=_LONGEST_S)
    immediate_deadline_s: float | None = Field(None, ge=0, le=_LONGEST_S)
    breaker_failures: int | None = Field(None, ge=1)
    breaker_pause_s: float | None = Field(None, gt=0, le=_LONGEST_S)
    time_zone: str | None = None

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        try:
            return name if name is None else ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"there is no time zone {name!r:.60}; write one such as Europe/Rome") from error

    def settings(self) -> EngineSettings:
        """The engine's settings, with its own defaults for what the file leaves out."""
        values: dict[str, Any] = self.model_dump(exclude_none=True)
        if "time_zone" in values:
            values["time_zone"] = ZoneInfo(values["time_zone"])
        return EngineSettings(**values)


class MocksSection(BaseModel):
    """How the mock orgs behave (`OrgSettings` of mock_crm), and the text fields they have of their own."""

    model_config = ConfigDict(extra="forbid")

    limits: bool | None = None
    permissions: Literal["real", "open"] | None = None
    edition: str | None = Field(None, validation_alias=AliasChoices("org_type", "tier", "edition"))
    state_and_country_picklists: bool | None = None
    logins: dict[str, str] | None = None
    clients: dict[str, str] | None = None
    tokens: tuple[str, ...] | None = None
    search_lag_s: float | None = Field(
        None, ge=0, allow_inf_nan=False, validation_alias=AliasChoices("search_lag", "search_lag_s")
    )
    batch_order: Literal["shuffled", "input"] | None = None
    daily_requests: int | None = Field(None, ge=1)
    burst_requests: int | None = Field(None, ge=1)
    keep_history: bool | None = None
    custom_fields: dict[str, list[str]] = {}

    @field_validator("limits", mode="before")
    @classmethod
    def _as_on_the_command_line(cls, value: Any) -> Any:
        """`limits: real` reads like `--limits real`; YAML itself turns `off` into False."""
        return True if value == "real" else value

    @field_validator("permissions", mode="before")
    @classmethod
    def _older_words(cls, value: Any) -> Any:
        """`strict` and `relaxed` are what `real` and `open` were called."""
        return {"strict": "real", "relaxed": "open"}.get(value, value) if isinstance(value, str) else value

    def options(self) -> dict[str, Any]:
        """What the file names of the org's settings."""
        return self.model_dump(exclude_none=True, exclude={"custom_fields"})


class WebhookEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    url: str
    secret: SecretReference | None = None

    @field_validator("url")
    @classmethod
    def _http(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the URL of a webhook begins with http:// or https:// and a host")
        return url

    def webhook(self) -> Webhook:
        return Webhook(self.url, self.secret)


class SandboxFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    engine: EngineSection = EngineSection.model_validate({})
    mocks: MocksSection = MocksSection.model_validate({})
    connections: list[AnyConnection] = []
    webhooks: list[WebhookEntry] = []
    ids: dict[str, list[str]] = {}
    """By the name of the project or of an integration, what Ampersand's API may call it too."""

    @field_validator("engine", "mocks", "connections", "webhooks", "ids", mode="before")
    @classmethod
    def _empty_section(cls, content: Any, info: Any) -> Any:
        """A section without content, as a comment alone leaves it, sets nothing."""
        if content is None:
            return [] if info.field_name in ("connections", "webhooks") else {}
        return content

    @field_validator("ids", mode="before")
    @classmethod
    def _one_or_several(cls, content: Any) -> Any:
        """One id may stand without brackets."""
        if not isinstance(content, dict):
            return content
        return {name: value if isinstance(value, list) else [value] for name, value in content.items()}

    @field_validator("ids")
    @classmethod
    def _named_once(cls, content: dict[str, list[str]]) -> dict[str, list[str]]:
        owners: dict[str, str] = {}
        for name, given in content.items():
            for each in given:
                if not each or "/" in each:
                    raise ValueError(f"the id {each!r:.60} of {name!r:.60} is empty or holds a slash")
                if owners.setdefault(each, name) != name:
                    raise ValueError(f"the id {each!r:.60} stands for {owners[each]!r:.60} already")
        return content

    def entries(self) -> list[ConnectionEntry]:
        """The connections' entries, in the file's order."""
        return self.connections
