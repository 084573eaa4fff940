"""Verbs whose callers wait for a CRM: a clock that stands still moves on as far as its answer takes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from ampsandbox.clock import Clock

P = ParamSpec("P")
T = TypeVar("T")


class _Context(Protocol):
    @property
    def clock(self) -> Clock: ...


class _Group(Protocol):
    @property
    def context(self) -> _Context: ...


G = TypeVar("G", bound=_Group)
Verb = Callable[Concatenate[G, P], Coroutine[Any, Any, T]]


def awaited(verb: Verb[G, P, T]) -> Verb[G, P, T]:
    """Carry a verb out with `Clock.carry`."""

    @wraps(verb)
    def call(group: G, /, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        return group.context.clock.carry(verb(group, *args, **kwargs))

    return call
