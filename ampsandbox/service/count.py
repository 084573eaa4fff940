"""Numbers that verbs take, with the range that every front checks."""

from __future__ import annotations

from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
"""How many, or after which one: what the journal can count with."""
