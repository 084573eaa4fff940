"""The receiver of webhooks, and its URL as it may be shown."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import msgspec

from ampsandbox.secrets import Secret


class WebhookTarget(msgspec.Struct, frozen=True):
    """Where notifications go. `secret` signs them; without one they go unsigned."""

    url: str
    secret: Secret | None = None

    @property
    def shown_url(self) -> str:
        """The URL without what may be a secret in it."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "", ""))
