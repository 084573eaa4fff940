"""The command line as a whole: near misses, standard input, outputs that take not everything."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ampsandbox.cli.main import main
from ampsandbox.cli.terminal import harmless_json, json_text, table

MANIFEST = Path(__file__).parent.parent.parent / "sample_configs" / "mailmonkey.yaml"


@pytest.mark.parametrize(
    ("line", "usage", "meant"),
    [
        ("chek amp.yaml", "ampsandbox", "check"),
        ("ctl operatons", "ampsandbox ctl", "operations"),
        ("check --formt json", "ampsandbox check", "--format"),
        ("check --format=jsn", "ampsandbox check", "json"),
        ("ctl operations --limt=3", "ampsandbox ctl operations", "--limit"),
        ("send create-account name=x --grup acme", "ampsandbox send", "--group"),
    ],
)
def test_a_near_miss_is_named_beside_the_usage_of_its_command(
    capsys: pytest.CaptureFixture[str], line: str, usage: str, meant: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.startswith(f"usage: {usage} [")
    assert said.rstrip().endswith(f"Did you mean '{meant}'?")


def test_what_is_far_from_everything_gets_no_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "--zzzzzz"])
    assert "Did you mean" not in capsys.readouterr().err


@pytest.mark.parametrize("command", ["preview", "convert", "check"])
def test_a_dash_stands_for_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main([command, str(MANIFEST)]) == 0
    from_file = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(MANIFEST.read_bytes())))
    assert main([command, "-"]) == 0
    assert capsys.readouterr().out == from_file


def test_what_is_wrong_on_standard_input_is_named_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"specVersion: [")))
    assert main(["preview", "-"]) == 2
    assert "stdin:2:1: " in capsys.readouterr().err


def run(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command in a shell, whose `ampsandbox` is this one."""
    line = command.replace("ampsandbox", f"{sys.executable} -m ampsandbox.cli.main")
    environment = {**os.environ, **variables}
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=environment, check=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_said_in_a_line() -> None:
    ended = run("ampsandbox schema > /dev/full")
    assert ended.returncode == 2
    assert ended.stderr == "ampsandbox: The output cannot be written: No space left on device.\n"


def test_a_reader_that_goes_away_is_no_error() -> None:
    ended = run("set -o pipefail; ampsandbox schema | head -1")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "{\n", "")


def test_what_an_ascii_terminal_cannot_show_is_shown_as_its_code(tmp_path: Path) -> None:
    text = MANIFEST.read_text(encoding="utf-8").replace("MailMonkey for Salesforce", "Über")
    (tmp_path / "amp.yaml").write_text(text, encoding="utf-8")
    ended = run(f"ampsandbox preview {tmp_path}", PYTHONIOENCODING="ascii")
    assert ended.returncode == 0, ended.stderr
    assert "\\xdcber" in ended.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_knows_commands_options_and_choices(
    capsys: pytest.CaptureFixture[str], shell: str
) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(word in script for word in ("dead-letters", "--allow-production", "sarif"))


def test_the_completion_of_bash_completes(capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "bash"])
    script = capsys.readouterr().out
    typed = 'COMP_WORDS=(ampsandbox che); COMP_CWORD=1; _shtab_ampsandbox; echo "${COMPREPLY[@]}"'
    ended = subprocess.run(
        ["bash"], input=f"{script}\n{typed}\n", capture_output=True, text=True, check=False
    )
    assert ended.stdout.split() == ["check"], ended.stderr


def test_a_table_has_a_row_for_each_object_and_only_columns_that_say_something() -> None:
    rows = [{"id": "a", "count": 10, "errors": []}, {"id": "bbb", "count": 0, "errors": []}]
    assert table(rows).splitlines() == ["id   count", "a    10", "bbb  0"]
    assert table({"now": "2026", "none": None, "list": [1, {"a": True}]}).splitlines() == [
        "now   2026",
        "none",
        'list  [1,{"a":true}]',
    ]
    assert table(["x\x1b[31m\n"]) == "x\\u{1b}[31m\\u{a}"
    assert table([{"long": "x" * 500}]).splitlines()[1] == "x" * 57 + "..."
    assert table([]) == ""


def test_json_stays_json_where_the_output_is_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    assert json_text({"a": "Ü"}) == '{"a":"Ü"}'
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert json_text({"a": "Ü"}) == '{"a":"\\u00dc"}'


@pytest.mark.parametrize("text", ["\u202eabc", "\x9b31m", "\u2028", "\U000e0041", "\x1b[31m\x07\x00"])
def test_json_for_a_terminal_holds_nothing_that_it_would_act_on(text: str) -> None:
    value = {"name": f"Zo\u00eb {text} \u4e2d"}
    shown = harmless_json(json.dumps(value, ensure_ascii=False))
    assert shown.isprintable()
    assert json.loads(shown) == value
    assert "Zo\u00eb" in shown
