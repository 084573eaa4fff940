"""The founding page's three calls, by curl against `serve`, and the records by the CRM's own REST API."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.server.conftest import Serve, Served

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

PAGE = "sample_configs/write-actions.yaml"


def _salesforce(served: Any, group: str, path: str, *options: str) -> tuple[int, Any]:
    """A request to the group's mock Salesforce."""
    _, installations = served.curl("GET", "/_sandbox/v1/installations")
    [crm] = [item["crm"] for item in installations if item["installation"]["group"] == group]
    root = crm["url"].removeprefix(served.url)
    token = ("-H", f"Authorization: Bearer {crm['accessToken']}")
    result: tuple[int, Any] = served.curl("GET", f"{root}/services/data/v60.0{path}", None, *token, *options)
    return result


@pytest.fixture(scope="module")
def shared(serve_once: Serve) -> Served:
    """For requests that are refused."""
    return serve_once(PAGE, "--ephemeral", "--group", "acme")


def test_the_pages_three_calls_make_their_records(serve: Serve) -> None:
    served = serve(PAGE, "--ephemeral", "--group", "xye23r3df")

    body = {"groupId": "xye23r3df", "fields": {"name": "Big Co.", "numberOfEmployees": 10000}}
    status, answer = served.curl("POST", "/projects/demo/create-account", body)
    assert (status, answer["result"]["success"]) == (200, True)
    _, account = _salesforce(served, "xye23r3df", f"/sobjects/Account/{answer['result']['recordId']}")
    assert (account["Name"], account["NumberOfEmployees"]) == ("Big Co.", 10000)

    [contact_id] = served.curl("POST", "/_sandbox/v1/records/xye23r3df/Contact", [{"LastName": "Ray"}])[1]
    body = {"groupId": "xye23r3df", "primaryKey": contact_id, "fields": {"warmthScore": "ready-for-close"}}
    status, answer = served.curl("POST", "/projects/demo/add-warmth-score", body)
    assert (status, answer["result"]) == (200, {"success": True, "recordId": contact_id})
    _, contact = _salesforce(served, "xye23r3df", f"/sobjects/Contact/{contact_id}")
    assert contact["warmthScore__c"] == "ready-for-close"

    fields = {
        "campaignName": "New Feature Announcement",
        "campaignDescription": "Update customers on newest features",
    }
    status, answer = served.curl(
        "POST", "/projects/demo/create-campaign", {"groupId": "xye23r3df", "fields": fields}
    )
    assert status == 200
    path = f"/sobjects/mailMonkeyCampaigns__c/{answer['result']['recordId']}"
    _, campaign = _salesforce(served, "xye23r3df", path)
    assert campaign["campaignName__c"] == "New Feature Announcement"
    assert campaign["campaignDescription__c"] == "Update customers on newest features"


def test_a_group_without_installation_gets_the_404_that_names_the_way_out(shared: Served) -> None:
    status, problem = shared.curl("POST", "/projects/demo/create-account", {"groupId": "acne", "fields": {}})
    assert status == 404
    assert "acme" in problem["detail"] + problem["remedy"]
    assert "install" in problem["remedy"]


def test_a_refusal_of_the_crm_is_a_422_with_its_own_words(serve: Serve) -> None:
    served = serve(PAGE, "--ephemeral", "--group", "acme")
    body = {"groupId": "acme", "fields": {"numberOfEmployees": 1}}
    status, answer = served.curl("POST", "/projects/demo/create-account", body)
    assert status == 422
    assert answer["result"] == {"success": False}
    assert answer["errors"] == [
        {
            "message": "Required fields are missing: [Name]",
            "code": "REQUIRED_FIELD_MISSING",
            "fields": ["Name"],
        }
    ]
    assert "REQUIRED_FIELD_MISSING" in answer["rawResponse"]


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/projects/demo/create-account", (), 405),
        ("POST", "/projects/demo/create-acount", (), 404),
        ("POST", "/projects/other/create-account", (), 404),
        ("POST", "/projects/demo/create-account", ("-d", "name=x"), 415),
        (
            "POST",
            "/projects/demo/create-account",
            ("-H", "Content-Type: application/json", "-d", "{oops"),
            400,
        ),
        ("GET", "/projects/demo/operations/nope", (), 404),
    ],
)
def test_wrong_calls_get_the_contracts_answers(
    shared: Served, method: str, path: str, options: tuple[str, ...], status: int
) -> None:
    got, problem = shared.curl(method, path, None, *options)
    assert got == status
    assert problem["status"] == status
    assert problem["detail"]


def test_a_path_without_an_endpoint_is_told_the_endpoints(shared: Served) -> None:
    status, problem = shared.curl("GET", "/projects/demo")
    assert (status, "create-account" in problem["detail"]) == (404, True)


def test_a_request_for_the_server_itself_gets_a_problem(shared: Served) -> None:
    status, problem = shared.curl("OPTIONS", "", None, "--request-target", "*")
    assert (status, problem["status"]) == (404, 404)


def test_sigterm_stops_it_with_exit_code_0(serve: Serve) -> None:
    assert serve(PAGE, "--ephemeral").stop() == 0
