"""The batches that an org may process in a day, shared by both Bulk APIs."""

from __future__ import annotations

from mock_crm.salesforce.bulk.refusals import BulkError
from mock_crm.salesforce.context import SalesforceContext


def take_batch(org: SalesforceContext) -> None:
    """Count one batch against `DailyBulkApiBatches`.

    Raises:
        BulkError: The day's batches are used up, and limits are enforced.
    """
    window = org.quota["bulk-batches"]
    if org.quota.enforced and window.is_spent():
        raise BulkError("ExceededQuota", "ApiBatchItems Limit exceeded.")
    window.count()
