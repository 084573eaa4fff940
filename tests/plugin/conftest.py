"""A project with a manifest of its own, whose tests pytester runs."""

from __future__ import annotations

import sys

import pytest
from _pytest.pytester import SysModulesSnapshot

MANIFEST = """\
specVersion: 0.1.0
integrations:
  - name: crm
    displayName: CRM
    api: salesforce
    actions:
      - type: write
        standardObjects:
          - objectName: account
            mode: insert
            endpoint: create-account
            customFields:
              - fieldName: tier
                displayName: Tier
          - objectName: lead
            mode: insert
            endpoint: create-lead
            schedule: every 2 hours
          - objectName: contact
            mode: update
            endpoint: update-contact
"""


@pytest.fixture(autouse=True)
def modules_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the runs inside a test share our imports: a package imported twice disagrees with itself."""
    forget = SysModulesSnapshot.restore

    def forget_only_what_the_test_made(self: SysModulesSnapshot) -> None:
        kept = {name: module for name, module in sys.modules.items() if _is_installed(module)}
        forget(self)
        sys.modules.update(kept)

    monkeypatch.setattr(SysModulesSnapshot, "restore", forget_only_what_the_test_made)


def _is_installed(module: object) -> bool:
    return "pytest-of-" not in str(getattr(module, "__file__", None) or "")


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with `amp.yaml`, whose pytest is as strict as ours."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.path.joinpath("amp.yaml").write_text(MANIFEST)
    pytester.makeini(
        "[pytest]\n"
        "addopts = --strict-markers --strict-config -p no:asyncio -p no:randomly -p no:cacheprovider\n"
        "filterwarnings = error\n"
    )
    return pytester
