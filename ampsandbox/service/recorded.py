"""Verbs that change something are written to the recording of the session, if there is one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Mapping
from contextvars import ContextVar
from functools import wraps
from typing import Any, ClassVar, Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# Who listens to the steps of an installation, and what a manifest's text was read as: a replay has its own.
# Its orgs are all mocks, whatever they were in the session.
_LEFT_OUT = frozenset({"on_step", "result", "connection"})

_is_within: ContextVar[bool] = ContextVar("is_within_recorded_call", default=False)


class CallRecorder(Protocol):
    """Where calls go that `recorded` marks, once they succeeded."""

    def record(self, call: str, arguments: Mapping[str, Any]) -> None:
        """Write one call, such as `batches.flush`, with its arguments."""


class _Context(Protocol):
    @property
    def recorder(self) -> CallRecorder | None: ...


class _Group(Protocol):
    name: ClassVar[str]

    @property
    def context(self) -> _Context: ...


G = TypeVar("G", bound=_Group)
Verb = Callable[Concatenate[G, P], Coroutine[Any, Any, T]]


def recorded(verb: Verb[G, P, T]) -> Verb[G, P, T]:
    """Record each call of a verb before it is carried out, refused ones too: a replay refuses them again.

    What a verb calls on its way to its end is not recorded, since the replay comes to it by itself. A leading
    underscore is not part of the recorded name.
    """
    signature = inspect.signature(verb)
    method = verb.__name__.lstrip("_")

    @wraps(verb)
    def call(group: G, /, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        recorder = group.context.recorder
        if recorder is None or _is_within.get():
            return verb(group, *args, **kwargs)
        given = signature.bind(group, *args, **kwargs).arguments
        arguments = {name: value for name, value in list(given.items())[1:] if name not in _LEFT_OUT}
        return _carry_out(recorder, f"{group.name}.{method}", arguments, verb(group, *args, **kwargs))

    call.is_recorded = True  # type: ignore[attr-defined]
    return call


async def _carry_out(
    recorder: CallRecorder, name: str, arguments: Mapping[str, Any], work: Coroutine[Any, Any, T]
) -> T:
    recorder.record(name, arguments)
    token = _is_within.set(True)
    try:
        return await work
    finally:
        _is_within.reset(token)
