"""The page on which a customer consents, in the popup that the React component opens.

The real page is the CRM's own; a mock has no user to sign in, so the sandbox asks in its place. The answer
goes to the page that opened the popup, and to no other origin.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from html import escape
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ampsandbox.errors import AmpSandboxError
from ampsandbox.manifest.model import Provider
from ampsandbox.server.ampersand_api.consent_sessions import CONSENT_ROOT, ConsentSession
from ampsandbox.server.ampersand_api.context import ApiContext

# The page's form sends one short field; whatever is longer did not come from it.
_BODY_BYTES: Final = 1024

_STYLE: Final = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;display:grid;place-items:center;min-height:100vh;background:Canvas;color:CanvasText}
main{max-width:26rem;padding:2rem;border:1px solid color-mix(in srgb,CanvasText 20%,Canvas)}
h1{font-size:1.25rem;margin:0 0 .75rem;overflow-wrap:anywhere}
p{margin:.5rem 0;overflow-wrap:anywhere}
small{opacity:.75}
form{display:flex;gap:.75rem;margin-top:1.5rem}
button{font:inherit;padding:.5rem 1.25rem;border:1px solid;background:none;color:inherit}
button.allow{background:#1f6feb;border-color:#1f6feb;color:#fff}
"""


def routes(api: ApiContext) -> Sequence[Route]:
    async def ask(request: Request) -> Response:
        session = api.consent.find(request.path_params["token"])
        return _gone() if session is None else _page(_question(api, session))

    async def answer(request: Request) -> Response:
        token = request.path_params["token"]
        session = api.consent.find(token)
        body = await request.body()
        if session is None:
            return _gone()
        is_allowed = parse_qs(body[:_BODY_BYTES].decode("latin-1")).get("decision") == ["allow"]
        api.consent.close(token)
        denied = _failed("access_denied: the customer said no.")
        event = await _decide(api, session) if is_allowed else denied
        return _closing(api, session, event)

    path = CONSENT_ROOT + "/{token}"
    return (Route(path, ask, methods=["GET"]), Route(path, answer, methods=["POST"]))


async def _decide(api: ApiContext, session: ConsentSession) -> dict[str, Any]:
    granted = msgspec.structs.replace(session.authorization, created_at=api.clock.now())
    try:
        await api.platform.connect(granted)
    except AmpSandboxError as error:
        return _failed(f"{error.message} {error.hint}".strip())
    connection = api.platform.ids.connection_id(granted.provider, granted.group)
    return {"eventType": "AUTHORIZATION_SUCCEEDED", "data": {"connection": connection}}


def _failed(reason: str) -> dict[str, Any]:
    return {"eventType": "AUTHORIZATION_FAILED", "data": {"error": reason}}


def _question(api: ApiContext, session: ConsentSession) -> str:
    asked = session.authorization
    provider = Provider(asked.provider).label
    manifest = api.service.context.engine.manifest
    app = (manifest and manifest.app_name) or api.platform.ids.project
    group = asked.group_name or asked.group
    who = asked.consumer_name or asked.consumer
    is_live = api.platform.is_live(asked.provider, asked.group)
    where = (
        f"a real {provider} org, with the credentials of sandbox.yaml"
        if is_live
        else f"a mock {provider} org of this sandbox; no account is needed"
    )
    return f"""<h1>{escape(app)} asks for access to {provider}</h1>
<p>of <strong>{escape(group)}</strong>{f", as {escape(who)}" if who else ""}.</p>
<p>It will be able to read and write the objects that are chosen next.</p>
<p><small>ampsandbox: this is {where}.</small></p>
<form method="post">
<button class="allow" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>"""


def _closing(api: ApiContext, session: ConsentSession, event: dict[str, Any]) -> Response:
    """Tell the page that opened this one, and close."""
    targets = [session.origin] if session.origin else list(api.options.allow_origins)
    succeeded = event["eventType"] == "AUTHORIZATION_SUCCEEDED"
    words = "Connected. You can close this window." if succeeded else str(event["data"]["error"])
    nonce = secrets.token_urlsafe(16)
    script = (
        f"const event={_in_script(event)};"
        f"for(const origin of {_in_script(targets)})window.opener?.postMessage(event,origin);"
        "setTimeout(()=>window.close(),50);"
    )
    title = "Connected" if succeeded else "Not connected"
    content = f"<h1>{title}</h1><p>{escape(words)}</p><script nonce={nonce!r}>{script}</script>"
    return _page(content, nonce)


def _in_script(value: Any) -> str:
    """JSON that cannot end the script it stands in."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")


def _gone() -> Response:
    words = "This consent was answered already, or the sandbox was restarted. Start again from your page."
    return _page(f"<h1>Nothing to consent to</h1><p>{words}</p>", status=404)


def _page(content: str, nonce: str = "", status: int = 200) -> Response:
    html = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Connect · ampsandbox</title><style>{_STYLE}</style><main>{content}</main></html>"
    )
    script = f"script-src 'nonce-{nonce}'; " if nonce else ""
    policy = (
        f"default-src 'none'; {script}style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    )
    headers = {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "same-origin",  # "no-referrer" would make the form's Origin null
        "x-content-type-options": "nosniff",
    }
    return HTMLResponse(html, status, headers)
