"""Where notifications go."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ampsandbox.secrets import Secret


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Where notifications go. `secret` signs them; without one they go unsigned."""

    url: str
    secret: Secret | None = None

    @property
    def shown_url(self) -> str:
        """The URL without what may be a secret in it."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "", ""))
