"""Every refusal of the HubSpot mock: status, texts and the order of keys; one module per subject.

Each factory names the evidence for its wording: live (recorded from HubSpot), documented, reported (tests of
others claim it), or unverified. Importers use this package as one namespace.
"""

from mock_crm.hubspot.errors.access import *  # noqa: F403
from mock_crm.hubspot.errors.associations import *  # noqa: F403
from mock_crm.hubspot.errors.definitions import *  # noqa: F403
from mock_crm.hubspot.errors.lists import *  # noqa: F403
from mock_crm.hubspot.errors.pipelines import *  # noqa: F403
from mock_crm.hubspot.errors.property_values import *  # noqa: F403
from mock_crm.hubspot.errors.records import *  # noqa: F403
from mock_crm.hubspot.errors.refusal import *  # noqa: F403
from mock_crm.hubspot.errors.requests import *  # noqa: F403
