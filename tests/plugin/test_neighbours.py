"""The plugin beside other plugins, and with apps that call the endpoints over a real socket."""

from __future__ import annotations

import pytest

WRITE = '{"groupId": "demo", "fields": {"name": "Big Co."}}'


def test_unittest_classes_get_the_sandbox_by_an_autouse_fixture(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import unittest
        import pytest

        class TestSignup(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def use_sandbox(self, amp_sandbox):
                self.sandbox = amp_sandbox

            def test_it(self):
                self.sandbox.send("create-account", {"name": "Big Co."})
                self.sandbox.assert_written("account")

            def test_the_next(self):
                self.assertEqual(self.sandbox.operations, [])

        @pytest.mark.usefixtures("amp_sandbox")
        class TestStarted(unittest.TestCase):
            def test_it(self):
                pass
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=3)


ASYNC_TEST = """
    import pytest

    {mark}
    async def test_it(amp_sandbox):
        async with amp_sandbox.async_client() as client:
            answer = await client.post("create-account", json={write})
        assert answer.status_code == 200
        amp_sandbox.assert_written("account", {{"name": "Big Co."}})
"""


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_anyio(project: pytest.Pytester, backend: str) -> None:
    if backend == "trio":
        pytest.importorskip("trio")
    project.makeconftest(f"import pytest\n\n@pytest.fixture\ndef anyio_backend():\n    return {backend!r}\n")
    project.makepyfile(ASYNC_TEST.format(mark="@pytest.mark.anyio", write=WRITE))
    project.runpytest_inprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_pytest_asyncio(project: pytest.Pytester, mode: str) -> None:
    pytest.importorskip("pytest_asyncio")
    project.makeini(
        f"[pytest]\naddopts = --strict-markers -p no:anyio\nasyncio_mode = {mode}\n"
        "asyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"
    )
    mark = "@pytest.mark.asyncio" if mode == "strict" else ""
    project.makepyfile(ASYNC_TEST.format(mark=mark, write=WRITE))
    project.runpytest_subprocess().assert_outcomes(passed=1)


def test_beside_pytest_httpx(project: pytest.Pytester) -> None:
    project.makepyfile(
        f"""
        import httpx
        import pytest

        def test_in_process_clients_are_not_intercepted(amp_sandbox, httpx_mock):
            httpx_mock.add_response(url="https://example.com/", text="mocked")
            assert httpx.get("https://example.com/").text == "mocked"
            assert amp_sandbox.client().post("create-account", json={WRITE}).status_code == 200
            amp_sandbox.assert_written("account")

        @pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")
        def test_a_real_socket_is_let_through(amp_sandbox, httpx_mock):
            url = amp_sandbox.write_url("create-account")
            assert httpx.post(url, json={WRITE}, trust_env=False).status_code == 200
            amp_sandbox.assert_written("account")
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=2)


PLAIN = f"""
    import httpx

    def test_a_write_over_a_real_socket(amp_sandbox):
        url = amp_sandbox.write_url("create-account")
        assert httpx.post(url, json={WRITE}, trust_env=False).status_code == 200
        amp_sandbox.assert_written("account")

    def test_the_next_finds_it_empty(amp_sandbox):
        assert amp_sandbox.operations == []
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("pytest_socket", ["--disable-socket", "--allow-hosts=127.0.0.1"]),
        ("pytest_randomly", ["-p", "randomly"]),
    ],
)
def test_beside_other_plugins(project: pytest.Pytester, module: str, arguments: list[str]) -> None:
    pytest.importorskip(module)
    project.makepyfile(PLAIN)
    project.runpytest_subprocess(*arguments).assert_outcomes(passed=2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "freeze"),
    [
        ("freezegun", 'freezegun.freeze_time("2030-01-01")'),
        ("time_machine", 'time_machine.travel("2030-01-01", tick=False)'),
    ],
)
def test_frozen_time_is_the_apps_and_not_the_sandboxs(
    project: pytest.Pytester, module: str, freeze: str
) -> None:
    pytest.importorskip(module)
    project.makepyfile(
        f"""
        import datetime
        import pytest
        import {module}

        @{freeze}
        def test_a_sandbox_that_stands_still(amp_sandbox):
            assert datetime.date.today().year == 2030
            amp_sandbox.send("create-lead", {{"lastName": "Ann", "company": "Big Co."}})
            amp_sandbox.advance(hours=2)
            amp_sandbox.assert_written("lead")
            assert amp_sandbox.now.year == 2026

        @pytest.mark.ampsandbox(clock="real", faults=[{{"kind": "latency", "seconds": 0.01}}])
        @{freeze}
        def test_a_latency_passes_in_a_sandbox_that_runs(amp_sandbox):
            before = amp_sandbox.now
            operation = amp_sandbox.send("create-account", {{"name": "Big Co."}})
            assert before.year < 2030
            assert 0 < (operation.finished_at - operation.accepted_at).total_seconds() < 60

        @pytest.fixture
        def frozen():
            with {freeze}:
                yield

        def test_a_sandbox_that_is_made_meanwhile(frozen, amp_sandbox_factory):
            sandbox = amp_sandbox_factory(clock="real")
            sandbox.add_fault("latency", seconds=0.01)
            assert sandbox.send("create-account", {{"name": "Big Co."}}).state == "succeeded"
            assert sandbox.now.year < 2030

        def test_moments_of_the_app_are_moments(frozen, amp_sandbox_factory):
            now = datetime.datetime.now(datetime.UTC)
            sandbox = amp_sandbox_factory(clock=now)
            sandbox.add_fault("outage", until=now + datetime.timedelta(hours=1))
            assert sandbox.send("create-account", {{"name": "Big Co."}}).state == "failed"
            sandbox.advance(to=now + datetime.timedelta(hours=2))
            assert sandbox.send("create-account", {{"name": "Big Co."}}).state == "succeeded"
        """
    )
    project.runpytest_subprocess().assert_outcomes(passed=4)


