"""Every refusal of the mock Salesforce: its code, HTTP status, text, and its form in each API.

One module per subject; importers use this package as one namespace. The functions make one refusal each;
their docstrings name the row of evidence/salesforce.md#errors and its tag: [A] recorded bodies, [C] recorded
traffic, [R] restforce fixtures, [K] client code, [P] public issues, [D] Salesforce's docs, [M] memory, soft.
"""

from mock_crm.salesforce.errors.records import *  # noqa: F403
from mock_crm.salesforce.errors.refusal import *  # noqa: F403
from mock_crm.salesforce.errors.requests import *  # noqa: F403
from mock_crm.salesforce.errors.standard_objects import *  # noqa: F403
