"""The stages of opportunities in a new org."""

from __future__ import annotations

from typing import NamedTuple


class Stage(NamedTuple):
    """One stage; `probability` in percent."""

    name: str
    is_closed: bool
    is_won: bool
    probability: float
    forecast_category: str
    forecast_category_name: str


STAGES = (
    Stage("Prospecting", False, False, 10.0, "Pipeline", "Pipeline"),
    Stage("Qualification", False, False, 10.0, "Pipeline", "Pipeline"),
    Stage("Needs Analysis", False, False, 20.0, "Pipeline", "Pipeline"),
    Stage("Value Proposition", False, False, 50.0, "Pipeline", "Pipeline"),
    Stage("Id. Decision Makers", False, False, 60.0, "Pipeline", "Pipeline"),
    Stage("Perception Analysis", False, False, 70.0, "Pipeline", "Pipeline"),
    Stage("Proposal/Price Quote", False, False, 75.0, "Pipeline", "Pipeline"),
    Stage("Negotiation/Review", False, False, 90.0, "Pipeline", "Pipeline"),
    Stage("Closed Won", True, True, 100.0, "Closed", "Closed"),
    Stage("Closed Lost", True, False, 0.0, "Omitted", "Omitted"),
)
