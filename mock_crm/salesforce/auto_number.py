"""Auto numbers: the next one in the format that its field asks for."""

from __future__ import annotations

import re
from datetime import datetime

from mock_crm.salesforce.model import Field

_STANDARD = "{00000000}"
_PLACE = re.compile(r"\{(0+|YYYY|YY|MM|DD)\}")


def format_number(field: Field, number: int, at: datetime) -> str:
    """The auto number in the field's display format, such as `INV-{YYYY}-{0000}`; eight digits by default."""

    def filled(place: re.Match[str]) -> str:
        kind = place.group(1)
        dates = {"YYYY": f"{at:%Y}", "YY": f"{at:%y}", "MM": f"{at:%m}", "DD": f"{at:%d}"}
        return dates.get(kind) or str(number).zfill(len(kind))

    return _PLACE.sub(filled, field.display_format or _STANDARD)
