"""The worked examples for other languages run as they stand."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.server.conftest import Serve

EXAMPLES = Path(__file__).parent.parent / "examples"


def _run(serve: Serve, *command: str) -> subprocess.CompletedProcess[str]:
    served = serve("sample_configs/mailmonkey.yaml", "--ephemeral", "--speed", "0")
    environment = {**os.environ, "AMPSANDBOX_URL": served.url}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_the_node_example_passes(serve: Serve) -> None:
    result = _run(serve, "node", "--test", str(EXAMPLES / "leads.test.mjs"))
    assert result.returncode == 0, result.stdout
    assert "# pass 3" in result.stdout


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="curl or jq is not installed")
def test_the_shell_example_passes(serve: Serve) -> None:
    result = _run(serve, str(EXAMPLES / "leads.sh"))
    assert (result.returncode, result.stdout) == (0, 'ok: ["Ann"]\n'), result.stderr
