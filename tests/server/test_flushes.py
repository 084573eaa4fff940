"""What becomes of a batch, from the endpoint to the records of a mock CRM."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ampsandbox.testing import Sandbox

SAMPLE = Path(__file__).parent.parent.parent / "sample_configs" / "mailmonkey.yaml"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SAMPLE) as running:
        yield running


@pytest.mark.parametrize("wrong", ["lots", [1], {"a": 1}])
def test_a_value_of_the_wrong_kind_fails_its_own_write_and_spares_the_batch(
    sandbox: Sandbox, wrong: Any
) -> None:
    for name in ("Ann", "Bob", "Kjær"):
        more = {"numberOfEmployees": wrong} if name == "Bob" else {}
        sandbox.send("create-lead", {"lastName": name, "company": "Big Co."} | more)
    sandbox.advance(minutes=2)
    leads = sandbox.crm("demo", "mailmonkey-salesforce").records("Lead")
    assert [lead["LastName"] for lead in leads] == ["Ann", "Kjær"]
    [letter] = sandbox.dead_letters
    assert letter.fields["lastName"] == "Bob"
    assert letter.errors[0].code == "JSON_PARSER_ERROR"
