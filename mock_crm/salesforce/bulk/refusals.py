"""What the Bulk APIs refuse, in the words of evidence/salesforce.md#errors, and of their public error lists.

Bulk 2.0 answers in the REST form with codes such as INVALIDJOB; Bulk 1.0 names the same things InvalidJob.
"""

from __future__ import annotations

from mock_crm.salesforce.catalogue import absent_objects
from mock_crm.salesforce.errors import SalesforceError, absent_object

_NOT_IN_BULK = frozenset(
    {"casestatus", "contractstatus", "entitydefinition", "fielddefinition", "orderstatus", "taskstatus"}
)


class BulkError(SalesforceError):
    """A job or batch as a whole is refused.

    Attributes:
        exception: The code in the form of Bulk 1.0, such as `InvalidJob`; messages of both begin with it.
        plain: The message without that beginning.
    """

    def __init__(self, exception: str, plain: str) -> None:
        super().__init__(exception.upper(), f"{exception} : {plain}")
        self.exception = exception
        self.plain = plain


def invalid_job(message: str) -> BulkError:
    """The job is described wrongly."""
    return BulkError("InvalidJob", message)


def invalid_state(message: str) -> BulkError:
    """The job's state does not allow what was asked."""
    return BulkError("InvalidJobState", message)


def several_uploads(job_id: str) -> SalesforceError:
    """INVALIDJOB of a second upload, alone without the code before its words (jsforce issue 1370)."""
    return SalesforceError(
        "INVALIDJOB",
        f"Found multiple contents for job: <{job_id[:15]}>, please 'Close' / 'Abort' / 'Delete' the current "
        "Job then create a new Job and make sure you only do 'PUT' once on a given Job.",
    )


def invalid_batch(message: str) -> BulkError:
    """The uploaded rows cannot be read."""
    return BulkError("InvalidBatch", message)


def no_such_field(name: str) -> BulkError:
    """A column names no field: the whole job fails [A]."""
    return invalid_batch(f"Field name not found : {name}")


def no_such_entity(name: str) -> BulkError:
    """The job's object does not exist, or is a standard one that the mock lacks."""
    if name.lower() in absent_objects():
        return BulkError("InvalidEntity", absent_object(name).message)
    return BulkError("InvalidEntity", f"Unable to find object: {name}")


def check_entity(name: str) -> None:
    """Refuse an object that only other APIs read (airbyte issues 13088 and 16135).

    Raises:
        BulkError: It is one.
    """
    if name.lower() in _NOT_IN_BULK:
        error = BulkError("InvalidEntity", f"Entity '{name}' is not supported by the Bulk API.")
        error.message = error.plain  # which here has no name in front of it
        raise error


def no_such_key(field: str, object_name: str) -> BulkError:
    """An upsert names a field that cannot be its key [P]."""
    return invalid_job(
        f"Field name provided, {field} does not match an External ID, Salesforce Id, or indexed field for "
        f"{object_name}"
    )


def feature_not_enabled(message: str) -> BulkError:
    """The query is of a kind that the job's content type has no form for [P]."""
    return BulkError("FeatureNotEnabled", message)


def client_input(message: str) -> BulkError:
    """The rows are not in the form that the job announced."""
    return BulkError("ClientInputError", message)
