"""What the app is told of operations that have ended: `write.async.done` of today's API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ampsandbox.service.context import ServiceContext, ServiceGroup
from ampsandbox.service.count import Count
from ampsandbox.service.webhooks import Notification, Webhooks, write_done


class NotificationService(ServiceGroup):
    """Notifications: those that a webhook would get, those that were sent, and sending one again."""

    name = "notifications"

    def __init__(self, context: ServiceContext) -> None:
        super().__init__(context)
        self.webhooks = Webhooks(context, context.webhook_targets)

    async def ended(self, limit: Count = 100) -> Sequence[dict[str, Any]]:
        """The `data` of `write.async.done` for the newest asynchronous operations that ended, oldest first.

        They are there whether a webhook is set or not.

        Args:
            limit: How many.
        """
        ended = self.context.api_operations.ended(limit)
        return [write_done(self.context, each) for each in ended]

    async def list(self, limit: Count = 100) -> Sequence[Notification]:
        """The newest messages to webhooks with what came of them, oldest first.

        Args:
            limit: How many.
        """
        return self.webhooks.notifications(limit)

    async def redeliver(self, notification_id: str) -> Notification:
        """Send a message to its webhook once more, now."""
        return await self.webhooks.redeliver(notification_id)