FLASK = """
    from flask import Flask

    app = Flask(__name__)

    @app.post("/signup")
    def signup():
        send("Big Co.")
        return "", 204

    def visit():
        assert app.test_client().post("/signup").status_code == 204
"""

FASTAPI = """
    import asyncio
    import httpx
    from fastapi import FastAPI

    app = FastAPI()

    @app.post("/signup", status_code=204)
    def signup():
        send("Big Co.")

    def visit():
        async def call():
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
                return await client.post("/signup")
        assert asyncio.run(call()).status_code == 204
"""

DJANGO = """
    import django
    from django.conf import settings
    from django.http import HttpResponse
    from django.urls import path

    def signup(request):
        send("Big Co.")
        return HttpResponse(status=204)

    urlpatterns = [path("signup", signup)]
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x", USE_TZ=True)
    django.setup()

    def visit():
        from django.test import Client
        assert Client().post("/signup").status_code == 204
"""

HTTP_SERVER = """
    import http.server
    import threading
    import urllib.request

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            send("Big Co.")
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    def visit():
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            request = urllib.request.Request(f"http://127.0.0.1:{server.server_port}/", b"", method="POST")
            with urllib.request.urlopen(request) as answer:
                assert answer.status == 204
            server.shutdown()
            thread.join()
"""

SEND = """
    import json
    import os
    import urllib.request

    def send(name):
        '''What an app does: it knows the root URL from its environment, and calls it over a socket.'''
        body = json.dumps({"groupId": "demo", "fields": {"name": name}}).encode()
        url = os.environ["AMPERSAND_ROOT_URL"] + "/create-account"
        headers = {"Content-Type": "application/json", "X-Api-Key": os.environ["AMPERSAND_API_KEY"]}
        with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
            return json.load(answer)["result"]["recordId"]
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("framework", "app"),
    [("flask", FLASK), ("fastapi", FASTAPI), ("django", DJANGO), ("http.server", HTTP_SERVER)],
)
def test_an_app_under_test_calls_over_a_real_socket(
    project: pytest.Pytester, framework: str, app: str
) -> None:
    pytest.importorskip(framework)
    project.makepyfile(app=SEND + app)
    project.makepyfile(
        """
        import pytest

        @pytest.fixture
        def app(amp_sandbox, monkeypatch):
            for name, value in amp_sandbox.env.items():
                monkeypatch.setenv(name, value)
            import app
            return app

        def test_signing_up_creates_an_account(amp_sandbox, app):
            app.visit()
            amp_sandbox.assert_written("account", {"name": "Big Co."})
        """
    )
    project.runpytest_subprocess("-W", "default::DeprecationWarning").assert_outcomes(passed=1)
