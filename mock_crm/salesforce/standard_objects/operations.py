"""Which standard objects the API only reads, does not create, does not change or does not delete."""

from __future__ import annotations

from typing import Final

READ_ONLY: Final = frozenset(
    {"AccountHistory", "AsyncApexJob", "CaseHistory", "CaseStatus", "ContactHistory", "CronJobDetail",
     "CronTrigger", "LeadHistory", "LeadStatus", "LoginHistory", "OpportunityFieldHistory",
     "OpportunityHistory", "OpportunityStage", "TaskStatus", "UserLicense"}
)  # fmt: skip
SETUP: Final = frozenset(
    {"FieldPermissions", "Group", "GroupMember", "ObjectPermissions", "PermissionSet",
     "PermissionSetAssignment", "Profile", "QueueSobject", "RecordType", "User", "UserRole"}
)  # fmt: skip
"""Objects of an org's setup, which are not created together with others."""
NOT_CREATED: Final = READ_ONLY | {"ContentDocument", "Organization"}
NOT_UPDATED: Final = READ_ONLY | {"GroupMember", "QueueSobject", "TopicAssignment"}
NOT_DELETED: Final = READ_ONLY | {"BusinessHours", "BusinessProcess", "ContentVersion"}
