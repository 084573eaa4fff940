"""What the standard objects do and ask beyond their describe (evidence/salesforce.md#objects, [M])."""

from __future__ import annotations

from mock_crm.salesforce.standard_objects import activities, campaigns, files, people, sales, service
from mock_crm.salesforce.standard_objects.behaviour import Behaviour

_NOTHING = Behaviour()
_BEHAVIOURS: dict[str, Behaviour] = {
    name: behaviour
    for module in (activities, campaigns, files, people, sales, service)
    for name, behaviour in module.BEHAVIOURS.items()
}


def behaviour_of(name: str) -> Behaviour:
    """How the records of an object behave, by its API name."""
    return _BEHAVIOURS.get(name, _NOTHING)
