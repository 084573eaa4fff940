"""Tells the app's own webhooks when an asynchronous write has ended, as Ampersand's notifications do.

The event is `write.async.done`, signed in the way of Svix, which delivers Ampersand's; see
docs/evidence/ampersand.md.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections import OrderedDict
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ampsandbox.errors import NotFoundError
from ampsandbox.events import (
    Event,
    FlushFinished,
    WebhookAnswered,
    WebhookQueued,
    WriteFailed,
    WriteInDoubt,
    WriteSucceeded,
)
from ampsandbox.secrets import Secret
from ampsandbox.service.api_operations import ApiOperation
from ampsandbox.service.count import Count
from ampsandbox.service.webhook_target import WebhookTarget

if TYPE_CHECKING:
    from ampsandbox.service.context import ServiceContext

WRITE_DONE: Final = "write.async.done"

# Pauses between the attempts, in seconds (Svix documentation, "Retry Schedule").
_PAUSES_S: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
_TIMEOUT_S: Final = 15.0
_KEPT: Final = 1_000
_EVENTS_READ: Final = 10_000  # at the start, so that a long history does not hold it up
_PREFIX: Final = "whsec_"


class Attempt(msgspec.Struct, frozen=True, rename="camel"):
    """One try. `status` is None when no answer came; `error` says why then."""

    at: datetime
    status: int | None
    error: str = ""


class Notification(msgspec.Struct, rename="camel"):
    """One message to one webhook, with what came of it.

    Attributes:
        state: `pending`, `delivered` or `failed`.
        content: What is sent.
    """

    id: str
    operation_id: str
    url: str
    state: str
    content: dict[str, Any]
    attempts: list[Attempt] = []


class Webhooks(msgspec.Struct):
    """Watches for operations that end, and tells the targets.

    Args:
        context: The sandbox.
        targets: Where to.
    """

    context: ServiceContext
    targets: tuple[WebhookTarget, ...] = ()
    _kept: OrderedDict[str, tuple[Notification, WebhookTarget]] = msgspec.field(default_factory=OrderedDict)

    def start(self) -> None:
        """Listen from now on, where there is anybody to tell, and tell what the last run was about to."""
        if self.targets:
            self.context.engine.events.subscribe(self._on_event)
            for notification, operation in self._untold().items():
                self._ended(operation, only=notification)

    def notifications(self, limit: Count = 100) -> list[Notification]:
        """The newest messages to webhooks, oldest first, with what their receivers answered."""
        return [kept for kept, _ in list(self._kept.values())[-limit:]] if limit else []

    async def redeliver(self, notification_id: str) -> Notification:
        """Send a message once more, now.

        Raises:
            NotFoundError: There is none of that id.
        """
        try:
            notification, target = self._kept[notification_id]
        except KeyError:
            hint = "List the notifications to find one; the newest 1,000 are kept."
            raise NotFoundError(f"There is no notification {notification_id!r}.", hint) from None
        await self._attempt(notification, target)
        return notification

    def _untold(self) -> dict[str, str]:
        """By message: the operations that no webhook has taken the end of, by the stored events."""
        events = self.context.engine.events
        untold: dict[str, str] = {}
        seq = max(0, events.last_seq - _EVENTS_READ)
        while page := events.since(seq):
            for event in page:
                if isinstance(event, WebhookQueued):
                    untold[event.notification] = event.operation
                elif isinstance(event, WebhookAnswered) and _is_over(event.status, event.attempt):
                    untold.pop(event.notification, None)
            seq = page[-1].seq
        return untold

    def _on_event(self, event: Event) -> None:
        match event:
            case FlushFinished(batch=operation_id) | WriteSucceeded(batch=None, operation=operation_id):
                self._ended(operation_id)
            case WriteFailed(batch=None, operation=operation_id):
                self._ended(operation_id)
            case WriteInDoubt(batch=None, operation=operation_id):
                self._ended(operation_id)

    def _ended(self, operation_id: str, only: str | None = None) -> None:
        """Tell every target that an operation has ended, or send the one message of the id `only`."""
        try:
            found = self.context.api_operations.find(operation_id)
        except NotFoundError:  # the flush of a scheduled batch, which is no operation of today's API
            return
        if not found.is_async or found.status == "in_progress":
            return
        content = {"notificationType": WRITE_DONE, "data": write_done(self.context, found)}
        for place, target in enumerate(self.targets):
            id_ = f"msg_{found.id}" + (f"_{place}" if place else "")
            if only not in (None, id_):
                continue
            notification = Notification(id_, found.id, target.shown_url, "pending", content)
            self._kept[id_] = (notification, target)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            now = self.context.clock.now()
            self.context.engine.emit(WebhookQueued(at=now, notification=id_, operation=found.id))
            self.context.clock.spawn(self._deliver(notification, target))

    async def _deliver(self, notification: Notification, target: WebhookTarget) -> None:
        for pause_s in (*_PAUSES_S, None):
            await self._attempt(notification, target)
            if notification.state == "delivered" or pause_s is None:
                return
            await self.context.clock.sleep(pause_s)
        notification.state = "failed"

    async def _attempt(self, notification: Notification, target: WebhookTarget) -> None:
        import httpx  # takes long to load, and most sandboxes have no webhooks

        body = msgspec.json.encode(notification.content)
        headers = {"content-type": "application/json", **signature(notification.id, body, target.secret)}
        status, error = None, ""
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=_TIMEOUT_S) as client:
                status = (await client.post(target.url, content=body, headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            error = f"{type(failure).__name__}: {failure}"
        now = self.context.clock.now()
        notification.attempts.append(Attempt(now, status, error))
        if _is_over(status, len(notification.attempts)):
            notification.state = "delivered" if _is_taken(status) else "failed"
        else:
            notification.state = "pending"
        self.context.engine.emit(
            WebhookAnswered(
                at=now,
                notification=notification.id,
                operation=notification.operation_id,
                url=notification.url,
                status=status,
                attempt=len(notification.attempts),
            )
        )


def _is_taken(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def _is_over(status: int | None, attempt: int) -> bool:
    """Whether nothing more is sent on its own after an attempt was answered like that."""
    return _is_taken(status) or attempt > len(_PAUSES_S)


def write_done(context: ServiceContext, operation: ApiOperation) -> dict[str, Any]:
    """The `data` of `write.async.done` for an operation that has ended."""
    ids = context.identifiers
    data: dict[str, Any] = {
        "projectId": ids.project_id,
        "objectName": operation.object_name,
        "success": operation.status == "success" and not operation.failures,
        "successfulRecordIds": list(operation.record_ids),
        "errors": list(operation.errors),
    }
    for each in context.engine.installations.all():
        if each.id == operation.installation_id:
            data |= {
                "provider": each.provider,
                "integrationId": ids.integration_id(each.integration),
                "integrationName": each.integration,
                "installationId": ids.installation_id(each.integration, each.group),
                "connectionId": ids.connection_id(each.provider, each.group),
                "groupRef": each.group,
                "groupName": each.group,
                "consumerRef": each.group,
                "consumerName": each.group,
            }
    return data


def signature(message_id: str, body: bytes, secret: Secret | None) -> dict[str, str]:
    """The headers of Svix; receivers check them against the real time, so it is not the sandbox's clock."""
    timestamp = str(int(time.time()))
    headers = {"svix-id": message_id, "svix-timestamp": timestamp}
    if secret is not None:
        signed = f"{message_id}.{timestamp}.".encode() + body
        digest = hmac.new(_key(secret.reveal()), signed, sha256).digest()
        headers["svix-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return headers


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return secret.encode()
