"""The commands as a user meets them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ampsandbox.cli.main import main


class _Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def test_check_of_a_clean_file_says_so_on_stderr(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(samples / "mailmonkey.yaml")]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert "nothing to complain about" in output.err


@pytest.mark.parametrize(
    ("text", "code"),
    [("integrations: []", 1), ("integrations: [", 2), ("a: \0", 2), ("a: &a [*a]", 2), ("- 1", 1)],
)
def test_the_exit_code_tells_errors_from_unreadable_files(
    monkeypatch: pytest.MonkeyPatch, text: str, code: int
) -> None:
    monkeypatch.setattr(sys, "stdin", _Stdin(text.encode()))
    assert main(["check", "-"]) == code


def test_a_missing_file_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "nowhere.yaml")]) == 2
    assert "nowhere.yaml" in capsys.readouterr().err


def test_strict_turns_the_exit_code(samples: Path) -> None:
    path = str(samples / "write-actions.yaml")
    assert main(["check", path]) == 0
    assert main(["check", "--strict", path]) == 1


def test_check_json_is_the_only_thing_on_stdout(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", "json", str(samples / "write-actions.yaml")]) == 0
    output = capsys.readouterr()
    assert json.loads(output.out)["warnings"] == 2
    assert output.err == ""


def test_preview_takes_names_from_the_command_line(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(samples / "write-actions.yaml")
    assert main(["preview", path, "--app-name", "MailMonkey", "--group", "acme"]) == 0
    assert "Let's integrate MailMonkey with your Salesforce instance *acme*." in capsys.readouterr().out


def test_preview_of_an_unknown_integration_names_the_known(
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["preview", str(samples / "mailmonkey.yaml"), "--integration", "x"]) == 1
    assert "mailmonkey-hubspot" in capsys.readouterr().err


def test_convert_prints_the_manifest_and_tells_the_losses(
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(samples / "mailmonkey.yaml")]) == 0
    output = capsys.readouterr()
    assert output.out.startswith("specVersion: 1.0.0\n")
    assert "Not carried over:" in output.err


def test_convert_leaves_todays_format_as_it_is(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = samples / "today.yaml"
    assert main(["convert", str(path)]) == 0
    assert capsys.readouterr().out == path.read_text()


def test_checking_imports_nothing_heavy(samples: Path) -> None:
    code = (
        "import sys; from ampsandbox.cli.main import main; code = main(sys.argv[1:]);"
        "heavy = {'pydantic', 'httpx', 'textual', 'starlette', 'asyncio'} & set(sys.modules);"
        "assert not heavy, heavy; sys.exit(code)"
    )
    for command in (["check"], ["preview", "--format", "html"], ["convert"]):
        arguments = [sys.executable, "-c", code, *command, str(samples / "mailmonkey.yaml")]
        subprocess.run(arguments, check=True, capture_output=True)


def test_several_manifests_are_checked_in_one_call(
    tmp_path: Path, samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "amp.yaml"
    wrong.write_text("specVersion: 1.0.0\nintegrations: []\n", encoding="utf-8")
    assert main(["check", str(samples / "today.yaml"), str(wrong)]) == 1
    output = capsys.readouterr()
    assert "today.yaml: nothing to complain about" in output.err
    assert "[integration-structure]" in output.out
    assert main(["check", "--format", "json", str(wrong), str(wrong)]) == 2


def test_the_target_decides_what_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "amp.yaml"
    path.write_text(
        "specVersion: 1.0.0\nintegrations:\n  - name: a\n    provider: g2\n"
        "    write: {objects: [{objectName: lists}]}\n",
        encoding="utf-8",
    )
    assert main(["check", str(path)]) == 0
    assert main(["check", "--target", "deploy", str(path)]) == 1
    assert "error: G2 does not support `write`" in capsys.readouterr().out
    path.write_text("integrations: [", encoding="utf-8")
    assert main(["check", str(path)]) == 2
    assert main(["check", "--target", "deploy", str(path)]) == 1


@pytest.mark.parametrize("typo", ["api: saleforce", "standardObject:", "customFeilds:", "mode: isnert"])
def test_a_typo_is_an_error_that_a_fix_mends(tmp_path: Path, samples: Path, typo: str) -> None:
    right = {
        "api: saleforce": "api: salesforce",
        "standardObject:": "standardObjects:",
        "customFeilds:": "customFields:",
        "mode: isnert": "mode: insert",
    }
    text = (samples / "mailmonkey.yaml").read_text(encoding="utf-8")
    path = tmp_path / "amp.yaml"
    path.write_text(text.replace(right[typo], typo, 1), encoding="utf-8")
    assert main(["check", str(path)]) == 1
    assert main(["check", "--fix", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == text
