"""`ampsandbox ctl records --created`."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from ampsandbox.cli.main import main

URL = "http://127.0.0.1:4999"
LIST = f"{URL}/_sandbox/v1/live-records"
COMMAND = ["ctl", "records", "--created", "--url", URL]
RECORD = {"orgId": "00D1", "orgName": "Acme \x1b[31mDev", "provider": "salesforce", "object": "Contact"}


def given(httpx_mock: HTTPXMock, *records: dict[str, Any]) -> None:
    httpx_mock.add_response(url=f"{LIST}?offset=0&limit=1000", json=list(records))


def record(number: str, **other: str) -> dict[str, Any]:
    return RECORD | {"recordId": number, "url": f"https://crm.example/{number}"} | other


def answers(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))


def test_created_records_are_listed(httpx_mock: HTTPXMock, capsys: pytest.CaptureFixture[str]) -> None:
    given(httpx_mock, record("1"))
    assert main(COMMAND) == 0
    assert json.loads(capsys.readouterr().out) == [record("1")]


def test_long_lists_are_read_to_their_end(httpx_mock: HTTPXMock, capsys: pytest.CaptureFixture[str]) -> None:
    given(httpx_mock, *[record("1")] * 1000)
    httpx_mock.add_response(url=f"{LIST}?offset=1000&limit=1000", json=[record("2")])
    assert main(COMMAND) == 0
    assert len(json.loads(capsys.readouterr().out)) == 1001


def test_records_are_removed_once_the_name_of_their_org_was_typed(
    httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given(httpx_mock, record("1"), record("2", orgId="00D2", orgName="Other"))
    httpx_mock.add_response(url=f"{LIST}/remove", method="POST", json={"removed": 1, "kept": []})
    answers(monkeypatch, "yes", "Other")
    assert main([*COMMAND, "--delete"]) == 1
    [request] = httpx_mock.get_requests(method="POST")
    assert json.loads(request.content) == {"orgId": "00D2", "confirm": "Other"}
    shown = capsys.readouterr().err
    assert "https://crm.example/1" in shown
    assert "\x1b" not in shown


def test_records_that_remain_make_the_exit_code_1(
    httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(httpx_mock, record("1"))
    kept = {"record": record("1"), "reason": "locked"}
    httpx_mock.add_response(url=f"{LIST}/remove", method="POST", json={"removed": 0, "kept": [kept]})
    answers(monkeypatch, "00D1")
    assert main([*COMMAND, "--delete"]) == 1


@pytest.mark.parametrize("options", [["--delete"], ["acme"], []])
def test_records_without_created_needs_group_and_object(options: list[str]) -> None:
    assert main(["ctl", "records", "--url", URL, *options]) == 2
