"""Every block of code in the documents does what it shows."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ampsandbox.cli.main import build_parser
from ampsandbox.settings import load_settings

ROOT = Path(__file__).parent.parent.parent


def _documents() -> list[str]:
    listed = [path for pattern in ("*.md", "docs/**/*.md") for path in ROOT.glob(pattern)]
    return sorted(str(path.relative_to(ROOT)) for path in listed if "```" in path.read_text(encoding="utf-8"))


def _needs_a_real_org(block: str) -> bool:
    return "--settings sandbox.yaml" in block


@pytest.mark.parametrize("document", _documents())
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_console_blocks_show_what_happens(
    console: Any, read_blocks: Any, read_steps: Any, document: str
) -> None:
    for block in read_blocks(ROOT / document, "console"):
        if _needs_a_real_org(block):
            continue
        for step in read_steps(block):
            script = re.match(r"scripts/\w+", step.command)
            if script:
                assert (ROOT / script[0]).stat().st_mode & 0o111, f"{script[0]} cannot be run"
            else:
                console.do(step)


@pytest.mark.parametrize("document", _documents())
def test_commands_that_need_a_real_org_are_spelled_right(
    read_blocks: Any, read_steps: Any, document: str
) -> None:
    import shlex

    for block in read_blocks(ROOT / document, "console"):
        for step in read_steps(block) if _needs_a_real_org(block) else ():
            _, *arguments = shlex.split(step.command, comments=True)
            assert callable(build_parser().parse_args(arguments).run)


@pytest.mark.parametrize("document", _documents())
def test_python_blocks_are_tests_that_pass(
    pytester: pytest.Pytester, read_blocks: Any, document: str
) -> None:
    found = read_blocks(ROOT / document, "python")
    if not found:
        return
    manifest = (ROOT / "sample_configs" / "mailmonkey.yaml").read_text()
    pytester.path.joinpath("amp.yaml").write_text(manifest)
    for number, block in enumerate(found):
        pytester.path.joinpath(f"test_block_{number}.py").write_text(block)
    pytester.makeini(
        "[pytest]\naddopts = --strict-markers -p no:asyncio -p no:randomly\nfilterwarnings = error\n"
    )
    result = pytester.runpytest_subprocess()
    outcomes = result.parseoutcomes()
    assert outcomes.pop("passed") == sum(block.count("def test_") for block in found)
    assert outcomes == {}


def _yaml_blocks() -> list[tuple[str, str]]:
    fence = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    return [
        (document, block)
        for document in _documents()
        for block in fence.findall((ROOT / document).read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("document", "block"), _yaml_blocks())
def test_yaml_blocks_are_taken(document: str, block: str, tmp_path: Path) -> None:
    if "connections:" in block:
        path = tmp_path / "sandbox.yaml"
        path.write_text(block)
        variables = dict.fromkeys(re.findall(r"\$\{(\w+)\}", block), "value")
        assert load_settings(path, variables).connections
    elif block.startswith("webhooks:"):
        path = tmp_path / "sandbox.yaml"
        path.write_text(block)
        assert load_settings(path, {}).webhooks
    elif block.startswith("repos:"):
        hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
        named = {hook["id"] for repo in yaml.safe_load(block)["repos"] for hook in repo["hooks"]}
        assert named <= {hook["id"] for hook in hooks}
    elif block.startswith("on:"):
        jobs = yaml.safe_load(block)["jobs"].values()
        steps = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
        assert any("ampsandbox check" in step for step in steps)
    elif "\ntraffic:" in block:
        samples = (ROOT / "sample_configs" / "traffic").iterdir()
        assert block in {sample.read_text(encoding="utf-8") for sample in samples}, document
    elif block.startswith("ids:"):
        path = tmp_path / "sandbox.yaml"
        path.write_text(block)
        assert load_settings(path, {}).ids
    else:
        assert re.fullmatch(r"# yaml-language-server: \$schema=\S+\.json\n", block), document


def test_the_documents_name_files_that_exist() -> None:
    for document in _documents():
        path = ROOT / document
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{document}: {target}"


def test_the_scripts_are_shell(tmp_path: Path) -> None:
    scripts = [path for path in (ROOT / "scripts").iterdir() if path.is_file() and path.suffix != ".py"]
    for script in [*scripts, ROOT / ".ci" / "run"]:
        assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
