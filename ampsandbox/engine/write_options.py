"""What a request of today's API says of a write beyond its record; kept in the journal beside it."""

from __future__ import annotations

from typing import Any

import msgspec


class WriteOptions(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """How the request to the CRM that carries a write differs from an ordinary one.

    A single write has all of them; of a batch that was sent as one request, the batch has what concerns the
    request and each write what concerns its record (`associations`, `only_if_empty`, `keeps_answer`).

    Attributes:
        associations: HubSpot's associations of a record, as they were sent.
        only_if_empty: Fields, by the CRM's names, that are sent only where the record has no value yet.
        keeps_answer: Whether the CRM's answer to a successful write is kept: the app gets it as `data`.
        headers: Headers for Salesforce, which win over the client's own.
        is_whole: Whether the writes of the batch go to the CRM in one request and share its refusal.
        all_or_none: Whether the CRM takes all records of the batch or none.
        flush_size: An auto-batch is flushed at so many writes; 0 for every other batch.
        retry_s: For so many seconds a transient error is retried, 0 for one try; None for the engine's own.
        object_name: What the app called the object, which may be a mapped name.
    """

    associations: tuple[dict[str, Any], ...] = ()
    only_if_empty: tuple[str, ...] = ()
    keeps_answer: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    is_whole: bool = False
    all_or_none: bool = False
    flush_size: int = 0
    retry_s: float | None = None
    object_name: str = ""


DEFAULT = WriteOptions()
"""Those of a write through an endpoint of the 2023 format."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(WriteOptions).decode


def encode_options(options: WriteOptions) -> bytes | None:
    """Options as the journal keeps them; None for the default ones."""
    return None if options is DEFAULT or options == DEFAULT else _encode(options)


def decode_options(stored: bytes | None) -> tuple[WriteOptions, str]:
    """Stored options, or the default ones and what is wrong with those that are stored."""
    try:
        return DEFAULT if stored is None else _decode(stored), ""
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        return DEFAULT, f"its options cannot be read: {error}"
