"""django-salesforce by its own test suite, as its release carries it.

`tests/real_clients/install_python_clients` puts it into an environment of its own; without that these tests
are skipped.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from .conftest import started

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ampsandbox" / "python-clients"
PYTHON = Path(os.environ.get("AMPSANDBOX_PYTHON_CLIENTS") or CACHE) / "bin" / "python"
SETTINGS = """
from salesforce.testrunner.settings import *
DATABASES["default"]["NAME"] = ":memory:"
DATABASES["salesforce"].update(
    CONSUMER_KEY="k" * 60, CONSUMER_SECRET="s", USER="user@example.com", PASSWORD="p", HOST={url!r}
)
"""
SUITES = ("test_basic", "test_bulk", "test_documents", "test_integration")


@pytest.mark.slow
@pytest.mark.client("django-salesforce")
@pytest.mark.skipif(not PYTHON.exists(), reason="django-salesforce is not installed")
def test_the_suite_of_django_salesforce_passes(ca_dir: Path, tmp_path: Path) -> None:
    suites = [f"salesforce.tests.{name}" for name in SUITES]
    # An org of its own: the suite asks for the user that it signs in as, who is the first one to sign in.
    with started("salesforce", ca_dir) as mock:
        (tmp_path / "mock_settings.py").write_text(SETTINGS.format(url=mock.https_url), encoding="utf-8")
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mock_settings",
            "PYTHONPATH": str(tmp_path),
            "REQUESTS_CA_BUNDLE": mock.ca,
        }
        done = subprocess.run(
            [str(PYTHON), "-m", "django", "test", "--keepdb", *suites],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    assert int(done.stderr.rpartition("Ran ")[2].split()[0]) > 90
