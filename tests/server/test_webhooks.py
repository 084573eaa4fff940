"""`write.async.done`: what the app's webhooks are told, how it is signed, and what a silent one gets."""

from __future__ import annotations

import base64
import hmac
import json
import signal
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ampsandbox.testing import Sandbox
from tests.ampersand.conformance import row

if TYPE_CHECKING:
    from tests.server.conftest import Serve

ROOT = Path(__file__).parent.parent.parent
TODAY = ROOT / "sample_configs" / "today.yaml"
CONTACTS = "/v1/projects/demo/integrations/webinar-walrus-hubspot/objects/contacts"
KEY = b"it takes two to tango"


class App:
    """A web server of the app's that keeps what it is told."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[tuple[dict[str, str], bytes]] = []
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                app.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(app.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks?token=s3cret"
        self._thread = threading.Thread(target=self.server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@pytest.fixture
def app() -> Iterator[App]:
    app = App()
    yield app
    app.close()


@pytest.fixture
def served(serve: Serve, app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("HOOK_SECRET", f"whsec_{base64.b64encode(KEY).decode()}")
    settings = tmp_path / "sandbox.yaml"
    settings.write_text(f'webhooks: [{{url: "{app.url}", secret: "${{HOOK_SECRET}}"}}]\n')
    options = ("--ephemeral", "--group", "acme", "--speed", "0", "--settings", str(settings))
    return serve(str(TODAY), *options)


def write(served: Any, email: str, **members: Any) -> str:
    body = {"groupRef": "acme", "type": "create", "record": {"email": email}, **members}
    return str(served.curl("POST", CONTACTS, body)[1]["operationId"])


@row(
    "Operations and notifications",
    "`write.async.done`, signed as Svix does",
    "same",
    "to the `webhooks` of `sandbox.yaml`, not to destinations",
)
def test_the_end_of_an_asynchronous_write_is_told_signed_and_that_of_a_synchronous_one_is_not(
    served: Any, app: App
) -> None:
    write(served, "sync@example.com")
    operation_id = write(served, "async@example.com", mode="asynchronous")
    served.curl("POST", "/_sandbox/v1/clock/settle", {})
    [(headers, body)] = app.received
    content = json.loads(body)
    assert content["notificationType"] == "write.async.done"
    data = content["data"]
    assert (data["objectName"], data["success"], data["groupRef"]) == ("contacts", True, "acme")
    assert (len(data["successfulRecordIds"]), data["errors"]) == (1, [])
    signed = f"{headers['svix-id']}.{headers['svix-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(KEY, signed, sha256).digest()).decode()
    assert headers["svix-signature"] == f"v1,{expected}"
    [kept] = served.curl("GET", "/_sandbox/v1/notifications")[1]
    assert (kept["operationId"], kept["state"], kept["attempts"][0]["status"]) == (
        operation_id,
        "delivered",
        200,
    )
    assert "s3cret" not in kept["url"]


@row(
    "Operations and notifications",
    "retries of a webhook",
    "simplified",
    "Svix's pauses, on the sandbox's clock",
)
def test_a_webhook_that_refuses_is_told_again_later_and_on_request(served: Any, app: App) -> None:
    app.status = 500
    write(served, "a@example.com", mode="asynchronous")
    served.curl("POST", "/_sandbox/v1/clock/settle", {})
    assert len(app.received) == 1
    served.curl("POST", "/_sandbox/v1/clock/advance", {"minutes": 6})
    assert len(app.received) == 3
    [kept] = served.curl("GET", "/_sandbox/v1/notifications")[1]
    assert kept["state"] == "pending"
    app.status = 204
    again = served.curl("POST", f"/_sandbox/v1/notifications/{kept['id']}/redeliver", {})[1]
    assert (again["state"], len(app.received)) == ("delivered", 4)


def test_a_message_that_no_webhook_took_is_sent_after_a_restart_and_the_others_are_not(
    serve: Serve, app: App, tmp_path: Path
) -> None:
    settings = tmp_path / "sandbox.yaml"
    settings.write_text(f'webhooks: [{{url: "{app.url}"}}]\n')
    options = ("--state", str(tmp_path / "state"), "--group", "acme", "--speed", "0")
    first = serve(str(TODAY), *options, "--settings", str(settings))
    write(first, "a@example.com", mode="asynchronous")
    first.curl("POST", "/_sandbox/v1/clock/settle", {})
    app.status = 500
    untold = write(first, "b@example.com", mode="asynchronous")
    first.curl("POST", "/_sandbox/v1/clock/settle", {})
    first.stop(signal.SIGKILL)
    app.status = 200
    second = serve(str(TODAY), *options, "--settings", str(settings))
    second.curl("POST", "/_sandbox/v1/clock/settle", {})
    told = [headers["svix-id"] for headers, _ in app.received]
    assert (len(told), told[1:]) == (3, [f"msg_{untold}"] * 2)
    [kept] = second.curl("GET", "/_sandbox/v1/notifications")[1]
    assert (kept["operationId"], kept["state"]) == (untold, "delivered")


@row(
    "Operations and notifications",
    "partial failure: `success` false with both lists",
    "same",
)
def test_an_auto_batch_is_one_notification_that_tells_of_failures_too(served: Any, app: App) -> None:
    policy = {"mode": "asynchronous", "autoBatchPolicy": {"maxDelayMinutes": 5}}
    write(served, "a@example.com", **policy)
    write(served, "a@example.com", **policy)
    served.curl("POST", "/_sandbox/v1/clock/advance", {"minutes": 5})
    [(_, body)] = app.received
    data = json.loads(body)["data"]
    assert (data["success"], len(data["successfulRecordIds"]), len(data["errors"])) == (False, 1, 1)


def test_a_python_test_reads_notifications_without_a_webhook() -> None:
    with Sandbox(TODAY, groups=["acme"]) as sandbox:
        name = "webinar-walrus-hubspot/contacts"
        sandbox.send(name, {"email": "a@example.com"}, mode="asynchronous")
        sandbox.send(name, {"email": "b@example.com"})
        batch = sandbox.send_batch(name, [{"email": "c@example.com"}, {"email": "d@example.com"}])
        assert (batch.succeeded, batch.requests) == (2, 1)
        sandbox.settle()
        [done] = sandbox.notifications
        assert (done["objectName"], done["success"]) == ("contacts", True)


@row(
    "Operations and notifications",
    "operations of an installation, in pages",
    "same",
)
def test_operations_of_an_installation_are_listed_in_pages_newest_first(served: Any) -> None:
    ids = [write(served, f"n{number}@example.com") for number in range(3)]
    body = {
        "groupRef": "acme",
        "type": "create",
        "batch": [{"record": {"email": f"b{n}@x.com"}} for n in (1, 2)],
    }
    ids.append(served.curl("POST", CONTACTS, body)[1]["operationId"])
    root = "/v1/projects/demo/integrations/webinar-walrus-hubspot/installations"
    [installation] = served.curl("GET", root)[1]
    path = f"{root}/{installation['id']}/operations?pageSize=2"
    first = served.curl("GET", path)[1]
    assert [each["id"] for each in first["results"]] == ids[:1:-1]
    token = first["pagination"]["nextPageToken"]
    second = served.curl("GET", f"{path}&pageToken={token}")[1]
    assert [each["id"] for each in second["results"]] == ids[1::-1]
    assert second["pagination"] == {"done": True}
    assert served.curl("GET", f"{root}/{installation['id']}/operations?pageSize=0")[0] == 400
