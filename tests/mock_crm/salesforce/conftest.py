"""`CONFORMANCE=write` makes these tests write the page that says which of them shows what."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_crm.core.conformance import literal
from mock_crm.salesforce import conformance
from mock_crm.salesforce.errors import SalesforceError
from mock_crm.salesforce.routes import Endpoints
from mock_crm.salesforce.routes.oauth.grants import OAuthError
from mock_crm.salesforce.soap.envelope import SoapFaultError

HERE = Path(__file__).parent
PLACE = re.compile(r"\\\{\w+\\\}")
RANDOM = ("test_fuzz.py", "test_hostile_requests.py", "test_random_requests.py")


class Seen:
    """What the tests made the mock do."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.refused: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    def shown(self) -> dict[tuple[str, str], str]:
        found = {key: ", ".join(sorted(files)) for key, files in self.files.items()}
        for refusal in conformance.refusals_listed():
            pattern = re.compile(PLACE.sub(".*", re.escape(refusal.message)), re.DOTALL)
            tests = [
                test
                for message, tests in self.refused[refusal.code].items()
                if pattern.fullmatch(message)
                for test in tests
            ]
            if tests:
                found[refusal.code, literal(refusal.message)] = min(tests, key=_fitness)
        return found


def _fitness(test: str) -> tuple[bool, str]:
    """Tests that are about refusals say most."""
    return "refus" not in test and "fault" not in test, test


@pytest.fixture(scope="session")
def seen() -> Iterator[Seen | None]:
    if os.environ.get("CONFORMANCE") != "write":
        yield None
        return
    seen = Seen()
    yield seen
    conformance.PATH.write_text(conformance.document(seen.shown()), encoding="utf-8")


@pytest.fixture(autouse=True)
def noted(seen: Seen | None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Note which endpoints and refusals the test comes by."""
    if seen is None or request.path.name in RANDOM:
        return
    file = request.path.relative_to(HERE).as_posix()
    test = f"{file}::{request.function.__name__}"
    find = Endpoints.find

    def found(self: Endpoints, method: str, segments: list[str]) -> Any:
        result = find(self, method, segments)
        if result is not None:
            seen.files[result[0].method, f"`{result[0].pattern}`"].add(file)
        return result

    monkeypatch.setattr(Endpoints, "find", found)
    for refusal in (SalesforceError, OAuthError, SoapFaultError):
        _note_made(refusal, seen, test, monkeypatch)


def _note_made(refusal: Any, seen: Seen, test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    init = refusal.__init__

    def noted(self: Any, code: str, message: str, *arguments: Any, **options: Any) -> None:
        init(self, code, message, *arguments, **options)
        seen.refused[code][message].append(test)

    monkeypatch.setattr(refusal, "__init__", noted)
