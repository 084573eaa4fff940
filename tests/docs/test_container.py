"""The Containerfile builds from the repository, and the examples for CI say what the program understands.

No container engine is needed: a linter reads the file, and its steps are done in a clean folder.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from ampsandbox.cli.main import build_parser

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "tests" / "examples" / "ci"


@dataclass
class Containerfile:
    """The instructions of the file, in order."""

    instructions: list[tuple[str, str]]

    @classmethod
    def read(cls) -> Containerfile:
        text = re.sub(r"^#.*\n", "", (ROOT / "Containerfile").read_text(), flags=re.MULTILINE)
        lines = text.replace("\\\n", " ").splitlines()
        return cls(
            [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines if line)]
        )

    def all(self, name: str) -> list[str]:
        return [rest for kind, rest in self.instructions if kind == name]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the COPY and RUN steps make, in a folder with nothing else in it."""
    if not _is_importable("hatchling"):
        pytest.skip("hatchling is not installed, and nothing is downloaded here")
    folder = tmp_path_factory.mktemp("image")
    for copy in Containerfile.read().all("COPY"):
        *sources, target = copy.split()
        for source in sources:
            place = folder / target if target != "./" else folder / source
            (shutil.copytree if (ROOT / source).is_dir() else shutil.copy)(ROOT / source, place)
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "bin" / "useradd").symlink_to("/bin/true")
    environment = {
        **os.environ,
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "PIP_TARGET": str(folder / "installed"),
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
    }
    for run in Containerfile.read().all("RUN"):
        # The interpreter is called by its own path, so that it finds the build backend of its environment.
        command = run.replace("python ", f"{shlex.quote(sys.executable)} ")
        result = subprocess.run(
            ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
    return folder


def _is_importable(name: str) -> bool:
    return subprocess.run([sys.executable, "-c", f"import {name}"], check=False).returncode == 0


@pytest.mark.skipif(
    not (Path(sys.executable).parent / "hadolint").exists(), reason="hadolint is not installed"
)
def test_the_linter_has_no_objection() -> None:
    linter = Path(sys.executable).parent / "hadolint"
    result = subprocess.run(
        [linter, "--no-color", ROOT / "Containerfile"], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (0, "")


def test_the_image_serves_until_it_is_told_to_stop(image: Path, tmp_path: Path) -> None:
    file = Containerfile.read()
    shutil.copy(ROOT / "sample_configs" / "mailmonkey.yaml", tmp_path / "amp.yaml")
    [entry], [command] = map(json.loads, file.all("ENTRYPOINT")), map(json.loads, file.all("CMD"))
    arguments = [sys.executable, "-P", "-m", *entry, *command, "--host", "127.0.0.1", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(image / "installed")}
    with subprocess.Popen(
        arguments, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with urllib.request.urlopen(f"{url}/_sandbox/health") as answer:
            assert json.load(answer) == {"status": "ok"}
        [check] = file.all("HEALTHCHECK")
        [probe] = re.findall(r"\[.*\]", check)
        _, *rest = json.loads(probe)
        probe_command = [sys.executable, *(word.replace("http://127.0.0.1:4001", url) for word in rest)]
        assert subprocess.run(probe_command, check=False).returncode == 0
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_the_image_has_no_tests_and_all_data(image: Path) -> None:
    installed = {path.name for path in (image / "installed").iterdir()}
    assert {"ampsandbox", "mock_crm"} <= installed
    assert "tests" not in installed
    for package in ("ampsandbox", "mock_crm"):
        data = [p for p in (ROOT / package).rglob("*") if p.suffix in (".json", ".tcss")]
        assert data
        for path in data:
            assert (image / "installed" / path.relative_to(ROOT)).exists(), path


def test_the_image_does_not_run_as_root() -> None:
    assert Containerfile.read().all("USER") == ["10001"]


def test_the_compose_example_says_what_the_program_understands() -> None:
    services = yaml.safe_load((EXAMPLES / "compose.yaml").read_text())["services"]
    sandbox, tests = services["sandbox"], services["tests"]
    assert (EXAMPLES / sandbox["build"]["context"] / sandbox["build"]["dockerfile"]).exists()
    args = build_parser().parse_args(sandbox["command"])
    assert args.allow_host == ["sandbox"]
    assert tests["environment"]["AMPSANDBOX_URL"] == "http://sandbox:4001"
    for service in services.values():
        for volume in service["volumes"]:
            assert (EXAMPLES / volume.partition(":")[0]).is_file(), volume


def test_the_workflow_example_says_what_the_program_understands() -> None:
    jobs = yaml.safe_load((EXAMPLES / "workflow.yaml").read_text())["jobs"]
    lines = [
        line
        for job in jobs.values()
        for step in job["steps"]
        for line in step.get("run", "").splitlines()
        if line.startswith("ampsandbox ")
    ]
    assert len(lines) == 2
    for line in lines:
        assert build_parser().parse_args(shlex.split(line.removesuffix("&"))[1:])
