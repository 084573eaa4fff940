"""Events as they are stored."""

from __future__ import annotations

from typing import get_args

from ampsandbox.events import AnyEvent, Event


def test_every_kind_of_event_can_be_read_again() -> None:
    kinds = {Event}
    while more := {each for kind in kinds for each in kind.__subclasses__()} - kinds:
        kinds |= more
    assert {kind for kind in kinds if not kind.__subclasses__()} == set(get_args(AnyEvent))
