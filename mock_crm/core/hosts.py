"""The host names that real clients call, by provider: what the mock's certificate and proxy answer for."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

DOMAINS: Final = {
    "salesforce": ("salesforce.com", "force.com"),
    "hubspot": ("hubapi.com", "hubspot.com"),
}
"""The domains below which every host is the provider's."""

PROVIDERS: Final = tuple(DOMAINS)

LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "::1")

# A wildcard covers one label only, so the depths at which Salesforce has hosts are listed one by one:
# login.salesforce.com, acme.my.salesforce.com, acme--uat.sandbox.my.salesforce.com.
_SALESFORCE_NAMES: Final = (
    "login.salesforce.com",
    "test.salesforce.com",
    "*.salesforce.com",
    "*.my.salesforce.com",
    "*.sandbox.my.salesforce.com",
    "*.develop.my.salesforce.com",
    "*.scratch.my.salesforce.com",
    "*.trailblaze.my.salesforce.com",
    "*.lightning.force.com",
)
_HUBSPOT_NAMES: Final = ("api.hubapi.com", "*.hubapi.com", "app.hubspot.com", "*.hubspot.com")

CERTIFICATE_NAMES: Final = (*LOCAL_NAMES, *_SALESFORCE_NAMES, *_HUBSPOT_NAMES)
"""What the development certificate is made out to."""


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_provider_host(provider: str, host: str) -> bool:
    """Tell whether a host name, without port, belongs to a provider; case does not matter."""
    return is_below(DOMAINS[provider], host)


def is_below(domains: Iterable[str], host: str) -> bool:
    """Tell whether a host name, without port, is one of the domains or below one; case does not matter."""
    name = host.lower().rstrip(".")
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)
