"""`ampsandbox simulate` as a user calls it."""

from __future__ import annotations

import io
import json
import signal
from pathlib import Path

import jsonschema
import pytest
import yaml

from ampsandbox.capacity.traffic_model import (
    BurstEntry,
    CrmEntry,
    OtherUseEntry,
    OutageEntry,
    TrafficEntry,
    TrafficFile,
    json_schema,
)
from ampsandbox.cli.main import main
from ampsandbox.cli.progress_bar import ProgressBar

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "sample_configs"
MANIFEST = str(SAMPLES / "contact-sync.yaml")
SMALL = """\
groups: 2
days: 1
traffic: [{endpoint: update-contact, writes_per_day: 300}]
crms: [{provider: salesforce, edition: professional}]
"""


@pytest.fixture
def traffic(tmp_path: Path) -> Path:
    """A small traffic file."""
    path = tmp_path / "traffic.yaml"
    path.write_text(SMALL)
    return path


def _simulate(*arguments: object) -> int:
    return main(["simulate", MANIFEST, "--workers", "1", *map(str, arguments)])


def test_the_answer_comes_first_and_yes_is_exit_code_0(
    traffic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _simulate("--traffic", traffic, "--compare", "every 1 hours,0 6,18 * * *") == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("Yes: all 2 groups stay within the day's calls;")
    assert "  every 1 hours " in printed.out
    assert "  0 6,18 * * * " in printed.out
    assert max(map(len, printed.out.splitlines())) <= 80
    assert printed.err == ""


def test_no_is_exit_code_1(traffic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    traffic.write_text(SMALL.replace("professional", "professional, daily_requests: 5"))
    assert _simulate("--traffic", traffic) == 1
    assert capsys.readouterr().out.startswith("No: 2 of 2 groups run out of calls")


def test_options_go_before_the_file(traffic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _simulate("--traffic", traffic, "--groups", 1, "--days", 2, "--seed", "x", "--format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["groups"], document["days"], document["seed"]) == (1, 2, "x")
    assert [each["name"] for each in document["variants"]] == ["as given", "unbatched"]


def test_a_name_that_ends_in_html_gets_a_page(traffic: Path, tmp_path: Path) -> None:
    assert _simulate("--traffic", traffic, "--output", tmp_path / "r.html") == 0
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_without_a_traffic_file_the_plain_assumptions_are_simulated_and_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _simulate("--groups", 1, "--days", 1) == 0
    printed = capsys.readouterr()
    assert "plain assumptions" in printed.err
    assert "* The traffic is made up: 500 writes a day for each of 1 object in Salesforce." in printed.out


def test_the_plain_assumptions_can_be_printed_and_given_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _simulate("--print-traffic") == 0
    (tmp_path / "t.yaml").write_text(capsys.readouterr().out)
    assert _simulate("--traffic", tmp_path / "t.yaml", "--groups", 1, "--days", 1) == 0


def test_findings_are_shown_as_check_shows_them(traffic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    traffic.write_text(SMALL.replace("update-contact", "update-contct"))
    assert _simulate("--traffic", traffic) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"{traffic}:3:22: error: There is no endpoint “update-contct”. [unknown-endpoint]" in printed.err
    assert "  = Did you mean “update-contact”?" in printed.err
    assert "1 error, 0 warnings" in printed.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--compare", "every 15"), "--compare 'every 15'"),
        (("--groups", "1000001"), "--groups is at most 1,000,000."),
        (("--traffic", "gone.yaml"), "no file gone.yaml"),
        (("--output", "gone/r.html", "--groups", "1", "--days", "1"), "gone/r.html cannot be written"),
    ],
)
def test_a_wrong_call_is_exit_code_2(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _simulate(*arguments) == 2
    assert words in capsys.readouterr().err


def test_ctrl_c_keeps_what_it_has_and_says_that_it_is_partial(
    traffic: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(bar: ProgressBar, share: float, words: str) -> None:
        if share:
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(ProgressBar, "show", press)
    assert _simulate("--traffic", traffic, "--groups", 500) == 130
    printed = capsys.readouterr()
    assert printed.out.startswith("Only ")
    assert "of 500 groups were simulated. Yes:" in printed.out
    assert signal.getsignal(signal.SIGINT) is before


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_progress_bar_is_drawn_on_terminals_alone() -> None:
    terminal, file = _Terminal(), io.StringIO()
    for stream in (terminal, file):
        bar = ProgressBar(stream)
        bar.show(0.5, "20 groups")
        bar.clear()
    assert "[############............]  50%  20 groups" in terminal.getvalue()
    assert file.getvalue() == ""


def test_the_schema_takes_the_samples_and_refuses_unknown_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--traffic"]) == 0
    schema = json.loads(capsys.readouterr().out)
    for sample in (SAMPLES / "traffic").iterdir():
        content = json.loads(json.dumps(yaml.safe_load(sample.read_text()), default=str))
        jsonschema.validate(content, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"gruops": 1}, json_schema())


def test_the_page_names_every_key() -> None:
    page = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    models = (TrafficFile, TrafficEntry, BurstEntry, CrmEntry, OtherUseEntry, OutageEntry)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []
