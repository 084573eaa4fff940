"""What a front asks for when it hands over a write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ampsandbox.manifest.model import Integration, Mode, WriteObject


class WriteCommand(msgspec.Struct, frozen=True):
    """One write, from the endpoint that took it to the journal that keeps it.

    Attributes:
        integration: The integration whose CRM is written to.
        item: The object, as the manifest in force defines it.
        mode: Whether a record is inserted or updated.
        group: The customer.
        fields: The values, under the manifest's names.
        primary_key: The CRM's id of the record to update; None for an insert.
        background_s: For so many seconds a transient error is retried in the background; None has the caller
            wait for the outcome of a write that no schedule holds back.
    """

    integration: Integration
    item: WriteObject
    mode: Mode
    group: str
    fields: Mapping[str, Any]
    primary_key: str | None = None
    background_s: float | None = None
