"""The places that refusals name: as the JSON module finds them, and found in what it does not take."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_crm.hubspot.json_positions import kind_at, members, value_end

_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
_containers = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.lists(_containers, max_size=3) | st.dictionaries(st.text(max_size=3), _containers, max_size=3))
def test_each_member_is_the_text_of_its_value(value: list[object] | dict[str, object]) -> None:
    text = json.dumps(value, indent=1)
    found = [json.loads(text[member.start : member.end]) for member in members(text, 0)]
    assert found == list(value.values() if isinstance(value, dict) else value)
    assert value_end(text, 0) == len(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("{}", "object"), ("[1]", "array"), ('"a"', "str"), ("true", "bool"), ("null", "null"), ("-1", "int"),
     ("1e3", "float"), ("0.5", "float")],
)  # fmt: skip
def test_the_kind_of_a_value_is_read_from_its_text(text: str, kind: str) -> None:
    assert kind_at(text, 0) == kind


@pytest.mark.parametrize("text", ['{"a', '{"a":', '{"a":1', '{"a":[', "[", "[1,", '["\\', "{:", "[,]", ""])
def test_what_ends_too_early_has_places_all_the_same(text: str) -> None:
    assert all(member.end <= len(text) for member in members(text, 0))
    assert value_end(text, 0) <= len(text)
