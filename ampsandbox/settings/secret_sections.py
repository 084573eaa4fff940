"""The sections of `sandbox.yaml` that name secrets, as pydantic models. Import it only to read one."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, field_validator

from ampsandbox.settings.connections import AnyConnection, SecretReference
from ampsandbox.settings.credentials import Webhook


class WebhookEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    url: str
    secret: SecretReference | None = None

    @field_validator("url")
    @classmethod
    def _http(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("The URL of a webhook begins with http:// or https:// and a host")
        return url

    def webhook(self) -> Webhook:
        return Webhook(self.url, self.secret)


class SecretSections(BaseModel):
    connections: list[AnyConnection] = []
    webhooks: list[WebhookEntry] = []
