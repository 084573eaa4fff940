"""Bodies of write requests are checked whole, and every fault is named at once."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from ampsandbox.manifest.model import CustomField, Mode, ObjectKind, WriteObject
from ampsandbox.server.problems import Problem
from ampsandbox.server.write_requests import RequestChecker, WriteRequest

_CONTACT = WriteObject(
    "contact",
    ObjectKind.STANDARD,
    Mode.UPDATE,
    "add-warmth-score",
    custom_fields=(CustomField("warmthScore", "Warmth Score"), CustomField("a/b", "Slashed")),
)


def _check(body: Any, mode: Mode = Mode.UPDATE) -> WriteRequest | Problem:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RequestChecker(_CONTACT, mode).check(content)


def _issues(body: Any, mode: Mode = Mode.UPDATE) -> list[tuple[str, str]]:
    problem = _check(body, mode)
    assert isinstance(problem, Problem)
    assert problem.status == 400
    return [(issue.pointer, issue.detail) for issue in problem.issues]


def test_a_right_update_is_taken_as_it_is() -> None:
    body = {"groupId": "acme", "primaryKey": "003x", "fields": {"warmthScore": "hot", "age": 3}}
    assert _check(body) == WriteRequest("acme", "003x", {"warmthScore": "hot", "age": 3})


def test_an_insert_needs_no_primary_key() -> None:
    assert _check({"groupId": "acme", "fields": {}}, Mode.INSERT) == WriteRequest("acme", None, {})


def test_all_faults_are_named_at_once() -> None:
    pointers = [pointer for pointer, _ in _issues({"groupId": "", "fields": {"warmthScore": 7, "a/b": None}})]
    assert pointers == ["/groupId", "/primaryKey", "/fields/warmthScore", "/fields/a~1b"]


@pytest.mark.parametrize("value", [7, True, None, [], {}])
def test_a_custom_field_holds_only_strings(value: Any) -> None:
    body = {"groupId": "acme", "primaryKey": "003x", "fields": {"WARMTHSCORE": value}}
    assert [pointer for pointer, _ in _issues(body)] == ["/fields/WARMTHSCORE"]


@pytest.mark.parametrize("content", [[], 3, "text", None])
def test_a_body_that_is_no_object_is_named_so(content: Any) -> None:
    assert _issues(content)[0][0] == ""


@pytest.mark.parametrize("fields", [[], "x", None, 4])
def test_fields_must_be_an_object(fields: Any) -> None:
    assert _issues({"groupId": "a", "primaryKey": "b", "fields": fields})[0][0] == "/fields"


def test_todays_name_of_the_group_is_recognised() -> None:
    [(pointer, detail)] = _issues({"groupRef": "acme", "primaryKey": "b", "fields": {}})
    assert pointer == "/groupId"
    assert "groupRef" in detail


@pytest.mark.parametrize("text", [b"", b"{", b"{'a': 1}", b"\xff\xfe", b'{"groupId": NaN}', b"[" * 100_000])
def test_text_that_is_not_json_is_refused_with_the_place(text: bytes) -> None:
    problem = _check(text)
    assert isinstance(problem, Problem)
    assert problem.status == 400
    assert "JSON" in problem.detail


@pytest.mark.parametrize("place", ["groupId", "primaryKey", "fields", "name"])
def test_text_that_is_not_utf_8_is_refused_as_not_json(place: str) -> None:
    body = json.dumps({"groupId": "acme", "primaryKey": "003x", "fields": {"name": "x"}})
    problem = _check(body.encode().replace(f'"{place}"'.encode(), f'"{place}'.encode() + b'\xff"'))
    assert isinstance(problem, Problem)
    assert (problem.status, "JSON" in problem.detail) == (400, True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it is empty"),
        (b" \r\n", "it is empty"),
        (b'{"groupId": "acme", "fields": {"a": NaN}}', "NaN is not JSON"),
        (b'{"groupId": "acme", "fields": {"a": -Infinity}}', "-Infinity is not JSON"),
        (b'{"groupId": "acme", "fields": {"a": 1e999}}', "out of range"),
        (b'{"groupId": "acme", "fields": {"a": "\\ud83d"}}', "half of a character"),
        (b"{'groupId': 'acme'}", "line 1, column 2"),
        (b'{"groupId": "acme"}}', "line 1, column 20"),
        (b'{"groupId": "\xff"}', "not UTF-8 at byte 13"),
        (b'\xef\xbb\xbf{"groupId": "acme"}', "byte order mark"),
        ('{"groupId": "acme"}'.encode("utf-16"), "not UTF-8"),
        ('{"groupId": "acme"}'.encode("utf-16-le"), "not UTF-8"),
        (b'{"groupId": "acme", "fields": {"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}}", "nested too deep"),
    ],
)
def test_what_keeps_a_body_from_being_json_is_said(body: bytes, reason: str) -> None:
    [(_, detail)] = _issues(body)
    assert reason in detail


def test_a_compressed_body_is_called_so() -> None:
    problem = _check(gzip.compress(b"{}"))
    assert isinstance(problem, Problem)
    assert (problem.status, problem.detail) == (415, "The request body is compressed.")
