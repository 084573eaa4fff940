"""SOQL: parsing, evaluating, and the REST resources that take it.

result = soql.execute(org, "SELECT Id FROM Account")
result.records
"""

from __future__ import annotations

from mock_crm.salesforce.soql.errors import SoqlError
from mock_crm.salesforce.soql.queries import execute
from mock_crm.salesforce.soql.result import QueryResult

__all__ = ["QueryResult", "SoqlError", "execute"]
