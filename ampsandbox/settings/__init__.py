"""What people set: `sandbox.yaml`, environment variables and `.env`, and references to credentials."""

from __future__ import annotations

from ampsandbox.settings.engine import Durability, EngineSettings
from ampsandbox.settings.loading import (
    Settings,
    SettingsFinding,
    SettingsInvalidError,
    load_settings,
    load_variables,
    read_connection,
    read_typed_connection,
)

__all__ = [
    "Durability",
    "EngineSettings",
    "Settings",
    "SettingsFinding",
    "SettingsInvalidError",
    "load_settings",
    "load_variables",
    "read_connection",
    "read_typed_connection",
]
