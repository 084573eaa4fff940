"""Providers and their modules: whether they support the actions, after Ampersand's catalogue."""

from __future__ import annotations

from ampsandbox.errors import nearest
from ampsandbox.manifest.model import Dialect, Integration, Manifest
from ampsandbox.manifest.provider_catalog import provider_catalog
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.report import Report
from ampsandbox.manifest.value_reader import did_you_mean, misspells


def check(manifest: Manifest, report: Report) -> None:
    """Report modules and actions that the catalogue does not have. The 2023 format had two providers."""
    if manifest.dialect is not Dialect.V1:
        return
    for integration in manifest.integrations:
        _check_integration(integration, report)


def _check_integration(integration: Integration, report: Report) -> None:
    catalog = provider_catalog()
    provider = catalog.providers.get(integration.provider)
    if provider is None:
        return
    supported = provider.actions
    whose = provider.display_name
    if integration.module is not None and integration.module in provider.modules:
        supported = provider.modules[integration.module]
        whose = f"The module {shown(integration.module)} of {provider.display_name}"
    elif integration.module is not None:
        near = nearest(integration.module, provider.modules)
        is_typo = near is not None and misspells(integration.module, near)
        position = integration.positions["module"]
        message = f"{provider.display_name} has no module {shown(integration.module)}."
        has = f"It has {', '.join(provider.modules)}." if provider.modules else "It has none: leave it out."
        fix = report.replacement(position, integration.module, near) if near and is_typo else None
        report.add("provider-module", position, message, did_you_mean(near) or has, fix, is_typo=is_typo)
    is_proxied = integration.proxy is not None and integration.proxy.is_enabled
    for action in integration.actions:
        is_asked = is_proxied if action == "proxy" else action in ("read", "write", "subscribe")
        if is_asked and action not in supported:
            message = f"{whose} does not support `{action}`, says Ampersand's catalogue of {catalog.date}."
            report.add(f"provider-capability-{action}", integration.positions[action], message)
