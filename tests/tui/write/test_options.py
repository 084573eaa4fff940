"""What a request of today's format says beside its record, as lines of the form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.tui.forms.draft import Draft, from_texts
from ampsandbox.tui.forms.model import FormModel
from ampsandbox.tui.forms.options import RequestOption, options_of
from ampsandbox.tui.forms.target import targets

MANIFEST = """\
specVersion: 1.0.0
integrations:
  - name: walrus
    provider: {provider}
    write:
      objects:
        - objectName: contacts
"""
LINK = {"to": {"id": "201"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]}


def model(type_: str = "create", provider: str = "hubspot") -> FormModel:
    manifest = parse_manifest(MANIFEST.format(provider=provider), "amp.yaml").manifest
    (target,) = targets(manifest)
    return FormModel(target.of_type(type_))


def named(provider: str, draft: Draft) -> dict[str, RequestOption]:
    return {option.field.name.removeprefix("· "): option for option in options_of(provider, draft)}


def typed(provider: str = "hubspot", **texts: str) -> Draft:
    """A draft in which these options were typed, one after the other."""
    draft = Draft("acme", values={"email": "a@example.com"}, type="create")
    for name, text in texts.items():
        named(provider, draft)[name].keep(draft, text)
    return draft


RECORD = {"email": "a@example.com"}
HEAD = {"groupRef": "acme", "type": "create"}


@pytest.mark.parametrize(
    ("provider", "texts", "body"),
    [
        ("hubspot", {}, {"record": RECORD}),
        ("hubspot", {"associations": "201:279"}, {"record": RECORD, "associations": [LINK]}),
        (
            "hubspot",
            {"batch": "2", "allOrNone": "true", "associations": "201:279"},
            {"batch": [{"record": RECORD, "associations": [LINK]}] * 2, "batchPolicy": {"allOrNone": True}},
        ),
        (
            "hubspot",
            {"mode": "asynchronous", "deadlineHours": "4"},
            {"record": RECORD, "mode": "asynchronous", "retryPolicy": {"deadlineHours": 4}},
        ),
        (
            "salesforce",
            {"mode": "asynchronous", "maxDelayMinutes": "5", "headers": "Sforce-Call-Options: c=x | A: b"},
            {
                "record": RECORD, "mode": "asynchronous", "autoBatchPolicy": {"maxDelayMinutes": 5},
                "headers": [{"key": "Sforce-Call-Options", "value": "c=x"}, {"key": "A", "value": "b"}],
            },
        ),
    ],
    ids=["single", "associations", "batch", "asynchronous", "auto-batch"],
)  # fmt: skip
def test_options_become_members_of_the_body_and_are_read_from_it(
    provider: str, texts: dict[str, str], body: dict[str, Any]
) -> None:
    form, draft = model(provider=provider), typed(provider, **texts)
    assert form.body(draft) == HEAD | body
    assert form.problems(draft).keys() <= {"groupRef"}
    again = form.read(json.dumps(HEAD | body))
    assert (again.rest, again.batch, again.type) == (draft.rest, draft.batch, "create")
    kept = from_texts(draft.texts())
    assert (kept.rest, kept.batch, kept.type) == (draft.rest, draft.batch, "create")


def test_a_delete_names_its_record_and_nothing_else() -> None:
    draft = typed(batch="3", mode="asynchronous", associations="201:279")
    named("hubspot", draft)["type"].keep(draft, "delete")
    draft.primary_key = "77"
    assert list(named("hubspot", draft)) == ["type"]
    assert model("delete").body(draft) == {"groupRef": "acme", "type": "delete", "record": {"id": "77"}}


def test_an_option_goes_when_what_it_belongs_to_goes() -> None:
    draft = typed(mode="asynchronous", maxDelayMinutes="5")
    assert "batch" not in named("hubspot", draft)
    named("hubspot", draft)["mode"].keep(draft, "synchronous")
    assert draft.rest == {"mode": "synchronous"}
    draft = typed(batch="2", allOrNone="true")
    named("hubspot", draft)["batch"].keep(draft, "")
    assert draft.rest == {}


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ({"batch": "101"}, "a whole number from 1 to 100"),
        ({"mode": "asynchronous", "deadlineHours": "49"}, "a whole number from 1 to 48"),
        ({"associations": "201"}, "such as 201:279"),
    ],
)
def test_what_the_api_would_refuse_is_said_under_the_line(texts: dict[str, str], problem: str) -> None:
    draft = typed(**texts)
    option = named("hubspot", draft)[list(texts)[-1]]
    assert option.show(draft) == list(texts.values())[-1]
    assert problem in option.check(option.show(draft))


def test_records_that_differ_stay_json() -> None:
    with pytest.raises(ValueError, match="differ"):
        model().read(
            '{"groupRef": "a", "type": "create", "batch": [{"record": {"a": 1}}, {"record": {"a": 2}}]}'
        )
