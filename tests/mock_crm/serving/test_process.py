"""A mock CRM as a process of its own: the ready line, the exit codes, and what survives a restart."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest


@dataclass
class Served:
    process: subprocess.Popen[str]
    ready: dict[str, Any]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(10)


@contextmanager
def served(provider: str, *options: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "mock_crm", provider, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Served(process, json.loads(process.stdout.readline()))
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def salesforce() -> Iterator[Served]:
    with served("salesforce") as mock:
        yield mock


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("provider", ["salesforce", "hubspot"])
def test_the_ready_line_tells_where_the_mock_is_and_a_signal_ends_it(provider: str, number: int) -> None:
    with served(provider) as mock:
        assert mock.ready.keys() == {"event", "url", "pid"}
        assert (mock.ready["event"], mock.ready["pid"]) == ("ready", mock.process.pid)
        assert httpx.get(mock.ready["url"] + "/nowhere", trust_env=False).status_code >= 400
        assert mock.stop(number) == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
    ],
)
def test_pages_of_other_sites_are_refused(salesforce: Served, headers: dict[str, str], status: int) -> None:
    url = salesforce.ready["url"]
    assert httpx.get(f"{url}/services/data", headers=headers, trust_env=False).status_code == status
    same = {"Origin": url}
    assert httpx.get(f"{url}/services/data", headers=same, trust_env=False).status_code == 200


def test_https_and_the_proxy_are_served_when_asked_for(tmp_path: Path) -> None:
    options = ("--https-port", "0", "--proxy-port", "0", "--ca-dir", str(tmp_path / "ca"))
    with served("salesforce", *options) as mock:
        context = ssl.create_default_context(cafile=mock.ready["ca"])
        with httpx.Client(verify=context, trust_env=False) as client:
            assert client.get(mock.ready["https_url"] + "/services/data").status_code == 200
        with httpx.Client(verify=context, proxy=mock.ready["proxy_url"], trust_env=False) as client:
            assert client.get("https://login.salesforce.com/services/data").status_code == 200


def test_a_proxy_brings_an_https_port(tmp_path: Path) -> None:
    with served("hubspot", "--proxy-port", "0", "--ca-dir", str(tmp_path)) as mock:
        assert mock.ready.keys() == {"event", "url", "pid", "https_url", "proxy_url", "ca"}


@pytest.mark.parametrize(
    "program",
    [["-m", "mock_crm"], ["-c", "from ampsandbox.cli.main import main; raise SystemExit(main())", "mock"]],
)
def test_a_taken_port_is_named_and_exits_with_3(program: list[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, *program, "salesforce", "--port", str(port)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert f"127.0.0.1:{port} is in use." in ended.stderr
    assert "Try --port 0, which takes a free port." in ended.stderr


def test_a_state_directory_that_is_a_file_exits_with_4(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.touch()
    command = [sys.executable, "-m", "mock_crm", "salesforce", "--state", str(place)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (4, "")


def test_a_state_directory_belongs_to_one_mock_at_a_time(tmp_path: Path) -> None:
    options = ("--state", str(tmp_path))
    with served("hubspot", *options):
        command = [sys.executable, "-m", "mock_crm", "hubspot", *options]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (4, "")
    assert "another process keeps its records there" in ended.stderr


def test_records_and_sessions_survive_a_restart_with_the_same_state(tmp_path: Path) -> None:
    options = ("--state", str(tmp_path / "state"))
    with served("salesforce", *options) as mock:
        headers = sign_in(mock.ready["url"])
        created = httpx.post(
            mock.ready["url"] + "/services/data/v60.0/sobjects/Account",
            json={"Name": "Acme"},
            headers=headers,
            trust_env=False,
        )
        assert created.status_code == 201
        assert mock.stop() == 0
    with served("salesforce", *options) as mock:
        url = f"{mock.ready['url']}/services/data/v60.0/sobjects/Account/{created.json()['id']}"
        assert httpx.get(url, headers=headers, trust_env=False).json()["Name"] == "Acme"


def test_the_same_seed_gives_the_same_ids() -> None:
    tokens = []
    for _ in range(2):
        with served("salesforce", "--seed", "7") as mock:
            tokens.append(sign_in(mock.ready["url"])["Authorization"])
    assert tokens[0] == tokens[1]


def sign_in(url: str) -> dict[str, str]:
    answer = httpx.post(
        f"{url}/services/Soap/u/60.0",
        content=(
            "<Envelope><Body><login><username>ann@example.com</username><password>secret</password></login>"
            "</Body></Envelope>"
        ),
        trust_env=False,
    )
    token = answer.text.partition("<sessionId>")[2].partition("<")[0]
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(("provider", "name"), [("salesforce", "Account"), ("hubspot", "companies")])
def test_records_come_from_files_once_and_go_to_a_file(provider: str, name: str, tmp_path: Path) -> None:
    key = "Name" if provider == "salesforce" else "name"
    rows = tmp_path / f"{name}.csv"
    rows.write_text(f"{key}\nAcme\nBeta\n")
    exported = tmp_path / "out.json"
    options = ("--state", str(tmp_path / "state"), "--load", str(rows), "--export", str(exported))
    for _ in range(2):
        with served(provider, *options) as mock:
            assert mock.stop() == 0
        records = json.loads(exported.read_text())[name]
        assert [record[key] for record in records] == ["Acme", "Beta"]


def test_a_file_that_the_crm_refuses_ends_the_start_with_its_reason(tmp_path: Path) -> None:
    rows = tmp_path / "Contact.json"
    rows.write_text('[{"FirstName": "x"}]')
    command = [sys.executable, "-m", "mock_crm", "salesforce", "--load", str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode == 4
    assert "row 1: Required fields are missing: [LastName]" in done.stderr
    assert "Traceback" not in done.stderr


def test_logins_are_accepted_that_a_file_names(tmp_path: Path) -> None:
    logins = tmp_path / "logins.yaml"
    logins.write_text("logins: {ann@example.com: pwTOKEN}\n")
    form = {"grant_type": "password", "client_id": "c", "client_secret": "s", "username": "ann@example.com"}
    with served("salesforce", "--accept-logins", str(logins)) as mock:
        url = mock.ready["url"] + "/services/oauth2/token"
        refused = httpx.post(url, data={**form, "password": "wrong"}, trust_env=False)
        accepted = httpx.post(url, data={**form, "password": "pwTOKEN"}, trust_env=False)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert accepted.status_code == 200


def test_an_org_of_a_type_with_open_permissions() -> None:
    with served("salesforce", "--permissions", "open", "--org-type", "enterprise") as mock:
        data = mock.ready["url"] + "/services/data/v60.0"
        token = "00D000000000001!AQ"  # any session id is accepted
        with httpx.Client(headers={"authorization": f"Bearer {token}"}, trust_env=False) as client:
            field = {"FullName": "Account.Now__c", "Metadata": {"type": "Text", "label": "Now", "length": 20}}
            assert client.post(f"{data}/tooling/sobjects/CustomField", json=field).status_code == 201
            made = client.post(f"{data}/sobjects/Account", json={"Name": "x", "Now__c": "y"})
            query = {"q": "SELECT OrganizationType, IsSandbox FROM Organization"}
            org = client.get(f"{data}/query", params=query).json()["records"][0]
    assert made.status_code == 201
    assert (org["OrganizationType"], org["IsSandbox"]) == ("Enterprise Edition", False)


def test_the_tokens_tier_and_order_of_a_hubspot_account(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.yaml"
    tokens.write_text("tokens: [pat-na1-mine]\n")
    with served(
        "hubspot", "--accept-tokens", str(tokens), "--tier", "professional", "--batch-order", "input",
        "--search-lag", "60",
    ) as mock:  # fmt: skip
        url = mock.ready["url"]
        contacts = f"{url}/crm/v3/objects/contacts"
        bogus = {"authorization": "Bearer bogus"}
        refused = httpx.get(contacts, headers=bogus, trust_env=False)
        form = {
            "grant_type": "refresh_token", "refresh_token": "bogus", "client_id": "a", "client_secret": "b",
        }  # fmt: skip
        no_refresh = httpx.post(f"{url}/oauth/v1/token", data=form, trust_env=False)
        unknown = httpx.get(f"{url}/oauth/v1/access-tokens/bogus", trust_env=False)
        mine = {"authorization": "Bearer pat-na1-mine"}
        names = [f"o{number}@example.com" for number in range(9)]
        inputs = {"inputs": [{"properties": {"email": name}} for name in names]}
        made = httpx.post(f"{contacts}/batch/create", json=inputs, headers=mine, trust_env=False)
        found = httpx.post(f"{contacts}/search", json={}, headers=mine, trust_env=False)
    assert (refused.status_code, refused.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    assert (no_refresh.status_code, no_refresh.json()["status"]) == (400, "BAD_REFRESH_TOKEN")
    assert unknown.status_code in (401, 404)
    assert [record["properties"]["email"] for record in made.json()["results"]] == names
    assert made.headers["x-hubspot-ratelimit-daily"] == "625000"
    assert found.json()["total"] == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--accept-logins", "nowhere.yaml"), "nowhere.yaml"),
        (("--org-type", "imaginary"), "imaginary"),
    ],
)
def test_an_option_that_cannot_be_used_is_told_at_the_start(options: tuple[str, ...], words: str) -> None:
    command = [sys.executable, "-m", "mock_crm", "salesforce", *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert ended.returncode in (2, 4)
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
