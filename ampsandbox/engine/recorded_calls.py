"""What was asked of a sandbox from outside, for recording a session and doing it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec


class RecordedCall(msgspec.Struct, frozen=True):
    """One call of the facade: the method's name, its arguments as JSON has them, and when."""

    at: datetime
    call: str
    arguments: dict[str, Any]


CallObserver = Callable[[RecordedCall], None]
