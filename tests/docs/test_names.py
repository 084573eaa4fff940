"""What the documents name exists, and what exists is named."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ampsandbox import pytest_plugin
from ampsandbox.cli.main import COMMANDS, build_parser
from ampsandbox.testing import Sandbox, Strictness

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")


class Options:
    """Takes what the plugin adds to pytest's parser."""

    def __init__(self) -> None:
        self.ini: list[str] = []
        self.flags: list[str] = []

    def addini(self, name: str, *_: Any, **__: Any) -> None:
        self.ini.append(name)

    def getgroup(self, *_: Any) -> Options:
        return self

    def addoption(self, *names: str, **_: Any) -> None:
        self.flags += names


@pytest.fixture
def plugin_options() -> Options:
    options = Options()
    pytest_plugin.pytest_addoption(options)  # type: ignore[arg-type]
    return options


def test_every_setting_of_the_plugin_is_documented(plugin_options: Options) -> None:
    for name in [*plugin_options.ini, *plugin_options.flags]:
        assert f"`{name}" in GUIDE, name
    for argument in pytest_plugin._MARKER_OPTIONS:
        assert re.search(rf"\b{argument}=", GUIDE), argument
    for check in Strictness.__dataclass_fields__:
        assert f"`{check}`" in GUIDE, check


def test_every_fixture_is_documented() -> None:
    names = [name for name in vars(pytest_plugin) if name.startswith("amp_sandbox")]
    assert len(names) == 3
    for name in names:
        assert name in GUIDE, name


def test_every_method_of_the_sandbox_is_documented() -> None:
    inside = {"start", "stop", "is_as_started", "accepted", "unread_refusals", "still_waiting", "manifest"}
    for name in dir(Sandbox):
        if not name.startswith("_") and name not in inside:
            assert re.search(rf"\b{name}\b", GUIDE), name


def test_every_command_is_in_the_readme() -> None:
    for command in COMMANDS:
        assert f"| `{command}` |" in README, command


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                yield from _parsers(sub)


def test_every_flag_that_the_documents_name_exists(plugin_options: Options) -> None:
    known = {flag for parser in _parsers(build_parser()) for flag in parser._option_string_actions}
    pytests = {"--junit-xml", "--strict-markers"}
    for text in (README, GUIDE):
        spans = re.findall(r"`(--[\w-]+)", text)
        ours = [line for line in text.splitlines() if re.search(r"(\$ |`)(scripts/run|ampsandbox) ", line)]
        named = {*spans, *re.findall(r"(?<!\S)(--[a-z][\w-]*)", " ".join(ours))}
        assert named - known - set(plugin_options.flags) - pytests == set()


def test_every_flag_explains_itself() -> None:
    for parser in _parsers(build_parser()):
        for action in parser._actions:
            is_shown = action.help != argparse.SUPPRESS and not isinstance(action, argparse._SubParsersAction)
            if action.option_strings and is_shown:
                assert action.help or action.type is float, f"{parser.prog} {action.option_strings}"
