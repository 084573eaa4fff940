"""The sandbox in Python tests, with pytest or any other framework.

from ampsandbox.testing import Sandbox

with Sandbox("amp.yaml", groups=["acme"]) as sandbox:
    sandbox.send("create-account", {"name": "Big Co."}, group="acme")
    sandbox.assert_written("account", {"name": "Big Co."})
"""

from ampsandbox.engine.model import Batch, Operation
from ampsandbox.service.diff import Diff, RecordChange
from ampsandbox.testing.crm import CrmView, FaultsView
from ampsandbox.testing.sandbox import Sandbox
from ampsandbox.testing.strict import Strictness

__all__ = ["Batch", "CrmView", "Diff", "FaultsView", "Operation", "RecordChange", "Sandbox", "Strictness"]
