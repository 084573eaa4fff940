"""Fixtures for every test: one event loop backend, and no way out of this machine."""

from __future__ import annotations

import gc
import ipaddress
import socket
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Every run tries the same examples and no machine is too slow for them: a failure is the code's doing.
# `scripts/test --hypothesis-profile=explore` looks for new ones.
settings.register_profile(
    "repeat", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile(
    "explore", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=1000
)
settings.register_profile(
    "few", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, max_examples=10
)
settings.load_profile("repeat")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing that is collected goes away again: to look for what could takes a tenth of the time.

    Nor is it looked through later, by each full pass during the tests and by pytest's three at the end.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what is slow by nature first: at the end it would keep one core busy while others have nothing."""
    slow = ("slow", "terminal", "client")
    items.sort(key=lambda item: not any(map(item.get_closest_marker, slow)))


@pytest.fixture(scope="session", autouse=True)
def _rare_collections() -> Iterator[None]:
    """Full garbage collections go through all that pytest and the libraries hold: make them rare."""
    kept = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    yield
    gc.set_threshold(*kept)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave the machine, so that no test depends on a network."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0]
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"A test tried to reach {host}.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
