"""What a front asks for when it hands over a write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ampsandbox.engine.write_options import DEFAULT, WriteOptions
from ampsandbox.manifest.model import Integration, Mode, WriteObject


class WriteCommand(msgspec.Struct, frozen=True):
    """One write, from the endpoint that took it to the journal that keeps it.

    Attributes:
        integration: The integration whose CRM is written to.
        item: The object, as the manifest in force defines it.
        mode: Whether a record is inserted, updated or deleted.
        group: The customer.
        fields: The values, under the manifest's names.
        primary_key: The CRM's id of the record to update or delete; None for an insert.
        options: What the request says beyond the record. With `retry_s` the write is delivered in the
            background; without, the caller waits for its outcome, unless a schedule holds it back.
        auto_batch_s: For so many seconds it may wait for others to be sent with; None sends it alone.
    """

    integration: Integration
    item: WriteObject
    mode: Mode
    group: str
    fields: Mapping[str, Any]
    primary_key: str | None = None
    options: WriteOptions = DEFAULT
    auto_batch_s: float | None = None


class BatchRecord(msgspec.Struct, frozen=True):
    """One record of a batch command; the members are those of `WriteCommand`."""

    fields: Mapping[str, Any]
    primary_key: str | None = None
    options: WriteOptions = DEFAULT


class BatchCommand(msgspec.Struct, frozen=True):
    """Several writes that came as one request and go to the CRM as one.

    Attributes:
        records: What is written, in order.
        options: What concerns the request as a whole; `retry_s` as in `WriteCommand`.
    """

    integration: Integration
    item: WriteObject
    mode: Mode
    group: str
    records: Sequence[BatchRecord]
    options: WriteOptions
