"""A sandbox that was started on a manifest with errors, once they are mended."""

from __future__ import annotations

import time
from pathlib import Path

from ampsandbox.server.runner import Runner, RunnerOptions

SAMPLE = Path(__file__).parent.parent.parent / "sample_configs" / "mailmonkey.yaml"
TIMEOUT_S = 20.0


def test_the_groups_of_the_start_are_installed_when_the_manifest_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "amp.yaml"
    path.write_text("integrations: 1\n")
    options = RunnerOptions(manifest=path, host=None, groups=("acme",), use_environment=False)
    with Runner(options) as runner:
        assert runner.engine.installations.all() == []
        path.write_text(SAMPLE.read_text())
        end = time.monotonic() + TIMEOUT_S
        while len(runner.engine.installations.all()) < 2 and time.monotonic() < end:
            time.sleep(0.05)  # the watcher sees the file on its own thread
        assert {item.group for item in runner.engine.installations.all()} == {"acme"}
