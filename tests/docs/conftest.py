"""Reads the documents, and does what their console blocks show."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LEARNED = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-zA-Z]{15,18}")
_SHIM = f'ampsandbox() {{ {shlex.quote(sys.executable)} -m ampsandbox "$@"; }}\n'


@dataclass
class Step:
    """One command of a console block and what the document shows of its output."""

    command: str
    shown: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether the shell has the whole command."""
        try:
            shlex.split(self.command, comments=True)
        except ValueError:
            return False
        return not self.command.endswith("\\")


def blocks(path: Path, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return [text for kind, text in _FENCE.findall(path.read_text(encoding="utf-8")) if kind == language]


def steps(block: str) -> list[Step]:
    """The commands of a console block."""
    found: list[Step] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Step(re.sub(r"scripts/run (?=\w)", "ampsandbox ", line[2:])))
        elif found and not found[-1].is_complete:
            found[-1].command += "\n" + line
        else:
            found[-1].shown.append(line)
    return found


class Console:
    """A shell in a folder with a manifest, where servers that a document starts keep running."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._learned: dict[str, str] = {}
        self._running: list[subprocess.Popen[str]] = []
        (folder / "sample_configs").symlink_to(ROOT / "sample_configs")
        (folder / "amp.yaml").write_text((ROOT / "sample_configs" / "mailmonkey.yaml").read_text())
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("AMPSANDBOX", "XDG_"))
        }
        self._environment = kept | {"HOME": str(folder), "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1"}

    def do(self, step: Step) -> None:
        """Run a command, and hold its output against the one shown."""
        command = step.command
        for shown, actual in self._learned.items():
            command = command.replace(shown, actual)
        is_server = re.match(r"ampsandbox (serve|mock)\b", command) is not None
        output = self._serve(command) if is_server else self._run(command)
        shown = "\n".join(step.shown)
        if shown.startswith(("{", "[")):
            self._compare(shown, output)
        elif shown:
            assert output.rstrip("\n") == shown

    def _run(self, command: str) -> str:
        result = subprocess.run(
            ["bash", "-c", _SHIM + command],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
        return result.stdout

    def _serve(self, command: str) -> str:
        words = [sys.executable, "-m", *shlex.split(command, comments=True)]
        port = [] if "--port" in words else ["--port", "0"]
        process = subprocess.Popen(
            [*words, *port],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._running.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        ready = json.loads(line)
        self._learned["http://127.0.0.1:4001"] = ready["url"]
        self._environment["AMPSANDBOX_URL"] = ready["url"]
        return line

    def _compare(self, shown: str, output: str) -> None:
        wanted = re.sub(r"(?<=\":)…", '"…"', re.sub(r", ?…(?=})", ',"…":"…"', shown))
        self._match(json.loads(wanted), json.loads(output), "$")

    def _match(self, shown: Any, actual: Any, where: str) -> None:
        if shown == "…":
            return
        if isinstance(shown, dict):
            missing = set(shown) - {"…"} - set(actual)
            unknown = set() if "…" in shown else set(actual) - set(shown)
            assert not missing | unknown, f"{where}: {missing or unknown}"
            for name in set(shown) - {"…"}:
                self._match(shown[name], actual[name], f"{where}.{name}")
        elif isinstance(shown, list):
            assert len(shown) == len(actual), where
            for number, (one, other) in enumerate(zip(shown, actual, strict=True)):
                self._match(one, other, f"{where}[{number}]")
        elif isinstance(shown, str) and isinstance(actual, str) and shown != actual:
            self._match_text(shown, actual, where)
        elif not where.endswith(".pid"):
            assert shown == actual, where

    def _match_text(self, shown: str, actual: str, where: str) -> None:
        if re.fullmatch(r"[0-9a-f]{8}-…", shown):
            return
        if _LEARNED.fullmatch(shown) or shown in self._learned:
            assert len(shown) == len(actual) or shown in self._learned, where
            self._learned[shown] = actual
        else:
            assert fnmatch.fnmatchcase(actual, shown.replace("…", "*")), (
                f"{where}: {actual!r}, shown {shown!r}"
            )

    def close(self) -> None:
        """Stop the servers; those that serve a sandbox end with 0."""
        for process in self._running:
            os.kill(process.pid, signal.SIGTERM)
            process.communicate(timeout=20)
            assert process.returncode == 0


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path)
    yield made
    made.close()


@pytest.fixture
def read_blocks() -> Any:
    return blocks


@pytest.fixture
def read_steps() -> Any:
    return steps
