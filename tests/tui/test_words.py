"""What is typed into the clock, the filter and the form, and what comes of it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ampsandbox.errors import UsageError
from ampsandbox.tui.backend.views import SchemaView
from ampsandbox.tui.forms.draft import Draft, from_texts
from ampsandbox.tui.forms.fake_values import FakeValues
from ampsandbox.tui.forms.fields import FormField
from ampsandbox.tui.forms.model import FormModel
from ampsandbox.tui.forms.seeds import parse_rows
from ampsandbox.tui.forms.target import targets
from ampsandbox.tui.forms.templates import expand, expand_draft
from ampsandbox.tui.text.truncate import fit_ends, fit_name, fit_words
from ampsandbox.tui.text.words import countdown, parse_moment, speed_label

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 hours", "2026-03-02 14:00"),
        ("in 90m", "2026-03-02 13:30"),
        ("+1d 2h", "2026-03-03 14:00"),
        ("1 week", "2026-03-09 12:00"),
        ("tomorrow", "2026-03-03 00:00"),
        ("tomorrow 9:00", "2026-03-03 09:00"),
        ("tomorrow at noon", "2026-03-03 12:00"),
        ("friday 5pm", "2026-03-06 17:00"),
        ("next monday", "2026-03-09 00:00"),
        ("15:30", "2026-03-02 15:30"),
        ("9:00", "2026-03-03 09:00"),
        ("midnight", "2026-03-03 00:00"),
        ("2026-12-01 09:00", "2026-12-01 09:00"),
        ("2026-12-01T09:00:00+02:00", "2026-12-01 07:00"),
    ],
)
def test_moments_are_given_in_words(text: str, expected: str) -> None:
    assert f"{parse_moment(text, NOW):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(
    "text", ["", "soon", "2 parsecs", "25:00", "13pm", "tomorrow 99:00", "9" * 400 + " days", "2020-01-01"]
)
def test_other_words_are_refused_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_moment(text, NOW)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-1, "due"), (0, "due"), (59, "00:59"), (252, "04:12"), (3852, "1:04:12"), (187_200, "2d 04h")],
)
def test_a_countdown_is_short(seconds: int, expected: str) -> None:
    assert countdown(timedelta(seconds=seconds)) == expected


def test_speeds_have_names() -> None:
    assert [speed_label(speed) for speed in (0, 1, 60.0, 3600)] == ["frozen", "×1", "×60", "×3600"]


def model(backend: FakeBackend, endpoint: str) -> FormModel:
    target = next(item for item in targets(backend.loaded.manifest) if item.item.endpoint == endpoint)
    return FormModel(
        target, SchemaView("Account", "Account", backend.fields, {"warmthscore": "WarmthScore__c"})
    )


def test_an_insert_starts_with_required_custom_and_everyday_fields(backend: FakeBackend) -> None:
    names = [field.name for field in model(backend, "create-account").starters()]
    assert names[0] == "name"
    assert "phone" in names
    assert "id" not in names


def test_an_update_needs_its_primary_key_and_nothing_else(backend: FakeBackend) -> None:
    form = model(backend, "add-warmth-score")
    assert [field.name for field in form.starters()] == ["warmthScore"]
    assert form.problems(Draft("demo", values={"warmthScore": "hot"})) == {
        "primaryKey": "needed: which record? down lists them"
    }
    assert form.body(Draft("demo", "003", {"warmthScore": "7"})) == {
        "groupId": "demo", "primaryKey": "003", "fields": {"warmthScore": "7"},
    }  # fmt: skip


def test_values_become_json_of_their_type(backend: FakeBackend) -> None:
    body = model(backend, "create-account").body(
        Draft("demo", values={"name": "007", "numberOfEmployees": "12", "isActive": "true", "phone": ""})
    )
    assert body["fields"] == {"name": "007", "numberOfEmployees": 12, "isActive": True}


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("numberOfEmployees", "many", "not a number"),
        ("isActive", "maybe", "true or false"),
        ("industry", "Piracy", "not one of the 3 values of the pick list"),
        ("phone", "1" * 41, "41 characters, 40 fit"),
    ],
)
def test_problems_are_named(backend: FakeBackend, name: str, text: str, problem: str) -> None:
    assert (
        model(backend, "create-account").problems(Draft("demo", values={"name": "x", name: text}))[name]
        == problem
    )


def test_an_unknown_field_is_sent_so_that_the_crm_can_refuse_it(backend: FakeBackend) -> None:
    body = model(backend, "create-account").body(Draft("demo", values={"nope": "1"}))
    assert body["fields"] == {"nope": "1"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "line 1, column 2"),
        ('{\n  "a": 1\n  "b": 2\n}', "line 3, column 3"),
        ("[]", "not an object"),
        ('{"fields": 1}', "“fields” is not an object"),
        ('{"fields": {"n": NaN}}', "NaN is no JSON"),
        ('{"fields": {"n": 1e999}}', "too large"),
        ('{"fields": {"n": 1, "n": 2}}', "“n” is there twice"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_body_that_the_form_cannot_hold_says_why_and_where(
    backend: FakeBackend, text: str, why: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        model(backend, "create-account").read(text)


BODIES: list[dict[str, Any]] = [
    {"groupId": "a", "fields": {"numberOfEmployees": 2, "name": "x"}},
    {"groupId": "a", "fields": {"name": None, "phone": "", "numberOfEmployees": "12", "nope": 1.5}},
    {
        "groupId": 7,
        "fields": {"name": {"first": ["Ada", None]}, "isActive": True},
        "associations": [{"to": 1}],
    },
    {"fields": {"name": "Ünï\u202e\ud800 日本\n語", "industry": 3}},
    {"groupId": "a", "primaryKey": "1", "fields": {}},
    {"groupId": "a", "primaryKey": 5, "fields": {"warmthScore": 7, "x": "7"}},
]


@pytest.mark.parametrize("endpoint", ["create-account", "add-warmth-score"])
@pytest.mark.parametrize("body", BODIES)
def test_nothing_of_a_body_is_lost_on_its_way_through_the_form_and_the_memory(
    backend: FakeBackend, body: dict[str, Any], endpoint: str
) -> None:
    form = model(backend, endpoint)
    draft = form.with_starters(form.read(json.dumps(body)))
    assert form.body(draft) == body
    again = from_texts(json.loads(json.dumps(draft.texts())))
    again.group, again.head = draft.group, draft.head  # kept by no memory: they are the session's
    assert form.body(form.with_starters(again)) == body


def test_a_value_typed_in_the_form_takes_the_place_of_what_was_typed_as_json(backend: FakeBackend) -> None:
    form = model(backend, "create-account")
    draft = form.read('{"groupId": "a", "fields": {"name": null, "phone": 5}}')
    draft.values["phone"] = "6"
    assert form.body(draft)["fields"] == {"name": None, "phone": "6"}


def test_a_custom_field_that_is_no_string_is_named(backend: FakeBackend) -> None:
    form = model(backend, "add-warmth-score")
    draft = form.read('{"groupId": "a", "primaryKey": "1", "fields": {"warmthScore": 7}}')
    assert form.problems(draft) == {"warmthScore": "a custom field takes a string"}


@pytest.mark.parametrize(
    ("kind", "text", "is_right"),
    [
        ("date", "2026-12-31", True),
        ("date", "tomorrow", False),
        ("datetime", "2026-12-31T09:00:00Z", True),
        ("datetime", "1767225600000", True),
        ("datetime", "9:00", False),
        ("int", "{{n}}", True),
    ],
)
def test_dates_are_checked_and_placeholders_are_not(kind: str, text: str, is_right: bool) -> None:
    assert (FormField("x", type=kind).problem(text) == "") is is_right


@pytest.mark.parametrize(
    ("name", "room", "shown"),
    [
        ("numberOfEmployees", 20, "numberOfEmployees"),
        ("numberOfEmployees", 12, "numberOf…"),
        ("annual_revenue_now", 15, "annual_revenue…"),
        ("xxxxxxxxxxxx", 6, "xxxxx…"),
        ("日本語日本語", 5, "日本…"),
    ],
)
def test_names_are_cut_between_their_words(name: str, room: int, shown: str) -> None:
    assert fit_name(name, room) == shown
    assert fit_ends("create-account-number-3-44", 16) == "create…-3-44"
    assert fit_ends("mailMonkeyCampaigns", 17) == "mailMonkey…"
    assert fit_ends("MailMonkey for HubSpot", 19) == "MailMonkey for Hub…"
    assert fit_ends("webinar-walrus-salesforce/Contact", 22) == "webinar-walru…/Contact"
    assert fit_ends("short", 9) == "short"
    assert fit_words("the CRM id of the record", 15) == "the CRM id of…"


def test_templates_differ_with_every_write_and_repeat_with_the_seed() -> None:
    def texts() -> list[Any]:
        fake = FakeValues()
        found = []
        for n in (1, 2):
            fake.next_person()
            found.append(expand({"a": "{{n}} {{email}}", "b": ["{{ firstName }}"], "c": 1}, n, fake))
        return found

    first, second = texts()
    assert first["a"].startswith("1 ")
    assert "@" in first["a"]
    assert first != second
    assert texts() == [first, second]


def test_a_placeholder_becomes_a_number_where_the_field_is_one(backend: FakeBackend) -> None:
    form = model(backend, "create-account")
    draft = form.read('{"groupId": "a", "fields": {"name": ["{{n}}"], "phone": "{{n}}"}}')
    draft.values["numberOfEmployees"] = "{{n}}"
    body = form.body(expand_draft(draft, 3, FakeValues()))
    assert body["fields"] == {"name": ["3"], "phone": "3", "numberOfEmployees": 3}


def test_fake_values_fit_the_field() -> None:
    fake = FakeValues()
    assert "@" in fake.value(FormField("Email", type="email"))
    assert fake.value(FormField("x", options=("a", "b"))) in ("a", "b")
    assert fake.value(FormField("AnnualRevenue", type="currency")).isdigit()
    assert len(fake.value(FormField("name", length=3))) <= 3
    assert fake.value(FormField("when", type="date"))[:4] == "2026"


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("Name,Phone\nA,1\n", ".csv"),
        ('[{"Name": "A", "Phone": "1"}]', ".json"),
        ("- Name: A\n  Phone: '1'\n", ".yaml"),
    ],
)
def test_rows_are_read_from_three_kinds_of_file(text: str, suffix: str) -> None:
    assert parse_rows(text, suffix) == [{"Name": "A", "Phone": "1"}]


@pytest.mark.parametrize(
    ("text", "suffix"), [("{}", ".json"), ("{", ".json"), ("a: [", ".yml"), ("x", ".xlsx")]
)
def test_other_files_are_refused(text: str, suffix: str) -> None:
    with pytest.raises(UsageError):
        parse_rows(text, suffix)
